import { setOf, SHARED, type Keyspace } from '../core.js';

/** The tokens of shared holders of a key, each with the time at which it ends, by the clock by which the node expires keys. */
export type Sharers = ReadonlyMap<string, number>;

const NONE: Sharers = new Map();

export function isSet(key: string): boolean {
  return key.endsWith(':shared');
}

/** The shared holders of a key whose time has not ended; none, if the key is not shared. */
export function sharersOn(keyspace: Keyspace, key: string): Sharers {
  return keyspace.get(key) === SHARED ? livingIn(keyspace, setOf(key)) : NONE;
}

/** The members of a set whose time has not ended, whatever the key itself says. */
export function livingIn(keyspace: Keyspace, setKey: string): Sharers {
  const set = keyspace.sortedSet(setKey);
  if (!set) return NONE;
  const { now } = keyspace;
  const living = new Map<string, number>();
  for (const member of set.members) {
    const end = set.score(member) ?? 0;
    if (end > now) living.set(member, end);
  }
  return living;
}

/** Whether a key is shared and the set of its holders is gone. It is held until it expires. */
export function isOrphaned(keyspace: Keyspace, key: string): boolean {
  return keyspace.get(key) === SHARED && keyspace.sortedSet(setOf(key)) === null;
}

/** The tokens that hold a key: one that is exclusive, or any number of shared ones. */
export function holdersOn(keyspace: Keyspace, key: string): readonly string[] {
  const value = keyspace.get(key);
  if (value === SHARED) return [...sharersOn(keyspace, key).keys()];
  return value === null ? [] : [value];
}

/** Whether a token holds a key, as the only one or with others. */
export function isHeldBy(keyspace: Keyspace, key: string, token: string): boolean {
  return keyspace.get(key) === token || sharersOn(keyspace, key).has(token);
}
