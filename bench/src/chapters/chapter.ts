import type { Plan } from '../plan.js';
import type { Progress } from '../progress.js';

/** What chapters are given. */
interface Assignment {
  readonly plan: Plan;
  readonly progress: Progress;
  /** Whose figures are wanted, out of some. */
  readonly wanted: (names: readonly string[]) => string[];
}

export interface Page {
  readonly markdown: string;
  /** Pictures, by file name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A part of the bench that can be run by itself. */
export interface Chapter {
  /** On the command line. */
  readonly name: string;
  readonly write: (assignment: Assignment) => Promise<Page>;
}
