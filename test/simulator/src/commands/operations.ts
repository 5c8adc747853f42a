import { decode, SCRIPTS, type EncodedOperation } from '../core.js';

const NONE: readonly EncodedOperation[] = [];

/** Perf: every node is given the same command, and several oracles read it, each time somebody sends or executes it. */
const known = new WeakMap<readonly string[], readonly EncodedOperation[]>();

/** The operations of a command, as an adapter is given it. Commands that run no script of the core have none. */
export function operationsIn(command: readonly string[]): readonly EncodedOperation[] {
  const operations = known.get(command) ?? read(command);
  known.set(command, operations);
  return operations;
}

function read([name = '', code = '', ...args]: readonly string[]): readonly EncodedOperation[] {
  const byDigest = /^evalsha$/i.test(name);
  if (!byDigest && !/^eval$/i.test(name)) return NONE;
  const script = SCRIPTS.find(({ sha, source }) => code === (byDigest ? sha : source));
  return script ? decode({ script, args }).operations : NONE;
}

/** Whether an operation asks for keys that are free, as opposed to an adoption. */
export function isRequest({ verb, other }: EncodedOperation): boolean {
  return verb === 'a' && other === null;
}

/** Whether an operation ends what a token holds. A release of no lock, which only leaves queues, does so too. */
export function isRelease({ verb }: EncodedOperation): boolean {
  return verb === 'r';
}

/** Whether a command asks for a key. */
export function asksFor(command: readonly string[], key: string): boolean {
  return operationsIn(command).some(
    (operation) => isRequest(operation) && operation.keys.includes(key),
  );
}
