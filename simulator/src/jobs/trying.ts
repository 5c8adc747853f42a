import type { JobKind } from './job-kind.js';
import { Tenure } from './tenure.js';

/** Takes a lock if nobody has it. */
export const TRYING: JobKind = {
  name: 'tryAcquire',
  weight: () => 2,

  async run(caller) {
    const { redlock, wishes } = caller;
    const resources = wishes.resources();
    const ttl = wishes.ttl();
    const options = wishes.options(resources);
    const lock = await caller.call('tryAcquire', { resources }, () =>
      redlock.tryAcquire(resources, ttl, options),
    );
    if (!lock) {
      caller.scene.tally.refusals++;
      return;
    }
    const holding = caller.handle(lock);
    holding.asked(ttl, options);
    const tenure = new Tenure(caller, holding);
    await tenure.work();
    await tenure.end();
  },
};
