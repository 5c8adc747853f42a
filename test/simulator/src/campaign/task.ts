import type { Plan } from '../plan/plan.js';
import type { Violation } from '../run/scene.js';
import type { Terms } from '../run/simulation.js';
import type { Line, Span } from '../story/story.js';
import type { Tally } from '../run/tally.js';

/** Seeds that a worker is to run, up to the first that fails. */
export interface Task extends Terms {
  readonly first: number;
  readonly count: number;
}

/** What became of a run that is of interest by itself. */
export interface Report {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly digest: string;
  readonly plan: Plan;
  readonly lines: readonly Line[];
  readonly spans: readonly Span[];
}

export interface TaskResult {
  readonly schedules: number;
  readonly events: number;
  readonly tally: Tally['counts'];
  /** Of all runs. */
  readonly digest: string;
  /** The last run, where it failed or was told. */
  readonly report: Report | null;
}
