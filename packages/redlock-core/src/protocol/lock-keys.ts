import { quote } from '../errors.js';
import type { LockMode } from '../mode.js';
import { hashTagOf, slotOf } from './slot.js';

/** The suffixes of helper keys: of the fencing counter, of the queue, and of the set of shared holders. */
const SUFFIXES = [':fencing', ':waiting', ':shared'] as const;
const [COUNTER_SUFFIX, QUEUE_SUFFIX, SET_SUFFIX] = SUFFIXES;

/** The suffix of the one queue that all permits of a semaphore have. What stands before it has a hash tag. */
export const PERMIT_LINE_SUFFIX = ':permits:waiting';

/** The keys of a lock on the nodes. Perf: memory of a lock. What follows from the keys is made when it is needed. */
export class LockKeys {
  constructor(
    /** One key for each resource, `keyPrefix + resource`. It holds the token. */
    readonly keys: readonly string[],
    readonly fenced: boolean,
    /** Whether nodes can have a queue of those that wait for each key, and a set of its shared holders. */
    readonly queued: boolean,
    readonly mode: LockMode = 'exclusive',
    /** Whether some node is a Cluster. */
    readonly onCluster = false,
  ) {}

  /** The fencing counters: one for each key, in its Cluster slot; none without fencing. */
  get counters(): readonly string[] {
    return this.fenced ? this.keys.map(counterOf) : [];
  }

  /**
   * The queues: one for each key, in its Cluster slot. If there can be none, the key itself is in its place: no key of a
   * lock is a queue, so nobody is ever found in it.
   */
  get queues(): readonly string[] {
    return this.queued ? this.keys.map(queueOf) : this.keys;
  }

  /** The sets of shared holders: one for each key, in its Cluster slot; as for queues if there can be none. */
  get sets(): readonly string[] {
    return this.queued ? this.keys.map(setOf) : this.keys;
  }

  /**
   * The same, for an exclusive grant that enters no queue. While a Cluster moves a slot, it refuses commands that name
   * keys there of which some are missing, and such a set nearly always is. So there, the grant does not tell who shares
   * a key.
   */
  get setsOfGrant(): readonly string[] {
    return this.onCluster ? this.keys : this.sets;
  }

  /** The names of the lines in which this process waits: one for each key, which has the name of the key. */
  get lines(): readonly string[] {
    return this.keys;
  }

  /** Of a semaphore: the number of the permit that the key stands for; null: the keys belong to no semaphore. */
  get permit(): number | null {
    return null;
  }

  /** Of a semaphore: how many permits it has; 0: the keys belong to no semaphore. */
  get permits(): number {
    return 0;
  }
}

export function lockKeysOf(
  resources: readonly string[],
  keyPrefix: string,
  fenced: boolean,
  clusters: readonly ClusterKeys[],
  mode: LockMode = 'exclusive',
): LockKeys {
  const keys = keyPrefix === '' ? resources : resources.map((resource) => keyPrefix + resource);
  const queued = clusters.every((cluster) =>
    keys.every((key) => sharesSlot(key, queueOf(key), cluster)),
  );
  return new LockKeys(keys, fenced, queued, mode, clusters.length > 0);
}

/**
 * A helper key must be in the key's Cluster slot. So the whole key becomes the hash tag, `{x}:fencing`; a key that has a
 * hash tag keeps it, `{x}::fencing`. With one colon in both, `x` and `{x}` would share a counter.
 */
export function helperOf(key: string, suffix: string): string {
  return (hashTagOf(key) === null ? `{${key}}` : `${key}:`) + suffix;
}

export function counterOf(key: string): string {
  return helperOf(key, COUNTER_SUFFIX);
}

function queueOf(key: string): string {
  return helperOf(key, QUEUE_SUFFIX);
}

export function setOf(key: string): string {
  return helperOf(key, SET_SUFFIX);
}

/** Whether a key or a line is the queue of a semaphore. No resource may have such a name. */
export function isPermitLine(name: string): boolean {
  return name.endsWith(PERMIT_LINE_SUFFIX) && /\{.+\}/s.test(name);
}

/** Whether a key could be a helper key of another one. */
export function isHelperKey(key: string): boolean {
  if (isPermitLine(key)) return true;
  const suffix = SUFFIXES.find((each) => key.endsWith(each));
  if (suffix === undefined) return false;
  const stem = key.slice(0, -suffix.length);
  if (stem.endsWith(':') && hashTagOf(stem) !== null) return true;
  return /^\{.+\}$/s.test(stem) && hashTagOf(stem.slice(1, -1)) === null;
}

/** A Cluster, as far as it matters for keys. */
export interface ClusterKeys {
  readonly name: string;
  /** The prefix that the client itself puts before each key. */
  readonly keyPrefix: string;
}

export function sharesSlot(key: string, helper: string, { keyPrefix }: ClusterKeys): boolean {
  return slotOf(keyPrefix + key) === slotOf(keyPrefix + helper);
}

/**
 * On a Cluster, all keys of a script share a slot. No helper key of `a}b` can be in its slot, because `{a}b}` has the
 * hash tag `a`.
 * @throws RangeError that names what is in another slot, and says what to do
 */
export function requireSharedSlot(
  { keys, counters, mode }: LockKeys,
  resources: readonly string[],
  cluster: ClusterKeys,
): void {
  const { name, keyPrefix } = cluster;
  const isShared = mode === 'shared';
  const helpers = isShared ? keys.map(setOf) : counters;
  const elsewhere = helpers.findIndex((helper, i) => !sharesSlot(keys[i] ?? '', helper, cluster));
  if (elsewhere >= 0) {
    const key = JSON.stringify(keys[elsewhere]);
    const what = isShared ? 'set of shared holders' : 'fencing counter';
    const otherwise = isShared ? "use mode: 'exclusive'" : 'set fencing: false';
    throw new RangeError(
      keyPrefix === ''
        ? `The key ${key} has a } but no hash tag, so on a Cluster its ${what} cannot share ` +
            `its slot; choose another name, add a hash tag, or ${otherwise}`
        : `The client of the Cluster ${name} puts a prefix of its own before the key ${key}, so its ` +
            `${what} cannot share its slot; use the keyPrefix of Redlock instead, put a hash ` +
            `tag in the prefix, or ${otherwise}`,
    );
  }
  const slots = keys.map((key) => slotOf(keyPrefix + key));
  if (slots.every((slot) => slot === slots[0])) return;
  throw new RangeError(
    `The resources ${quote(resources)} are in different slots of the Cluster ${name}; give them a hash ` +
      'tag in common, as in "{order-1}:stock" and "{order-1}:payment", or lock them one by one',
  );
}
