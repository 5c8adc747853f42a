import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import { Afterlife } from './afterlife.js';
import { Answers } from './answers.js';
import { Asking } from './asking.js';
import { Calls } from './calls.js';
import { Exclusion } from './exclusion.js';
import { Footing } from './footing.js';
import { Leaves } from './leaves.js';
import { LossNotice } from './loss-notice.js';
import { Marks } from './marks.js';
import { NodeOrder } from './node-order.js';
import type { Oracle } from './oracle.js';
import { Permits } from './permits.js';
import { Precedence } from './precedence.js';
import { Queues } from './queues.js';
import { ReEntry } from './re-entry.js';
import { ReleaseProof } from './release-proof.js';
import { Repetition } from './repetition.js';
import { Reservations } from './reservations.js';
import { Retries } from './retries.js';
import { SharedKeys } from './shared-keys.js';
import { Shares } from './shares.js';
import { Survival } from './survival.js';
import { Tickets } from './tickets.js';
import { TokenOrder } from './token-order.js';
import { Turns } from './turns.js';

/** The oracles that judge a run while it goes on. */
export function oraclesOf(scene: Scene, deployment: Deployment): readonly Oracle[] {
  const always = [
    new NodeOrder(scene),
    new LossNotice(scene),
    new Repetition(scene),
    new Queues(scene),
    new Asking(scene, deployment),
    new Calls(scene),
    new Tickets(scene),
    new Answers(scene, deployment),
    new ReEntry(scene),
    new Leaves(scene, deployment),
    new SharedKeys(scene),
    new Precedence(scene),
    new Afterlife(scene),
  ];
  const { wild, semaphore } = scene.plan;
  const ofPermits = semaphore ? [new Permits(scene, semaphore), new Marks(scene)] : [];
  if (wild) return [...always, ...ofPermits];
  return [
    ...always,
    ...ofPermits,
    new Exclusion(scene),
    new TokenOrder(scene),
    new Footing(scene),
    new ReleaseProof(scene),
    new Survival(scene, deployment),
    new Retries(scene, deployment),
    new Reservations(scene),
    new Turns(scene, deployment),
    new Shares(scene, deployment),
  ];
}
