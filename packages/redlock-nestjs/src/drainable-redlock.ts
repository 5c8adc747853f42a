import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock, type AcquireOptions, type Routine } from 'redlock-core';

/** A Redlock that knows when the work under its locks has ended, as far as the work is run by `using` or by a decorator. */
export class DrainableRedlock extends Redlock {
  readonly #held = new Set<Promise<void>>();

  override async using<T>(
    resources: string | readonly string[],
    ttl: number,
    ...rest: [Routine<T>] | [AcquireOptions, Routine<T>]
  ): Promise<T> {
    const [options, routine] = rest.length === 1 ? [{}, rest[0]] : rest;
    let end: (() => void) | undefined;
    const noted: Routine<T> = (signal, lock) => {
      end = this.hold();
      return routine(signal, lock);
    };
    try {
      return await super.using(
        resources,
        ttl,
        options,
        typeof routine === 'function' ? noted : routine,
      );
    } finally {
      end?.();
    }
  }

  /**
   * Records that a lock is held.
   * @returns a function that records its end, after the release
   */
  hold(): () => void {
    let end: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#held.add(held);
    return () => {
      this.#held.delete(held);
      end?.();
    };
  }

  /** Resolves when the locks that are held now have been released, or after `ms`. */
  async drain(ms: number): Promise<void> {
    if (this.#held.size === 0) return;
    const drained = new AbortController();
    const timeout = sleep(ms, undefined, { signal: drained.signal }).catch(() => {});
    await Promise.race([Promise.all(this.#held), timeout]);
    drained.abort();
  }
}
