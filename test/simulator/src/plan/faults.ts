import type { Random } from 'test-kit/random';
import type { Choices } from './kinds.js';

/** Chance goes by this order. What each does: `adversary/adversary.ts`. */
export const FAULTS = [
  'slow',
  'cut',
  'reset',
  'deafen',
  'ambush',
  'crash',
  'amnesia',
  'undermine',
  'stop',
  'refuse',
  'expire',
  'pause',
  'suspend',
  'jump',
  'kill',
  'close',
  'evict',
] as const;

export type Fault = (typeof FAULTS)[number];

/** How often each happens, compared with the others. */
export type Faults = Readonly<Record<Fault, number>>;

/** From what weights those of a run are drawn; what is left out does not happen. */
export type FaultTable = Readonly<Partial<Record<Fault, Choices>>>;

const ANY: FaultTable = {
  slow: [0, 1, 2],
  cut: [0, 1, 3],
  reset: [0, 1, 3],
  deafen: [0, 1, 3],
  ambush: [0, 1, 3],
  crash: [0, 1, 2],
  stop: [0, 1, 2],
  refuse: [0, 0, 1, 2],
  pause: [0, 1, 3],
  suspend: [0, 1, 3],
  jump: [0, 1, 3],
  kill: [0, 0.3, 1],
  close: [0, 0.2],
};

const FORGETFUL: FaultTable = { ...ANY, amnesia: [4] };

/** Messages that arrive when others have had the lock meanwhile: what the rules about tokens are for. */
const WILD: FaultTable = {
  slow: [0, 1],
  cut: [0, 1, 3],
  reset: [0, 2, 4],
  crash: [0, 0, 1],
  stop: [0, 1],
  expire: [8, 16],
  pause: [0, 1],
  suspend: [0, 0.5],
  jump: [0, 0.5],
};

/** A node that can be made to vote twice is; see `adversary/undermining.ts`. */
const SIEGE: FaultTable = {
  cut: [0, 0.5],
  reset: [0, 0.5],
  crash: [0, 0.5],
  undermine: [4],
  stop: [0, 0.5],
  refuse: [0, 0.5],
  pause: [0, 1],
  suspend: [0, 0.5],
};

/** What the notifications of nodes meet. */
const NOTIFICATIONS: FaultTable = {
  deafen: [1],
  ambush: [3],
  pause: [0.5],
  jump: [0.5],
  kill: [0.5],
  close: [0.2],
};

/** Little enough that the rest of the run is judged. */
const AMBUSHES: FaultTable = { ambush: [3] };

/** A run draws from one of the tables that its kind has. */
export const FAULT_TABLES = {
  none: [{}],
  any: [ANY],
  forgetful: [FORGETFUL],
  wild: [WILD],
  siege: [SIEGE],
  // Nothing but the siege may disturb an attempt that stands still for seconds.
  stall: [{ undermine: [1] }],
  crowd: [NOTIFICATIONS, AMBUSHES, AMBUSHES, ANY],
  forgetfulCrowd: [NOTIFICATIONS, AMBUSHES, AMBUSHES, FORGETFUL],
} satisfies Record<string, Choices<FaultTable>>;

export function drawFaults(tables: Choices<FaultTable>, random: Random): Faults {
  const table = random.pick(tables);
  const weights = FAULTS.map((fault) => [fault, random.pick(table[fault] ?? [0])]);
  return Object.fromEntries(weights) as Faults;
}
