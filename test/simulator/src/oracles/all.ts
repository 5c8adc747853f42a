import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import { Afterlife } from './afterlife.js';
import { Exclusion } from './exclusion.js';
import { Footing } from './footing.js';
import { LockLostMessage } from './loss-notice.js';
import { NodeOrder } from './node-order.js';
import type { Oracle } from '../run/events.js';
import { Permits } from './permits.js';
import { ReleaseProof } from './release-proof.js';
import { Repetition } from './repetition.js';
import { Restoration } from './restoration.js';
import { Retries } from './retries.js';
import { SharedKeys } from './shared-keys.js';
import { Survival } from './survival.js';
import { TokenOrder } from './token-order.js';
import { Cost } from './waiting/cost.js';
import { Keep } from './waiting/keep.js';
import { Notify } from './waiting/notify.js';
import { Order } from './waiting/order.js';
import { Prompt } from './waiting/prompt.js';
import { Queues } from './waiting/queues.js';

/** The oracles that judge a run while it goes on. */
export function oraclesOf(scene: Scene, deployment: Deployment): readonly Oracle[] {
  const always = [
    new NodeOrder(scene),
    new LockLostMessage(scene),
    new Repetition(scene),
    new Restoration(scene),
    new SharedKeys(scene),
    new Afterlife(scene),
    new Order(scene),
    new Notify(scene),
    new Keep(scene),
    new Prompt(scene, deployment),
    new Queues(scene),
    new Cost(scene),
  ];
  const { kind, semaphore } = scene.plan;
  const ofPermits = semaphore ? [new Permits(scene, semaphore)] : [];
  if (kind === 'wild') return [...always, ...ofPermits];
  return [
    ...always,
    ...ofPermits,
    new Exclusion(scene),
    new TokenOrder(scene),
    new Footing(scene),
    new ReleaseProof(scene),
    new Survival(scene, deployment),
    new Retries(scene, deployment),
  ];
}
