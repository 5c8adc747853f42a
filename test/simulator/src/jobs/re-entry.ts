import type { Holding } from '../run/holding.js';
import type { Caller, Resources } from './caller.js';
import { Tenure } from './tenure.js';

/**
 * A routine acquires what it holds once more, with the other resource maybe. That is refused where it has a shared lock
 * and wants an exclusive one.
 */
export async function reenter(caller: Caller, outer: Holding): Promise<void> {
  const { redlock, wishes, random, scene, client } = caller;
  const resources: Resources = random.chance(0.5)
    ? [outer.lock.resources[0] ?? '']
    : scene.plan.resources;
  // For ever, two who want what the other holds would wait for each other.
  const wait = random.pick([0, scene.plan.ttl]);
  const ttl = wishes.longerTtl();
  const { fencing, ...rest } = wishes.options(resources);
  const fenced = fencing && outer.lock.fencingToken > 0;
  const options = { ...rest, fencing: fenced, wait, reentrant: true };
  outer.asked(ttl);
  outer.owner.reentered = true;
  const isUpgrade =
    outer.mode === 'shared' && options.mode !== 'shared' && outer.lock.remaining() > 0;
  try {
    const lock = await caller.wait('acquire again', { resources }, options, () =>
      redlock.acquire(resources, ttl, options),
    );
    if (isUpgrade) scene.fail('upgrades', `${outer.token} is shared, and was made exclusive`);
    const tenure = new Tenure(caller, scene.handle(client.process, lock, outer));
    await tenure.work();
    await tenure.release();
  } catch (error) {
    if (isUpgrade && error instanceof RangeError) scene.tally.upgradesRefused++;
    else caller.refused(error);
  }
}
