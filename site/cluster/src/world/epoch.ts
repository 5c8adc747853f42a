/** What wall clocks show when a run begins: the year 2026, in ms since 1970. */
export const EPOCH = 1_767_225_610_000;

/** The last eight digits of a fencing token. The others are the same all through a run, and hard to read. */
export function tokenText(fencingToken: number): string {
  const digits = String(fencingToken % 1e8).padStart(8, '0');
  return digits.replace(/^(..)(...)(...)$/, '$1\u202F$2\u202F$3');
}
