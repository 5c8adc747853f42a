import { operationsIn, type EncodedOperation } from '../core.js';

/** Perf: every node is given the same command, and several oracles read it, each time somebody sends or executes it. */
const known = new WeakMap<readonly string[], readonly EncodedOperation[]>();

/** Whether an operation is a try that enters queues if it is denied. */
export function isQueueTry({ letter, entries }: EncodedOperation): boolean {
  const [entry = ''] = entries;
  return letter === 'q' || (letter === 'b' && entry !== '' && !entry.startsWith('?'));
}

/** The operations of a command, as an adapter is given it. */
export function encodedIn(command: readonly string[]): readonly EncodedOperation[] {
  const decoded = known.get(command) ?? [...operationsIn(command)];
  known.set(command, decoded);
  return decoded;
}
