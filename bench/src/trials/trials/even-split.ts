import { answerOf } from '../answer.js';
import type { Trial } from '../trial.js';

export const evenSplit: Trial = {
  key: 'even-split',
  name: 'somebody else has 2 of 4 nodes',
  procedure:
    'All four nodes are healthy, and two of them have granted the resource to somebody else. The caller tries once. redlock-core then asks again up to five times, after random pauses, because contenders for a free resource can split the votes as well.',
  nodes: 4,
  async run(stage) {
    const locker = await stage.locker();
    await stage.takeAway('split', stage.deployment.nodes.slice(0, 2));
    const answer = await answerOf(() => locker.acquire('split', 10_000, 'once'));
    if (answer.kind === 'none') return { verdict: 'no answer' };
    return { verdict: answer.kind === 'error' ? 'says so' : 'gets it', ms: [answer.ms] };
  },
};
