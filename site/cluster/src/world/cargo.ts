import { decode, SCRIPTS, type EncodedOperation } from './core.js';

/** What a message is about, for whoever draws it. `other`: connections, subscriptions and questions. */
export type Cargo =
  | 'acquire'
  | 'extend'
  | 'release'
  | 'granted'
  | 'denied'
  | 'done'
  | 'notification'
  | 'write'
  | 'accepted'
  | 'refused'
  | 'other';

const OPERATIONS: Readonly<Record<EncodedOperation['verb'], Cargo>> = {
  a: 'acquire',
  e: 'extend',
  r: 'release',
  i: 'other',
};

/** The operations of a command; none if it is no script. */
export function operationsOf(command: readonly string[]): readonly EncodedOperation[] {
  const [name = '', code = '', ...args] = command;
  const script = SCRIPTS.find(({ sha, source }) => code === (name === 'eval' ? source : sha));
  return script ? decode({ script, args }).operations : [];
}

/** What a command is about. If it has several operations, the one that acquires counts. */
export function cargoOf(operations: readonly EncodedOperation[]): Cargo {
  const cargoes = operations.map(({ verb }) => OPERATIONS[verb]);
  return cargoes.find((cargo) => cargo === 'acquire') ?? cargoes[0] ?? 'other';
}

/**
 * What the reply to a command is about.
 * @param valueOf the value that a key has once the command is executed
 */
export function replyCargo(
  operations: readonly EncodedOperation[],
  valueOf: (key: string) => string | null,
): Cargo {
  const cargo = cargoOf(operations);
  if (cargo === 'other') return 'other';
  if (cargo === 'release') return 'done';
  const asked = operations.find(({ verb }) => OPERATIONS[verb] === cargo);
  const isOurs = asked?.keys.every((key) => valueOf(key) === asked.token);
  return isOurs ? 'granted' : 'denied';
}
