import { isReserved, LockKeys, SHARED, type Keyspace } from '../core.js';

/**
 * The tokens of shared holders of a key, and the reservations for processes that want to be some. Each has the time at
 * which it ends, by the clock by which the node expires keys.
 */
export type Sharers = ReadonlyMap<string, number>;

const NOBODY: Sharers = new Map();

/** Perf: the name of a set is needed at each command. */
const sets = new Map<string, string>();

/** The key of the set of shared holders of another key. */
export function setOf(key: string): string {
  const known = sets.get(key) ?? new LockKeys([key], false, true).sets[0] ?? '';
  sets.set(key, known);
  return known;
}

/** Those who share a key and whose time is not over; nobody, if it is not shared. */
export function sharersOn(keyspace: Keyspace, key: string): Sharers {
  return keyspace.get(key) === SHARED ? livingIn(keyspace, setOf(key)) : NOBODY;
}

/** The members of a set whose time is not over, whatever the key itself says. */
export function livingIn(keyspace: Keyspace, setKey: string): Sharers {
  const set = keyspace.sortedSet(setKey);
  if (!set) return NOBODY;
  const now = keyspace.clock.now();
  const living = new Map<string, number>();
  for (const member of set.members) {
    const end = set.score(member) ?? 0;
    if (end > now) living.set(member, end);
  }
  return living;
}

/** The tokens among those who share a key. */
export function tokensOf(sharers: Sharers): readonly string[] {
  return [...sharers.keys()].filter((member) => !isReserved(member));
}

/** The tokens that hold a key: one that is exclusive, or any number of shared ones. */
export function holdersOn(keyspace: Keyspace, key: string): readonly string[] {
  const value = keyspace.get(key);
  if (value === SHARED) return tokensOf(sharersOn(keyspace, key));
  return value === null || isReserved(value) ? [] : [value];
}

/** Whether a token holds a key, as the only one or with others. */
export function isHeldBy(keyspace: Keyspace, key: string, token: string): boolean {
  return keyspace.get(key) === token || sharersOn(keyspace, key).has(token);
}
