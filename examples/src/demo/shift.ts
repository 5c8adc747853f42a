import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockLostError, QuorumError, type Redlock, ResourceLockedError } from 'redlock-core';
import { CounterFile } from './counter-file.js';
import { MarkerFile } from './marker-file.js';
import type { WorkerReport } from './worker-report.js';

/** What is locked is a name; it stands for the file by agreement among the workers. */
const RESOURCE = 'demo:counter';
/** In ms: how long the nodes keep the lock for a worker that has died. While it lives, it extends. */
const TTL = 3000;
/** In ms: long enough for the others' turns, and for a moment with too few nodes. */
const WAIT = 10_000;
/** In ms: what an update takes between its read and its write, at most. */
const LONGEST_UPDATE = 15;
/** In ms: what a worker does between two updates, away from the file, at most. */
const LONGEST_BREAK = 50;

export interface Assignment {
  readonly worker: string;
  /** Where the counter is. */
  readonly folder: string;
  /** null: without a lock. */
  readonly redlock: Redlock | null;
  /** Ends the shift, after the update under way. */
  readonly stop: AbortSignal;
  readonly report: (report: WorkerReport) => void;
}

/** One worker's work: adds 1 to the counter in the file, again and again. */
export class Shift {
  readonly #redlock: Redlock | null;
  readonly #stop: AbortSignal;
  readonly #report: (report: WorkerReport) => void;
  readonly #counter: CounterFile;
  readonly #marker: MarkerFile;
  #waitingSince: number | null = null;

  constructor({ worker, folder, redlock, stop, report }: Assignment) {
    this.#redlock = redlock;
    this.#stop = stop;
    this.#report = report;
    this.#counter = new CounterFile(folder);
    this.#marker = new MarkerFile(folder, worker);
  }

  async work(): Promise<void> {
    while (!this.#stop.aborted) {
      if (this.#waitingSince === null) this.#report({ kind: 'waiting' });
      this.#waitingSince ??= performance.now();
      if (this.#redlock === null) await this.#update();
      else await this.#updateUnderLock(this.#redlock);
      await sleep(randomInt(LONGEST_BREAK + 1));
    }
  }

  /** The library at work: everything in the routine happens while no other worker is in it. */
  async #updateUnderLock(redlock: Redlock): Promise<void> {
    try {
      const options = { wait: WAIT, signal: this.#stop };
      await redlock.using(RESOURCE, TTL, options, (signal) => this.#update(signal));
    } catch (error) {
      if (error === this.#stop.reason) return;
      // Busy, or too many nodes away for now, or the lock was lost on the way: worth another try.
      // Anything else is a fault.
      if (ResourceLockedError.is(error) || QuorumError.is(error) || LockLostError.is(error)) {
        this.#report({ kind: 'setback', code: error.code });
        return;
      }
      throw error;
    }
  }

  /** Read, modify, write: right only if nobody else writes in between. */
  async #update(signal?: AbortSignal): Promise<void> {
    const wait = performance.now() - (this.#waitingSince ?? performance.now());
    this.#report({ kind: 'inside', wait });
    const other = await this.#marker.enter();
    if (other !== null) this.#report({ kind: 'overlap', other });
    try {
      const value = await this.#counter.read();
      await sleep(randomInt(LONGEST_UPDATE + 1));
      // The lock may be lost by now, and another worker at it.
      signal?.throwIfAborted();
      await this.#counter.write(value + 1);
      this.#waitingSince = null;
      this.#report({ kind: 'updated' });
    } finally {
      await this.#marker.leave();
    }
  }
}
