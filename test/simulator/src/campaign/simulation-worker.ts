import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Task, TaskResult } from './task.js';

/** Runs simulations in a thread of its own. */
export class SimulationWorker {
  readonly #worker: Worker;

  /** @param file see {@link bundle} */
  constructor(file: string) {
    this.#worker = new Worker(file, { stdout: false });
  }

  async perform(task: Task): Promise<TaskResult> {
    // Not a window's: there is no origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.#worker.postMessage(task);
    const [result] = (await once(this.#worker, 'message')) as [TaskResult];
    return result;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
