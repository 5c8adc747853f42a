import type { JobKind } from './job-kind.js';
import { Tenure } from './tenure.js';

/** Takes a lock if nobody has it, or a permit if one is free. */
export const TRYING: JobKind = {
  name: 'tryAcquire',
  weight: () => 2,

  async run(caller) {
    const { wishes } = caller;
    const wanted = caller.wanted();
    const ttl = wishes.ttl();
    const options = wishes.options(wanted.resources);
    const lock = await caller.call('tryAcquire', wanted, () => wanted.tryAcquire(ttl, options));
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
