import { systemRuntime, type Runtime } from '../time/runtime.js';
import { SortedSet } from './sorted-set.js';

/** An error reply, as opposed to a mistake in this imitation. */
export class ErrorReply extends Error {}

interface Entry {
  readonly value: string | SortedSet;
  /** When the key expires, on the clock of the node. */
  readonly expiresAt: number;
}

/** The keys of a memory node, which expire: strings and sorted sets. */
export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  /** At this size, expired keys that no command names are dropped. */
  #sweepAt = 1000;

  /** @param clock the clock of the node */
  constructor(readonly clock: Pick<Runtime, 'now' | 'wallNow'> = systemRuntime) {}

  /** The clock of the node in whole ms. Keys expire by it, so every absolute time of a command is one of this clock. */
  get now(): number {
    return Math.floor(this.clock.now());
  }

  /** What TIME says, in whole microseconds. */
  get micros(): number {
    return Math.floor(this.clock.wallNow() * 1000);
  }

  /** The value of a key, as MGET has it; null: there is none, or it is no string. */
  get(key: string): string | null {
    const value = this.#entry(key)?.value;
    return typeof value === 'string' ? value : null;
  }

  has(key: string): boolean {
    return this.#entry(key) !== null && !this.#isEmpty(key);
  }

  /** @throws ErrorReply if the key is no string */
  string(key: string): string | null {
    if (this.sortedSet(key)) throw wrongType();
    return this.get(key);
  }

  /** The sorted set that a key has; null: it has none. */
  sortedSet(key: string): SortedSet | null {
    const value = this.#entry(key)?.value;
    return value instanceof SortedSet && value.size > 0 ? value : null;
  }

  /** @throws ErrorReply if the key is no sorted set */
  members(key: string): readonly string[] {
    if (this.get(key) !== null) throw wrongType();
    return this.sortedSet(key)?.members ?? [];
  }

  /**
   * Adds a member to the sorted set of a key, or gives it another score.
   * @param ttl for how many ms the set stays at least
   * @throws ErrorReply if the key is no sorted set
   */
  addTo(key: string, member: string, score: number, ttl: number): SortedSet {
    if (this.get(key) !== null) throw wrongType();
    const set = this.sortedSet(key) ?? new SortedSet();
    set.add(member, score);
    const expiresAt = this.has(key) ? this.expiresAt(key) : -Infinity;
    this.setUntil(key, set, Math.max(expiresAt, this.clock.now() + ttl));
    return set;
  }

  removeFrom(key: string, member: string): void {
    this.sortedSet(key)?.delete(member);
  }

  /** The time until a key expires in ms, as PTTL returns it; -1: it never does; -2: there is no key. */
  remaining(key: string): number {
    if (!this.has(key)) return -2;
    const expiresAt = this.expiresAt(key);
    return expiresAt === Infinity ? -1 : Math.ceil(expiresAt - this.clock.now());
  }

  /** When a key expires, on the clock of the node; Infinity: it never does, or there is none. */
  expiresAt(key: string): number {
    return this.#entry(key)?.expiresAt ?? Infinity;
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

  /** Replaces the value of a key, and keeps its expiry. */
  replace(key: string, value: string): void {
    this.setUntil(key, value, this.expiresAt(key));
  }

  /**
   * Makes a key expire later, never earlier.
   * @param ttl in ms, from now
   */
  prolong(key: string, ttl: number): void {
    const entry = this.#entry(key);
    if (entry && entry.expiresAt < this.clock.now() + ttl) this.set(key, entry.value, ttl);
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

  /** A sorted set without members is no key. */
  #isEmpty(key: string): boolean {
    return this.get(key) === null && this.sortedSet(key) === null;
  }

  #sweep(): void {
    for (const key of this.#entries.keys()) this.#entry(key);
    this.#sweepAt = Math.max(1000, this.#entries.size * 2);
  }
}

function wrongType(): ErrorReply {
  return new ErrorReply('WRONGTYPE Operation against a key holding the wrong kind of value');
}
