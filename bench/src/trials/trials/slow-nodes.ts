import { answerOf } from '../answer.js';
import type { Trial } from '../trial.js';

const TTL = 500;
const DELAY = 600;

export const slowNodes: Trial = {
  key: 'slow-nodes',
  name: 'nodes slower than the ttl',
  procedure: `A caller tries once, with a ttl of ${TTL} ms, and commands and replies take ${DELAY} ms each on their way. So the keys have expired when the replies arrive.`,
  nodes: 3,
  async run(stage) {
    const locker = await stage.locker();
    for (const { proxy } of stage.deployment.nodes) proxy.delay(DELAY);
    const answer = await answerOf(() => locker.acquire('slow', TTL, 'once'));
    if (answer.kind === 'none') return { verdict: 'no answer' };
    if (answer.kind === 'error') return { verdict: 'says so', ms: [answer.ms] };
    const gone = (await stage.values('slow')).every((value) => value === null);
    return { verdict: gone ? 'expired lock' : 'gets it', ms: [answer.ms] };
  },
};
