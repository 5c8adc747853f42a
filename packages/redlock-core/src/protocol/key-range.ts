/** Where a command has its keys: they are its words from `start`, before `end`. Scripts alone have any. */
export function keyRange(args: readonly string[]): {
  readonly start: number;
  readonly end: number;
} {
  const [name = '', , count] = args;
  return /^eval(sha)?$/i.test(name) ? { start: 3, end: 3 + Number(count) } : { start: 0, end: 0 };
}
