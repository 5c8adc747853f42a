/**
 * How many keys a command has. Keys begin at its fourth word. Scripts are the only commands with keys that the core
 * sends.
 */
export function keyCount(args: readonly string[]): number {
  return /^eval(sha)?$/i.test(args[0] ?? '') ? Number(args[2]) : 0;
}
