import leven, { closestMatch } from 'leven';

/**
 * @param known the names of all options
 * @param ignored names of options that have no meaning here but may be given
 * @throws TypeError for any other option; it names the nearest known one
 */
export function requireKnown(
  options: object,
  known: ReadonlySet<string>,
  ignored?: ReadonlySet<string>,
): void {
  for (const name of Object.keys(options)) {
    if (!known.has(name) && !ignored?.has(name)) throw unknownOption(name, [...known]);
  }
}

function unknownOption(name: string, known: readonly string[]): TypeError {
  const nearest = closestMatch(name, known) ?? '';
  const isNear = known.length === 1 || leven(name, nearest) <= Math.ceil(name.length / 3);
  const instead = isNear
    ? `did you mean ${nearest}?`
    : `the nearest of ${known.join(', ')} is ${nearest}`;
  return new TypeError(`There is no option ${JSON.stringify(name)}; ${instead}`);
}
