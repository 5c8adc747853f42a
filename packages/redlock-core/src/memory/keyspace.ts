import { systemRuntime, type Runtime } from '../time/runtime.js';
import { SortedSet } from './sorted-set.js';

interface Entry {
  readonly value: string | SortedSet;
  /** When the key expires, on the clock of the node. */
  readonly expiresAt: number;
}

/** The keys of a memory node, which expire: strings and sorted sets. */
export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  /** At this size, expired keys that nobody asks for are dropped. */
  #sweepAt = 1000;

  /** @param clock the clock of the node */
  constructor(readonly clock: Pick<Runtime, 'now' | 'wallNow'> = systemRuntime) {}

  /** The value of a key; null: there is none, or it is no string. */
  get(key: string): string | null {
    const value = this.#entry(key)?.value;
    return typeof value === 'string' ? value : null;
  }

  /** The sorted set that a key has; null: it has none. */
  sortedSet(key: string): SortedSet | null {
    const value = this.#entry(key)?.value;
    return value instanceof SortedSet && value.size > 0 ? value : null;
  }

  /**
   * Adds a member to the sorted set of a key, or gives it another score.
   * @param ttl for how many ms the set stays at least
   * @returns the set; null: the key has something else
   */
  addTo(key: string, member: string, score: number, ttl: number): SortedSet | null {
    if (this.get(key) !== null) return null;
    const set = this.sortedSet(key) ?? new SortedSet();
    set.add(member, score);
    this.set(key, set, Math.max(this.remaining(key), ttl));
    return set;
  }

  /** The time until a key expires in ms, as PTTL returns it; -2: there is no key. */
  remaining(key: string): number {
    const entry = this.#entry(key);
    return entry ? Math.ceil(entry.expiresAt - this.clock.now()) : -2;
  }

  /** @param ttl in ms */
  set(key: string, value: string | SortedSet, ttl: number): void {
    this.setUntil(key, value, this.clock.now() + ttl);
  }

  /** @param expiresAt on the clock of the node, in ms */
  setUntil(key: string, value: string | SortedSet, expiresAt: number): void {
    this.#entries.set(key, { value, expiresAt });
    if (this.#entries.size >= this.#sweepAt) this.#sweep();
  }

  /** Gives a key another value, and leaves its expiry as it is. */
  replace(key: string, value: string): void {
    const entry = this.#entry(key);
    if (entry) this.#entries.set(key, { ...entry, value });
  }

  /**
   * Makes a key expire later, never earlier.
   * @param ttl in ms, from now
   */
  prolong(key: string, ttl: number): void {
    const entry = this.#entry(key);
    if (entry && this.remaining(key) < ttl) this.set(key, entry.value, ttl);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  #entry(key: string): Entry | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    if (entry.expiresAt > this.clock.now()) return entry;
    this.#entries.delete(key);
    return null;
  }

  #sweep(): void {
    for (const key of this.#entries.keys()) this.#entry(key);
    this.#sweepAt = Math.max(1000, this.#entries.size * 2);
  }
}
