import type { Plan } from '../plan.js';
import type { Progress } from '../run.js';
import { contention } from './contention.js';
import { faults } from './faults.js';
import { footprint } from './footprint.js';
import { handOff } from './hand-off.js';
import { keeping } from './keeping.js';
import { delay, latency } from './latency.js';
import { growth, held } from './memory.js';
import { nodeAway } from './node-away.js';
import { semaphore } from './semaphore.js';
import { sharing } from './sharing.js';
import { throughput } from './throughput.js';

/** The run that a chapter is a part of. */
export interface Assignment {
  readonly plan: Plan;
  readonly progress: Progress;
  /** The subjects that this run measures. */
  readonly wanted: (names: readonly string[]) => string[];
  /** Takes pictures for the report, by file name. */
  readonly files: Record<string, string>;
}

/** A part of the bench that can run alone. Returns sections of Markdown. */
export type Chapter = (assignment: Assignment) => Promise<string[]>;

/** By their names on the command line, in the order of the report. */
export const CHAPTERS: Readonly<Record<string, Chapter>> = {
  latency,
  delay,
  throughput,
  'node-away': nodeAway,
  held,
  keeping,
  growth,
  'hand-off': handOff,
  contention,
  semaphore,
  faults,
  sharing,
  footprint,
};
