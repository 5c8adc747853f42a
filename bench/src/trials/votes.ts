import { Random } from 'test-kit/random';
import type { Locker, Patience } from '../libraries/library.js';
import { type Outcome, outcomeOf, showTimes } from './verdicts.js';
import { answerOf, RESOURCE, type Stage, type Trial } from './trial.js';

const CONTENDERS = 5;
const NODES = 5;
const SEED = 1;
/** The longest delay between a contender and a node, each way, in ms. */
const LONGEST = 5;

const PROCEDURE = `${CONTENDERS} callers want a free resource of ${NODES} healthy nodes in the same moment. The way from each caller to each node takes 0 to ${LONGEST} ms, drawn anew in each round, the same for all libraries.`;

/** Contenders for a free resource, which can split the votes. */
export const rushes: readonly Trial[] = [
  {
    key: 'rush',
    name: 'five callers try once for a free resource',
    procedure: `${PROCEDURE} Each tries once. Watched: in how many rounds somebody gets it, and when.`,
    nodes: NODES,
    run: (stage) => contend(stage, 20, 'once'),
  },
  {
    key: 'rush-retries',
    name: 'five callers with default retries for a free resource',
    procedure: `${PROCEDURE} Each retries as the library does by default, and gives the lock back at once. Watched: in how many rounds somebody gets it, and when.`,
    nodes: NODES,
    run: (stage) => contend(stage, 5, 'default'),
  },
];

/** In each round the way from each contender to each node is drawn anew, for all libraries alike. */
async function contend(stage: Stage, rounds: number, patience: Patience): Promise<Outcome> {
  const random = new Random(SEED);
  const proxies = await Promise.all(
    Array.from({ length: CONTENDERS }, () =>
      Promise.all(Array.from({ length: NODES }, (_, node) => stage.deployment.proxyTo(node))),
    ),
  );
  const lockers: Locker[] = [];
  for (const own of proxies) {
    const nodes = own.map(({ host, port }) => ({ host, port }));
    lockers.push(await stage.locker({ nodes, patience }));
  }
  const firsts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const proxy of proxies.flat()) proxy.delay(random.integer(0, LONGEST));
    const first = await playRound(lockers, `round:${round}`);
    if (first < Infinity) firsts.push(first);
  }
  const counted = `${firsts.length} of ${rounds}`;
  if (firsts.length === 0) return outcomeOf('no round', [], [counted]);
  const verdict = firsts.length === rounds ? 'every round' : 'some rounds';
  return outcomeOf(verdict, [], [counted, `after ${showTimes(firsts)}`]);
}

/** When the first contender got the resource, in ms; Infinity if none did. Each releases it at once. */
async function playRound(lockers: readonly Locker[], resource: string): Promise<number> {
  const start = performance.now();
  const times = lockers.map(async (locker) => {
    try {
      const held = await locker.acquire(resource, 10_000);
      const time = performance.now() - start;
      await held.release();
      return time;
    } catch {
      return Infinity;
    }
  });
  return Math.min(...(await Promise.all(times)));
}

export const evenSplit: Trial = {
  key: 'even-split',
  name: 'somebody else has 2 of 4 nodes',
  procedure:
    'All four nodes are healthy, and two of them have granted the resource to somebody else. The caller tries once. redlock-core then asks again up to five times, after random pauses, because contenders for a free resource can split the votes as well.',
  nodes: 4,
  async run(stage) {
    const locker = await stage.locker();
    await stage.takeAway(RESOURCE, stage.deployment.nodes.slice(0, 2));
    const answer = await answerOf(() => locker.acquire(RESOURCE, 10_000));
    if (answer.kind === 'none') return outcomeOf('no answer');
    return outcomeOf(answer.kind === 'error' ? 'says so' : 'gets it', [answer.ms]);
  },
};
