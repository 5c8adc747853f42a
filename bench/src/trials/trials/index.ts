import type { Trial } from '../trial.js';
import { contests } from './contention.js';
import { evenSplit } from './even-split.js';
import { lateRelease } from './late-release.js';
import { lostKeys } from './lost-keys.js';
import { lostReply } from './lost-reply.js';
import { absences } from './nodes-away.js';
import { password } from './password.js';
import { restarts } from './restart.js';
import { slowNodes } from './slow-nodes.js';
import { stolenKey } from './stolen-key.js';
import { stoppedHolder } from './stopped-holder.js';
import { waiters } from './waiters.js';

/** In the order of the table. */
export const TRIALS: readonly Trial[] = [
  waiters,
  ...contests,
  ...absences,
  evenSplit,
  slowNodes,
  ...restarts,
  stoppedHolder,
  stolenKey,
  lostKeys,
  lostReply,
  lateRelease,
  password,
];

export function trialOf(key: string): Trial {
  const trial = TRIALS.find((one) => one.key === key);
  if (!trial) throw new Error(`There is no trial ${key}`);
  return trial;
}
