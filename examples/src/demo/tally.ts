import type { WorkerReport } from './worker-report.js';

/** What the workers of one phase have done, all together. */
export class Tally {
  /** What the counter should say. */
  updates = 0;
  overlaps = 0;
  firstOverlap: string | null = null;
  /** How often a worker did not get the lock in time, or lost it, and went on. */
  setbacks = 0;
  kills = 0;
  returns = 0;
  /** What the counter says, when the phase is over. */
  counter: number | null = null;
  /** How long the phase has taken, in ms, when it is over. */
  time = 0;
  readonly #waits: number[] = [];

  note(worker: string, report: WorkerReport): void {
    if (report.kind === 'inside') this.#waits.push(report.wait);
    if (report.kind === 'updated') this.updates++;
    if (report.kind === 'setback') this.setbacks++;
    if (report.kind === 'overlap') {
      this.overlaps++;
      this.firstOverlap ??= `${worker} came in while ${report.other} was inside`;
    }
  }

  /** How often a worker went in. */
  get entries(): number {
    return this.#waits.length;
  }

  get lost(): number {
    return this.updates - (this.counter ?? this.updates);
  }

  /** @param share 0.5 for the median, 0.99 for what only one wait in a hundred exceeds */
  waitPercentile(share: number): number {
    const sorted = this.#waits.toSorted((a, b) => a - b);
    return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0;
  }
}
