import { operationsIn, type EncodedOperation } from './core.js';

/** What a message is about, for whoever draws it. `other`: connections, subscriptions and questions. */
export type Cargo =
  | 'ask'
  | 'confirm'
  | 'extend'
  | 'release'
  | 'granted'
  | 'denied'
  | 'done'
  | 'call'
  | 'write'
  | 'accepted'
  | 'refused'
  | 'other';

const OPERATIONS: Readonly<Record<string, Cargo>> = {
  g: 'ask',
  q: 'ask',
  c: 'confirm',
  e: 'extend',
  h: 'extend',
  r: 'release',
};

/** The operations of a command; none if it is no script. */
export function operationsOf(command: readonly string[]): readonly EncodedOperation[] {
  return /^(eval|evalsha|set)$/i.test(command[0] ?? '') ? [...operationsIn(command)] : [];
}

/** What a command is about. If it has several operations, the one that asks for a lock counts. */
export function cargoOf(operations: readonly EncodedOperation[]): Cargo {
  const cargoes = operations.map(({ letter }) => OPERATIONS[letter] ?? 'other');
  return cargoes.find((cargo) => cargo === 'ask') ?? cargoes[0] ?? 'other';
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
  if (cargo === 'release' || cargo === 'confirm') return 'done';
  const asked = operations.find(({ letter }) => OPERATIONS[letter] === cargo);
  const isOurs = asked?.keys.every((key) => valueOf(key) === asked.token);
  return isOurs ? 'granted' : 'denied';
}
