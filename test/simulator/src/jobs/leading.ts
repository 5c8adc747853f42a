import type { JobKind } from './job-kind.js';
import { Tenure } from './tenure.js';

/** With this a routine of a leader fails. */
const FAILED = new Error('the leader has failed');

/** Leads again and again, until it is told to stop or its routine fails. */
export const LEADING: JobKind = {
  name: 'lead',
  weight: ({ scene }) => (scene.plan.elects ? 1 : 0),

  async run(caller) {
    const { redlock, wishes, random, scene, client } = caller;
    const [name] = scene.plan.resources;
    const ttl = wishes.ttl();
    const signal = wishes.signal([0.3, 3, 8]);
    let wait = scene.waits(client.process, {});
    const leading = caller.call('lead', { resources: [name] }, () =>
      redlock.election(name, ttl).lead(
        async (_signal, lock) => {
          scene.waitEnds(wait);
          scene.tally.leaderships++;
          const holding = caller.handle(lock);
          holding.asked(ttl, { autoExtend: true });
          await new Tenure(caller, holding).work();
          scene.releasing(holding);
          if (random.chance(0.2)) throw FAILED;
          if (!signal.aborted) wait = scene.waits(client.process, {});
        },
        { signal },
      ),
    );
    try {
      await leading;
    } catch (error) {
      if (error !== FAILED) throw error;
    } finally {
      scene.waitEnds(wait);
    }
  },
};
