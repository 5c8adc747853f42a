import { setTimeout as sleep } from 'node:timers/promises';
import type { AcquireOptions, Redlock, Routine } from 'redlock-core';

type Method = (
  resources: string | readonly string[],
  ttl: number,
  options: AcquireOptions,
  routine: Routine<unknown>,
) => Promise<unknown>;

/** The work under the locks of one Redlock, as far as it is run by `using` or by a decorator. */
export class Drain {
  readonly #held = new Set<Promise<void>>();

  /** Counts the work of `using` and `tryUsing`, which it replaces on this Redlock. */
  watch(redlock: Redlock): void {
    redlock.using = this.#watched(redlock.using.bind(redlock));
    redlock.tryUsing = this.#watched(redlock.tryUsing.bind(redlock)) as typeof redlock.tryUsing;
    drains.set(redlock, this);
  }

  #watched(method: Method) {
    return async (
      resources: string | readonly string[],
      ttl: number,
      ...rest: [Routine<unknown>] | [AcquireOptions, Routine<unknown>]
    ): Promise<unknown> => {
      const [options, routine] = rest.length === 1 ? [{}, rest[0]] : rest;
      let end: (() => void) | undefined;
      const counted: Routine<unknown> = (signal, lock) => {
        end = this.#hold();
        return routine(signal, lock);
      };
      try {
        const isRoutine = typeof routine === 'function';
        return await method(resources, ttl, options, isRoutine ? counted : routine);
      } finally {
        end?.();
      }
    };
  }

  /**
   * Records that a lock is held.
   * @returns a function that records its end, after the release
   */
  #hold(): () => void {
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
  async end(ms: number): Promise<void> {
    if (this.#held.size === 0) return;
    const drained = new AbortController();
    const timeout = sleep(ms, undefined, { signal: drained.signal }).catch(() => {});
    await Promise.race([Promise.all(this.#held), timeout]);
    drained.abort();
  }
}

const drains = new WeakMap<object, Drain>();

/** The drain of a Redlock that the module has made; `undefined`: the module has not made it. */
export function drainOf(redlock: object): Drain | undefined {
  return drains.get(redlock);
}
