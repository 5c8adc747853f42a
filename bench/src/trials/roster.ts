import { password, stolenLock } from './loss.js';
import { lostReply, restarts, silentMinorities, slowGrant } from './nodes.js';
import type { Trial } from './trial.js';
import { evenSplit, rushes } from './votes.js';

/** In the order of the table. */
export const TRIALS: readonly Trial[] = [
  ...rushes,
  ...silentMinorities,
  evenSplit,
  slowGrant,
  ...restarts,
  stolenLock,
  lostReply,
  password,
];

export function trialOf(key: string): Trial {
  const trial = TRIALS.find((one) => one.key === key);
  if (!trial) throw new Error(`There is no trial ${key}`);
  return trial;
}
