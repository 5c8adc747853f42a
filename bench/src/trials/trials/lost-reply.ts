import { setTimeout as sleep } from 'node:timers/promises';
import { answerOf } from '../answer.js';
import { machineNow } from 'test-kit/machine-clock';
import type { Stage } from '../stage.js';
import type { Trial } from '../trial.js';

const TTL = 8000;
const AWAY = 1000;
/** A clean-up may follow on the connection that is made anew. */
const GRACE = 1000;

export const lostReply: Trial = {
  key: 'lost-reply',
  name: 'the reply to the grant is lost on 2 of 3 nodes',
  procedure: `A caller tries once, with a ttl of ${TTL} ms. Two of three nodes execute the grant, but the connection breaks before the reply, and for ${AWAY} ms they refuse a new one. Watched: whether a key is left when the nodes have been back for a second and the call has ended, and for how long after the grant it keeps others out.`,
  nodes: 3,
  async run(stage) {
    const locker = await stage.locker();
    const lost = stage.deployment.nodes.slice(0, 2).map(async ({ proxy }) => {
      await proxy.dropReply({ match: (request) => request.includes('ghost') });
      proxy.refuse();
      await sleep(AWAY);
      await proxy.heal();
    });
    const granted = machineNow();
    const answer = await answerOf(() => locker.acquire('ghost', TTL, 'once'));
    if (answer.kind === 'none') return { verdict: 'no answer' };
    if (answer.kind === 'value') {
      await answerOf(() => answer.value.release());
    }
    await Promise.all(lost);
    await sleep(GRACE);
    const call = answer.kind === 'value' ? 'the call: gets it' : 'the call: says so';
    if (await isFree(stage)) return { verdict: 'nothing left', notes: [call] };
    while (!(await isFree(stage))) await sleep(20);
    return { verdict: 'left behind', ms: [machineNow() - granted], notes: [call] };
  },
};

async function isFree(stage: Stage): Promise<boolean> {
  return (await stage.values('ghost')).every((value) => value === null);
}
