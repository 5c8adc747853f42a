import { setTimeout as sleep } from 'node:timers/promises';
import { LockLostError, type Redlock } from 'redlock-core';
import { pace, until } from 'test-kit';

/** Contenders that enter critical sections again and again, and a record of who met whom there. */
export class CriticalSections {
  readonly #inside = new Map<string, number>();
  readonly #finish = new AbortController();
  readonly #workers: Promise<unknown>;
  /** Of sections that somebody entered while somebody was in. */
  readonly overlaps: string[] = [];
  done = 0;

  constructor(
    contenders: readonly Redlock[],
    { resources, workers, ttl }: { resources: readonly string[]; workers: number; ttl: number },
  ) {
    const work = async (redlock: Redlock): Promise<void> => {
      for (let i = 0; !this.#finish.signal.aborted; i++) {
        const resource = resources[i % resources.length] ?? '';
        try {
          await redlock.using(resource, ttl, { wait: 2 * pace.limit }, () => this.#enter(resource));
        } catch (error) {
          // With a holder stopped for that long, only its own trust is gone.
          if (!LockLostError.is(error)) throw error;
        }
      }
    };
    this.#workers = Promise.all(
      contenders.flatMap((redlock) => Array.from({ length: workers }, () => work(redlock))),
    );
    this.#workers.catch(() => this.#finish.abort());
  }

  /** Resolves when 25 more sections are over, or a contender has failed. */
  async progress(when: string): Promise<void> {
    const wanted = this.done + 25;
    await until(
      `25 more sections ${when}`,
      () => this.done >= wanted || this.#finish.signal.aborted,
    );
  }

  /** Resolves when nobody is inside any more; rejects with what a contender failed with. */
  async finish(): Promise<void> {
    this.#finish.abort();
    await this.#workers;
  }

  async #enter(resource: string): Promise<void> {
    const others = this.#inside.get(resource) ?? 0;
    this.#inside.set(resource, others + 1);
    if (others > 0) this.overlaps.push(resource);
    await sleep(Math.random() * 3);
    this.#inside.set(resource, (this.#inside.get(resource) ?? 0) - 1);
    this.done++;
  }
}
