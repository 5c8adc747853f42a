/**
 * The tokens whose locks a command extends.
 * @param command as an adapter is given it: the program, its keys, then sections of operations of one kind
 */
export function extendedBy(command: readonly string[]): readonly string[] {
  const tokens: string[] = [];
  const rest = command.slice(3 + Number(command[2] ?? 0)).values();
  for (const what of rest) {
    const letter = what.charAt(0);
    const isFenced = letter !== letter.toLowerCase();
    const resources = Number(what.slice(1) || 1);
    const count = Number(rest.next().value);
    skip(rest, ('ris'.includes(letter) ? 0 : 1) + (isFenced ? 1 : 0));
    const others = (isFenced ? 1 : 0) + ('aAks'.includes(letter) ? 1 : 0);
    for (let left = count; left > 0; left--) {
      const token = rest.next().value ?? '';
      if ('eE'.includes(letter)) tokens.push(token);
      skip(rest, others + (letter === 'r' ? resources : 0));
    }
  }
  return tokens;
}

function skip(rest: Iterator<string>, count: number): void {
  for (let left = count; left > 0; left--) rest.next();
}
