import type { Operation } from './operation.js';

// What script/batch.lua is told of an operation, and where that depends on what it does.

/** The letter by which script/batch.lua knows what an operation does. */
export function letterOf(operation: Operation): string {
  const { kind, fence, entries } = operation;
  const what = leavingKind(operation) ?? kind;
  if (isShared(operation)) return SHARED_LETTERS[what];
  if (asksForPermit(operation)) return fence === null ? 'p' : 'P';
  if (kind === 'grant' && entries) return fence === null ? 'q' : 'Q';
  return (fence === null ? LETTERS : FENCED_LETTERS)[what];
}

function isShared({ claim }: Operation): boolean {
  return claim.lockKeys.mode === 'shared';
}

/** Whether a command names the queues of the operation's keys. */
export function hasQueues(operation: Operation): boolean {
  return operation.kind === 'inspect' || hasEntries(operation) || asksForPermit(operation);
}

const NO_SETS: readonly string[] = [];

/** The sets of shared holders that a command names for an operation. */
export function setsOf(operation: Operation): readonly string[] {
  const { lockKeys } = operation.claim;
  if (hasQueues(operation) || isShared(operation)) return lockKeys.sets;
  return operation.kind === 'grant' ? lockKeys.setsOfGrant : NO_SETS;
}

/** Whether an operation is a grant of a permit, which a semaphore has others like. */
export function asksForPermit({ kind, claim }: Operation): boolean {
  return kind === 'grant' && claim.lockKeys.permits > 0;
}

/** Whether it has an entry for each key, although that may be empty. */
export function hasEntries(operation: Operation): boolean {
  const { kind, entries } = operation;
  if (kind === 'release') return leavingKind(operation) === undefined;
  return kind === 'leave' || (kind === 'grant' && (Boolean(entries) || isShared(operation)));
}

/** The expiry that an operation sets, in ms; null: none. */
export function expiryOf(operation: Operation): number | null {
  const { kind, ttl, keepFor = 0 } = operation;
  if (kind === 'release') return leavingKind(operation) === 'keep' ? keepFor : null;
  return kind === 'inspect' || kind === 'leave' ? null : ttl;
}

/** How a release leaves the keys to a successor; `undefined` for every other operation. */
function leavingKind({
  kind,
  successor = null,
  keepFor = 0,
}: Operation): 'keep' | 'swap' | undefined {
  if (kind !== 'release' || successor === null) return undefined;
  return keepFor > 0 ? 'keep' : 'swap';
}

const LETTERS: Record<Operation['kind'] | 'keep' | 'swap', string> = {
  grant: 'g',
  adopt: 'a',
  extend: 'e',
  confirm: 'c',
  heal: 'h',
  release: 'r',
  // A release of nothing: no key holds its token.
  leave: 'r',
  keep: 'k',
  swap: 's',
  inspect: 'i',
};

const FENCED_LETTERS: typeof LETTERS = {
  ...LETTERS,
  grant: 'G',
  adopt: 'A',
  extend: 'E',
  confirm: 'C',
  heal: 'H',
};

const SHARED_LETTERS: typeof LETTERS = {
  ...LETTERS,
  grant: 'b',
  adopt: 'd',
  extend: 'x',
  heal: 'u',
  keep: 'l',
  swap: 't',
};
