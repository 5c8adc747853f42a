import { operationsIn, type EncodedOperation } from '../core.js';

/** Perf: every node is given the same command, and several oracles read it, each time somebody sends or executes it. */
const known = new WeakMap<readonly string[], readonly EncodedOperation[]>();

/** Whether an operation is a try that enters queues if it is denied. */
export function isQueueTry({ letter, entries }: EncodedOperation): boolean {
  const [entry = ''] = entries;
  return letter === 'q' || ('bp'.includes(letter) && entry !== '' && !entry.startsWith('?'));
}

/** Whether an operation asks for its keys. */
export function isTry({ letter }: EncodedOperation): boolean {
  return 'gqbp'.includes(letter);
}

/** Whether a command asks for a key. */
export function asksFor(command: readonly string[], key: string): boolean {
  return encodedIn(command).some((operation) => isTry(operation) && operation.keys.includes(key));
}

/** Whether an operation may take a permit that is reserved for another process, because a node has called its own. */
export function isOfCalled({ letter, entries }: EncodedOperation): boolean {
  return letter === 'p' && entries[0]?.startsWith('*') === true;
}

/** The operations of a command, as an adapter is given it. */
export function encodedIn(command: readonly string[]): readonly EncodedOperation[] {
  const decoded = known.get(command) ?? [...operationsIn(command)];
  known.set(command, decoded);
  return decoded;
}
