import type { Random } from 'test-kit/random';
import type { Plan } from '../plan/plan.js';

/** One of these is chosen each time. */
type Choice = readonly [number, ...number[]];

/** How long a job takes for what it does. Where a lock must not be lost, some hold it for long while others come and go. */
export interface Pace {
  /** Of `ttl`, as are all below. */
  readonly ttls: Choice;
  readonly rests: Choice;
  readonly works: Choice;
  readonly extensions: Choice;
  readonly pauses: Choice;
  readonly polls: Choice;
  /** How many times as many operations. */
  readonly turns: number;
}

const ANY: Pace = {
  ttls: [0.3, 0.7, 1, 1, 2],
  rests: [0, 0, 0.3, 1],
  works: [0, 0.1, 0.5, 1.2],
  extensions: [0, 0, 1, 2],
  pauses: [0, 0.3, 0.8],
  polls: [0.2, 0.5, 1],
  turns: 1,
};
const LONG: Pace = {
  ...ANY,
  ttls: [1, 2],
  works: [0.1, 0.3, 0.6, 1],
  extensions: [2, 4, 6],
  pauses: [0.05, 0.2, 0.5],
};
const ENDURING: Pace = {
  ...LONG,
  ttls: [1],
  rests: [0],
  works: [8, 20],
  extensions: [0],
  turns: 3,
};
/** Longer than the attempt of another process stands still. */
const UNENDING: Pace = { ...ENDURING, works: [30, 60], turns: 1 };
const BRIEF: Pace = {
  ...ANY,
  ttls: [0.3, 0.5],
  rests: [0, 0.1, 0.3],
  works: [0, 0, 0.1],
  extensions: [0],
  polls: [0.03, 0.1, 0.3],
  turns: 3,
};

/** Short locks in turn, and rare polls: without notifications, all would wait for long. */
const CROWD: Pace = {
  ...ANY,
  ttls: [1],
  rests: [0, 0, 0.1],
  works: [0, 0.02, 0.1],
  extensions: [0, 0, 0, 1],
  polls: [0.5, 2, 5],
};

/** @param isBesieged whether the job holds for long what all others want */
export function paceOf(plan: Plan, isBesieged: boolean, random: Random): Pace {
  return random.pick(pacesOf(plan, isBesieged));
}

function pacesOf({ kind, faults }: Plan, isBesieged: boolean): readonly [Pace, ...Pace[]] {
  if (isBesieged) return [kind === 'stall' ? UNENDING : ENDURING];
  if (kind === 'siege' || kind === 'stall') return [BRIEF];
  if (kind === 'wild') return [LONG, BRIEF];
  if (kind === 'crowd') return [CROWD];
  return faults.amnesia > 0 ? [ANY, LONG, BRIEF] : [ANY];
}
