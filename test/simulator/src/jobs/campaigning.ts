import type { JobKind } from './job-kind.js';
import { Tenure } from './tenure.js';

/** Waits until it is the leader, and resigns after a while. */
export const CAMPAIGNING: JobKind = {
  name: 'campaign',
  weight: ({ scene }) => (scene.plan.elects ? 2 : 0),

  async run(caller) {
    const { redlock, wishes, scene } = caller;
    const [name] = scene.plan.resources;
    const ttl = wishes.ttl();
    const { wait, retryDelay, retryJitter, maxHold, signal } = wishes.options([name]);
    const options = { wait, retryDelay, retryJitter, maxHold, signal };
    const lock = await caller.wait('campaign', { resources: [name] }, options, () =>
      redlock.election(name, ttl).campaign(options),
    );
    scene.tally.leaderships++;
    const holding = caller.handle(lock);
    holding.asked(ttl, { ...options, autoExtend: true });
    const tenure = new Tenure(caller, holding);
    await tenure.work();
    await tenure.end();
  },
};
