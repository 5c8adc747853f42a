import { closeSync, openSync } from 'node:fs';

/**
 * Whether this process has a terminal that controls it. The terminal then sends Ctrl-C and Ctrl-Z to all processes of the
 * foreground group, whatever stdin and stdout are.
 */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false;
  }
}
