import { decode, type EncodedOperation, SCRIPTS } from './core.js';

const CARGO = { a: 'acquire', e: 'extend', r: 'release', i: 'other' } as const;

/** What a message is about. `other`: connections, subscriptions and INFO. */
export type Cargo =
  | (typeof CARGO)[keyof typeof CARGO]
  | ('granted' | 'denied' | 'done' | 'notification' | 'write' | 'accepted' | 'refused');

/** The operation that a command is about: the first that acquires, or else the first; undefined: it runs no script. */
export function operationOf(command: readonly string[]): EncodedOperation | undefined {
  const [name = '', code = '', ...args] = command;
  const script = SCRIPTS.find(({ sha, source }) => code === (name === 'eval' ? source : sha));
  const operations = script ? decode({ script, args }).operations : [];
  return operations.find(({ verb }) => verb === 'a') ?? operations[0];
}

export function cargoOf(operation: EncodedOperation | undefined): Cargo {
  return operation ? CARGO[operation.verb] : 'other';
}

/** What the reply to an operation is about. @param valueOf the value of a key after the operation */
export function replyCargo(
  operation: EncodedOperation | undefined,
  valueOf: (key: string) => string | null,
): Cargo {
  const cargo = cargoOf(operation);
  if (!operation || cargo === 'other') return 'other';
  if (cargo === 'release') return 'done';
  return operation.keys.every((key) => valueOf(key) === operation.token) ? 'granted' : 'denied';
}
