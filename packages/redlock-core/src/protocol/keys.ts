import { quote } from '../errors.js';
import type { LockMode } from '../options.js';
import { hashTagOf, slotOf } from './routing.js';

const COUNTER = ':fencing';
const QUEUE = ':waiting';
const SET = ':shared';
const HELPER = /:(?:fencing|waiting|shared)$/;
const PERMITS_QUEUE = ':permits:waiting';
const PERMIT = /^(.*\{.+\}.*):permit:(?:0|[1-9]\d{0,2})$/s;

/** The keys of one lock on the nodes. Perf: memory of a lock. Names of helper keys are made when a command needs them. */
export class LockKeys {
  constructor(
    /** One key for each resource, `keyPrefix + resource`. It holds the token. */
    readonly keys: readonly string[],
    readonly fenced: boolean,
    readonly mode: LockMode = 'exclusive',
    /** Whether each key can have a queue and a set of shared holders in its Cluster slot. */
    readonly queued = true,
    /** For semaphores: the one queue of all permits, which permit the key is, and how many permits there are. */
    readonly semaphore: SemaphoreKeys | null = null,
  ) {}

  /** The fencing counters: one for each key; none without fencing. */
  get counters(): readonly string[] {
    return this.fenced ? this.keys.map(counterOf) : [];
  }

  /** The queues: one for each key. */
  get queues(): readonly string[] {
    return this.semaphore ? [this.semaphore.queue] : this.keys.map(queueOf);
  }

  /** The sets of shared holders: one for each key. */
  get sets(): readonly string[] {
    return this.keys.map(setOf);
  }

  /** For semaphores: the keys of all permits. Otherwise none. */
  get permitKeys(): readonly string[] {
    return this.semaphore?.permitKeys ?? [];
  }

  /** The same keys for another permit of the semaphore. */
  ofPermit(permit: number): LockKeys {
    const { semaphore, fenced } = this;
    if (!semaphore) return this;
    return new LockKeys([semaphore.keyOf(permit)], fenced, 'exclusive', true, semaphore);
  }

  /** For semaphores: the number of the permit; null: the keys belong to no semaphore. */
  get permit(): number | null {
    const [key = ''] = this.keys;
    return this.semaphore ? Number(key.slice(key.lastIndexOf(':') + 1)) : null;
  }
}

/** What the keys of all permits of one semaphore have in common. */
export class SemaphoreKeys {
  /** The one queue of all permits. */
  readonly queue: string;
  readonly #stem: string;
  #permitKeys: readonly string[] | null = null;

  /** @param permits how many there are; 0: unknown, because a permit is adopted by its resource */
  constructor(
    name: string,
    keyPrefix: string,
    readonly permits: number,
  ) {
    this.#stem = keyPrefix + helperOf(name, ':permit:');
    this.queue = keyPrefix + helperOf(name, PERMITS_QUEUE);
  }

  keyOf(permit: number): string {
    return this.#stem + String(permit);
  }

  get permitKeys(): readonly string[] {
    this.#permitKeys ??= Array.from({ length: this.permits }, (_, permit) => this.keyOf(permit));
    return this.#permitKeys;
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
  return new LockKeys(keys, fenced, mode, queued);
}

/** The resource whose lock is a permit: `{name}:permit:3`, or `name::permit:3` if the name has a hash tag. */
export function permitResource(semaphore: string, permit: number): string {
  return helperOf(semaphore, `:permit:${permit}`);
}

/**
 * A helper key must be in the key's Cluster slot. So the whole key becomes the hash tag, `{x}:fencing`; a key that has a
 * hash tag keeps it, `{x}::fencing`. With one colon in both, `x` and `{x}` would share a counter.
 */
function helperOf(key: string, suffix: string): string {
  return (hashTagOf(key) === null ? `{${key}}` : `${key}:`) + suffix;
}

export function counterOf(key: string): string {
  return helperOf(key, COUNTER);
}

export function queueOf(key: string): string {
  return helperOf(key, QUEUE);
}

export function setOf(key: string): string {
  return helperOf(key, SET);
}

/** Whether a key is the key of a semaphore's permit. */
export function isPermitKey(key: string): boolean {
  return PERMIT.test(key);
}

/** Whether a key could be a helper key of another one, or the queue of a semaphore. */
export function isHelperKey(key: string): boolean {
  if (key.endsWith(PERMITS_QUEUE) && /\{.+\}/s.test(key)) return true;
  const at = key.search(HELPER);
  if (at < 0) return false;
  const stem = key.slice(0, at);
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
