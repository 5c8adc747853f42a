import { systemRuntime, type Runtime } from '../time/runtime.js';

interface Entry {
  readonly value: string;
  /** When the key expires, on the clock of the node. */
  readonly expiresAt: number;
}

/** The keys of a memory node: strings that expire. */
export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  /** At this size, expired keys that nobody asks for are dropped. */
  #sweepAt = 1000;

  /** @param clock the clock of the node */
  constructor(readonly clock: Pick<Runtime, 'now' | 'wallNow'> = systemRuntime) {}

  get(key: string): string | null {
    return this.#entry(key)?.value ?? null;
  }

  /** The time until a key expires in ms, as PTTL returns it; -2: there is no key. */
  remaining(key: string): number {
    const entry = this.#entry(key);
    return entry ? Math.ceil(entry.expiresAt - this.clock.now()) : -2;
  }

  /** @param ttl in ms */
  set(key: string, value: string, ttl: number): void {
    this.#entries.set(key, { value, expiresAt: this.clock.now() + ttl });
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
