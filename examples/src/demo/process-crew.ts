import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Crew } from './crew.js';
import type { WorkerOrder } from './worker.js';
import type { WorkerReport } from './worker-report.js';

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));
/** In ms: what a worker may take, on a busy machine, to finish its update and release its lock. */
const GRACE = 30_000;

/** Each worker is a process with connections of its own. */
export class ProcessCrew implements Crew {
  readonly #children: readonly ChildProcess[];
  readonly #gone: Promise<unknown>;
  readonly #failure = new AbortController();
  readonly #report: (worker: string, report: WorkerReport) => void;
  #isDismissed = false;

  constructor(
    workers: readonly string[],
    order: Omit<WorkerOrder, 'worker'>,
    report: (worker: string, report: WorkerReport) => void,
  ) {
    this.#report = report;
    this.#children = workers.map((worker) =>
      fork(WORKER, [JSON.stringify({ ...order, worker })], {
        execArgv: [],
        // What it has to complain of must not fall into the table.
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      }),
    );
    this.#gone = Promise.all(
      this.#children.map((child, index) => this.#watch(child, workers[index] ?? '')),
    );
  }

  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  async dismiss(): Promise<void> {
    this.#isDismissed = true;
    for (const child of this.#children) {
      // One that has just died cannot be told; its end is seen anyway.
      if (child.connected) child.send('stop', () => {});
    }
    const grace = setTimeout(() => {
      for (const child of this.#children) child.kill('SIGKILL');
    }, GRACE);
    await this.#gone;
    clearTimeout(grace);
  }

  /** Resolves when the worker is gone and everything it said has been heard. */
  async #watch(child: ChildProcess, worker: string): Promise<void> {
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('message', (message: WorkerReport | null) => {
      if (message !== null) this.#report(worker, message);
    });
    try {
      const [[code, signal]] = await Promise.all([once(child, 'close'), once(child, 'disconnect')]);
      if (code === 0 && this.#isDismissed) return;
      this.#fail(worker, `it ended with ${signal ?? `status ${code}`}`, complaint);
    } catch (error) {
      this.#fail(worker, 'it could not be started', String(error));
    }
  }

  #fail(worker: string, how: string, why: string): void {
    this.#failure.abort(new Error(`${worker} failed: ${how}\n${why}`.trimEnd()));
  }
}
