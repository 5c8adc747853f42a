import { valueOf } from '../answer.js';
import type { Locker } from '../library.js';
import { medianOf } from '../outcome.js';
import type { Trial } from '../trial.js';

const ROUNDS = 5;
const LOCKS = 300;

export const loneCaller: Trial = {
  key: 'lone',
  name: 'lone caller: acquire and release',
  procedure: `Three healthy nodes, one caller, ${LOCKS} locks one after another, ${ROUNDS} rounds. The time is that of acquire and release together: the median of each round, and of those. [The bench](bench.md) measures it closer, with the noise of the machine beside it.`,
  nodes: 3,
  alone: true,
  async run(stage) {
    const locker = await stage.locker(stage.servers);
    await roundOf(locker, 'warm-up');
    const ms: number[] = [];
    for (let round = 0; round < ROUNDS; round++) ms.push(await roundOf(locker, `round:${round}`));
    return { verdict: 'measured', ms };
  },
};

/** The median time of a lock, in ms. */
async function roundOf(locker: Locker, name: string): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < LOCKS; index++) {
    const start = performance.now();
    const held = await valueOf('lock', () => locker.acquire(`${name}:${index}`, 10_000, 'once'));
    await held.release();
    times.push(performance.now() - start);
  }
  return medianOf(times);
}
