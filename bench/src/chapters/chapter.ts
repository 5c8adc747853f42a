import type { Plan } from '../plan.js';
import type { Progress } from '../progress.js';

/** The run that a chapter is a part of. */
interface Assignment {
  readonly plan: Plan;
  readonly progress: Progress;
  /** The subjects that this run measures. */
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
