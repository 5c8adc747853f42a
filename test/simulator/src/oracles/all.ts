import type { Deployment } from '../run/deployment.js';
import type { Oracle } from '../run/events.js';
import type { Scene } from '../run/scene.js';
import { afterlife, lossNotice, releaseProof } from './ending.js';
import { exclusion, footing, permits, sharedKeys } from './exclusion.js';
import { nodeOrder, repetition, tokenOrder } from './fencing.js';
import { restoration } from './restoration.js';
import { retries, survival } from './survival.js';
import { cost } from './waiting/cost.js';
import { keeping } from './waiting/keep.js';
import { notify } from './waiting/notify.js';
import { order } from './waiting/order.js';
import { prompt } from './waiting/prompt.js';
import { queues } from './waiting/queues.js';

const ALWAYS = [
  nodeOrder,
  lossNotice,
  repetition,
  restoration,
  sharedKeys,
  afterlife,
  order,
  notify,
  keeping,
  prompt,
  queues,
  cost,
  permits,
];
/** Judged by time, so not if clocks are wrong beyond every assumption. */
const BY_CLOCKS = [exclusion, tokenOrder, footing, releaseProof, survival, retries];

/** The oracles that judge a run while it goes on. */
export function oraclesOf(scene: Scene, deployment: Deployment): readonly Oracle[] {
  const judging = scene.plan.kind === 'wild' ? ALWAYS : [...ALWAYS, ...BY_CLOCKS];
  return judging.map((oracle) => oracle(scene, deployment));
}
