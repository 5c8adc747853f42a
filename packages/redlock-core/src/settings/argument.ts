import leven, { closestMatch } from 'leven';

/** The words of errors for a number that {@link isPositive} accepts. */
export const POSITIVE = 'a positive safe integer (ms)';

export function isPositive(n: number): boolean {
  return Number.isSafeInteger(n) && n > 0;
}

export function requireNumber(
  name: string,
  value: unknown,
  range: string,
  fits: (value: number) => boolean,
): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  if (!fits(value)) throw new RangeError(`${name} must be ${range}, not ${value}`);
}

export function requireBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean`);
}

export function requireTimeout(name: string, value: number): void {
  requireNumber(name, value, 'positive and finite', (n) => n > 0 && n < Infinity);
}

export function requireObject(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('options must be an object');
  }
}

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
  const distance = leven(name, nearest);
  const isPlausible = distance <= 2 && distance <= name.length / 3;
  const hint = isPlausible ? `Did you mean ${nearest}?` : `Known options: ${known.join(', ')}.`;
  return new TypeError(`There is no option ${JSON.stringify(name)}. ${hint}`);
}
