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

export function requireTimeout(name: string, value: number): void {
  requireNumber(name, value, 'positive and finite', (n) => n > 0 && n < Infinity);
}

export function requireObject(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('options must be an object');
  }
}
