import type { JobKind } from './job-kind.js';
import { Tenure } from './tenure.js';

/** Takes a lock over whose holder has detached it, has crashed or has lent it. */
export const ADOPTING: JobKind = {
  name: 'adopt',
  weight: ({ mailbox }) => (mailbox.isEmpty ? 0 : 4),

  async run(caller) {
    const { redlock, mailbox, random, wishes, scene } = caller;
    const letter = mailbox.take(random);
    if (!letter) return;
    const { holding, resources, fencing, token } = letter;
    holding.adoptions++;
    const lock = await caller
      .call('adopt', letter, () => redlock.adopt(resources, token, wishes.ttl(), { fencing }))
      .catch((error: unknown) => {
        holding.adoptions--;
        scene.tally.failedAdoptions++;
        throw error;
      });
    scene.tally.adoptions++;
    const tenure = new Tenure(caller, caller.handle(lock));
    await tenure.work();
    await tenure.end();
  },
};
