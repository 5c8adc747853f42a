import type { JobKind } from './job-kind.js';
import { Tenure } from './tenure.js';

/** Waits for a lock, or for a permit. */
export const ACQUIRING: JobKind = {
  name: 'acquire',
  weight: () => 5,

  async run(caller) {
    const { wishes } = caller;
    const wanted = caller.wanted();
    const ttl = wishes.ttl();
    const options = wishes.options(wanted.resources);
    const lock = await caller.wait('acquire', wanted, options, () => wanted.acquire(ttl, options));
    const holding = caller.handle(lock);
    holding.asked(ttl, options);
    const tenure = new Tenure(caller, holding);
    await tenure.work();
    await tenure.end();
  },
};
