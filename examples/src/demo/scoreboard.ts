import { Tally } from './tally.js';
import type { WorkerReport } from './worker-report.js';

export interface WorkerScore {
  state: 'starting' | 'waiting' | 'inside' | 'resting' | 'gone';
  updates: number;
  /** In ms; null: has not been inside. */
  lastWait: number | null;
}

/** How the demo stands: what the views show. */
export class Scoreboard {
  readonly nodes: Map<string, 'up' | 'down'>;
  readonly workers: Map<string, WorkerScore>;
  readonly withoutLock = new Tally();
  readonly withLock = new Tally();
  phase: 'without a lock' | 'with the lock' = 'without a lock';
  readonly #start = performance.now();

  constructor(nodes: readonly string[], workers: readonly string[]) {
    this.nodes = new Map(nodes.map((name) => [name, 'up']));
    this.workers = new Map(
      workers.map((name) => [name, { state: 'starting', updates: 0, lastWait: null }]),
    );
  }

  /** Of the present phase. */
  get tally(): Tally {
    return this.phase === 'with the lock' ? this.withLock : this.withoutLock;
  }

  /** Since the start, in ms. */
  get time(): number {
    return performance.now() - this.#start;
  }

  begin(phase: Scoreboard['phase']): void {
    this.phase = phase;
    for (const score of this.workers.values()) {
      Object.assign(score, { state: 'starting', updates: 0, lastWait: null });
    }
  }

  note(worker: string, report: WorkerReport): void {
    this.tally.note(worker, report);
    const score = this.workers.get(worker);
    if (!score) return;
    if (report.kind === 'inside') {
      score.state = 'inside';
      score.lastWait = report.wait;
    } else if (report.kind === 'updated') {
      score.state = 'resting';
      score.updates++;
    } else if (report.kind !== 'overlap') {
      score.state = 'waiting';
    }
  }

  /** The workers of this phase have gone. */
  end(counter: number, time: number): void {
    Object.assign(this.tally, { counter, time });
    for (const score of this.workers.values()) score.state = 'gone';
  }

  nodeKilled(name: string): void {
    this.nodes.set(name, 'down');
    this.tally.kills++;
  }

  nodeBack(name: string): void {
    this.nodes.set(name, 'up');
    this.tally.returns++;
  }
}
