import { Redlock, type RedisNode } from 'redlock-core';
import type { Crew } from './crew.js';
import { Shift } from './shift.js';
import type { WorkerReport } from './worker-report.js';

/** Without servers: each worker is a task in this process, which shares only the nodes with others. */
export class TaskCrew implements Crew {
  readonly #stop = new AbortController();
  readonly #failure = new AbortController();
  readonly #gone: Promise<unknown>;

  constructor(
    workers: readonly string[],
    place: { readonly folder: string; readonly nodes: readonly RedisNode[] | null },
    report: (worker: string, report: WorkerReport) => void,
  ) {
    this.#gone = Promise.all(
      workers.map((worker) => this.#work(worker, place, (message) => report(worker, message))),
    );
  }

  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  async dismiss(): Promise<void> {
    this.#stop.abort();
    await this.#gone;
  }

  async #work(
    worker: string,
    { folder, nodes }: { readonly folder: string; readonly nodes: readonly RedisNode[] | null },
    report: (report: WorkerReport) => void,
  ): Promise<void> {
    const redlock = nodes && new Redlock(nodes);
    try {
      await new Shift({ worker, folder, redlock, stop: this.#stop.signal, report }).work();
    } catch (error) {
      this.#failure.abort(new Error(`${worker} failed: ${String(error)}`, { cause: error }));
    } finally {
      await redlock?.close();
    }
  }
}
