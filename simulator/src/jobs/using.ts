import type { JobKind } from './job-kind.js';
import { reenter } from './re-entering.js';
import { Tenure } from './tenure.js';

/** Runs a routine under a lock. */
export const USING: JobKind = {
  name: 'using',
  weight: () => 2,

  async run(caller) {
    const { redlock, wishes, random, scene, client } = caller;
    const resources = wishes.resources();
    const reentrant = random.chance(0.5);
    const ttl = wishes.ttl();
    const options = { ...wishes.options(resources), reentrant };
    let believed = false;
    const wait = scene.waits(client.process, options);
    await caller
      .call('using', { resources }, () =>
        redlock.using(resources, ttl, options, async (_signal, lock) => {
          scene.waitEnds(wait);
          const holding = caller.handle(lock);
          holding.asked(ttl, { ...options, autoExtend: true });
          const tenure = new Tenure(caller, holding);
          await tenure.work();
          if (reentrant) await reenter(caller, holding);
          if (random.chance(0.3)) await tenure.work();
          believed = lock.remaining() > 0;
          scene.releasing(holding);
        }),
      )
      .finally(() => scene.waitEnds(wait));
    if (!believed) scene.fail('loss', `using went well although its lock was lost`);
  },
};
