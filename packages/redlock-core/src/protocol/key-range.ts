/**
 * Where a command has its keys: they are its words from `start`, before `end`. The only commands with keys that the core
 * sends are scripts and SET.
 */
export function keyRange(args: readonly string[]): {
  readonly start: number;
  readonly end: number;
} {
  const [name = '', , count] = args;
  if (/^eval(sha)?$/i.test(name)) return { start: 3, end: 3 + Number(count) };
  return /^set$/i.test(name) ? { start: 1, end: 2 } : { start: 0, end: 0 };
}
