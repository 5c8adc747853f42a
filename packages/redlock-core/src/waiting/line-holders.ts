import type { Held } from './held.js';

/** The locks of this process that hold the key of a line: an exclusive one, or any number of shared ones or of permits. */
export class LineHolders {
  /** The one that was taken last. Perf: memory of held locks; most keys have one. */
  #latest: Held | null = null;
  /** Those that share the key with it. */
  #others: Set<Held> | null = null;

  get isEmpty(): boolean {
    return this.#latest === null;
  }

  /** One whose validity has not ended; null: there is none. */
  get current(): Held | null {
    if (this.#latest === null || this.#latest.remaining() > 0) return this.#latest;
    for (const lock of this.#others ?? []) if (lock.remaining() > 0) return lock;
    return null;
  }

  has(lock: Held): boolean {
    return this.#latest === lock || this.#others?.has(lock) === true;
  }

  /** Whether a lock is the only one. */
  hasOnly(lock: Held): boolean {
    return this.#latest === lock && !this.#others?.size;
  }

  /** Whether one of them is a permit. */
  hold(permit: number): boolean {
    if (this.#latest?.permit === permit) return true;
    for (const lock of this.#others ?? []) if (lock.permit === permit) return true;
    return false;
  }

  /** Adds a lock. What it does not share the key with has ended, although that may be noticed late. */
  add(lock: Held): void {
    const latest = this.#latest;
    const isBeside = lock.permit !== null || (lock.mode === 'shared' && latest?.mode === 'shared');
    if (isBeside && latest) (this.#others ??= new Set()).add(latest);
    else this.#others = null;
    this.#latest = lock;
  }

  delete(lock: Held): void {
    if (this.#latest !== lock) {
      this.#others?.delete(lock);
      return;
    }
    const [next = null] = this.#others ?? [];
    this.#latest = next;
    if (next) this.#others?.delete(next);
  }
}
