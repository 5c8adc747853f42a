import type { JobKind } from './job-kind.js';
import { reenter } from './re-entering.js';
import { Tenure } from './tenure.js';

/** Runs a routine under a lock, or under a permit. */
export const USING: JobKind = {
  name: 'using',
  weight: () => 2,

  async run(caller) {
    const { wishes, random, scene, client } = caller;
    const wanted = caller.wanted();
    const reentrant = wanted.isReentrant && random.chance(0.5);
    const ttl = wishes.ttl();
    const options = { ...wishes.options(wanted.resources), reentrant };
    let believed = false;
    const wait = scene.waits(client.process, options);
    await caller
      .call('using', wanted, () =>
        wanted.using(ttl, options, async (_signal, lock) => {
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
