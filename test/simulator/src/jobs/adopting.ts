import type { LockMode } from '../core.js';
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
    const isMistaken = caller.client.sharing > 0 && random.chance(0.1);
    const mode = isMistaken ? otherThan(letter.mode) : letter.mode;
    holding.adoptions++;
    const lock = await caller
      .call('adopt', letter, () => redlock.adopt(resources, token, wishes.ttl(), { fencing, mode }))
      .catch((error: unknown) => {
        holding.adoptions--;
        scene.tally.failedAdoptions++;
        throw error;
      });
    if (isMistaken) scene.fail('modes', `${token} is ${letter.mode}, and was adopted as ${mode}`);
    scene.tally.adoptions++;
    const tenure = new Tenure(caller, caller.handle(lock));
    await tenure.work();
    await tenure.end();
  },
};

function otherThan(mode: LockMode): LockMode {
  return mode === 'shared' ? 'exclusive' : 'shared';
}
