import type { JobKind } from './job-kind.js';
import { Tenure } from './tenure.js';

/** Waits for a lock. */
export const ACQUIRING: JobKind = {
  name: 'acquire',
  weight: () => 5,

  async run(caller) {
    const { redlock, wishes } = caller;
    const resources = wishes.resources();
    const ttl = wishes.ttl();
    const options = wishes.options(resources);
    const lock = await caller.wait('acquire', { resources }, options, () =>
      redlock.acquire(resources, ttl, options),
    );
    const holding = caller.handle(lock);
    holding.asked(ttl, options);
    const tenure = new Tenure(caller, holding);
    await tenure.work();
    await tenure.end();
  },
};
