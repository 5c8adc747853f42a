import { answerOf, valueOf } from '../answer.js';
import type { Trial } from '../trial.js';

const TTL = 10_000;
const REPETITIONS = 3;

export const lostKeys: Trial = {
  key: 'lost-keys',
  name: 'extend, when a majority has lost the key',
  procedure:
    'A lock is held on three nodes, and two of them lose the key. The holder calls the method that extends a lock. Watched: whether the call resolves or rejects, and when.',
  nodes: 3,
  async run(stage) {
    const locker = await stage.locker();
    const ms: number[] = [];
    for (let index = 0; index < REPETITIONS; index++) {
      const resource = `lost:${index}`;
      const held = await valueOf('lock', () => locker.acquire(resource, TTL, 'once'));
      await stage.isEverywhere(resource);
      const key = stage.library.keyOf(resource);
      await Promise.all(stage.deployment.probes.slice(0, 2).map((probe) => probe.del(key)));
      const answer = await answerOf(() => held.extend(TTL));
      if (answer.kind === 'none') return { verdict: 'no answer' };
      if (answer.kind === 'value') return { verdict: 'extended', ms: [answer.ms] };
      ms.push(answer.ms);
    }
    return { verdict: 'says so', ms };
  },
};
