import { Random } from 'test-kit/random';
import type { Address } from '../clients.js';
import type { Locker, Patience } from '../library.js';
import { showTimes, type Outcome } from '../outcome.js';
import type { Stage } from '../stage.js';
import type { Trial } from '../trial.js';

const CONTENDERS = 5;
const NODES = 5;
const SEED = 1;
/** The longest delay between a contender and a node, each way, in ms. */
const LONGEST = 5;

interface Contest {
  readonly rounds: number;
  readonly patience: Patience;
}

const contention = (
  details: Pick<Trial, 'key' | 'name' | 'procedure'>,
  contest: Contest,
): Trial => ({ ...details, nodes: NODES, run: (stage) => contend(stage, contest) });

/** In each round the way from each contender to each node is drawn anew, for all libraries alike. */
async function contend(stage: Stage, { rounds, patience }: Contest): Promise<Outcome> {
  const random = new Random(SEED);
  const proxies = await Promise.all(
    Array.from({ length: CONTENDERS }, () =>
      Promise.all(Array.from({ length: NODES }, (_, node) => stage.deployment.proxyTo(node))),
    ),
  );
  const lockers: Locker[] = [];
  for (const nodes of proxies) {
    const addresses: Address[] = nodes.map(({ host, port }) => ({ host, port }));
    lockers.push(await stage.locker(addresses));
  }
  const firsts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const proxy of proxies.flat()) proxy.delay(random.integer(0, LONGEST));
    const first = await playRound(lockers, `round:${round}`, patience);
    if (first !== null) firsts.push(first);
  }
  const counted = `${firsts.length} of ${rounds}`;
  if (firsts.length === 0) return { verdict: 'no round', notes: [counted] };
  const verdict = firsts.length === rounds ? 'every round' : 'some rounds';
  return { verdict, notes: [counted, `after ${showTimes(firsts)}`] };
}

/** When the first contender got the resource, in ms; null if none did. Each gives it back at once. */
async function playRound(
  lockers: readonly Locker[],
  resource: string,
  patience: Patience,
): Promise<number | null> {
  const start = performance.now();
  const times = await Promise.all(
    lockers.map(async (locker) => {
      try {
        const held = await locker.acquire(resource, 10_000, patience);
        const time = performance.now() - start;
        await held.release();
        return time;
      } catch {
        return Infinity;
      }
    }),
  );
  const first = Math.min(...times);
  return first === Infinity ? null : first;
}

const PROCEDURE = `${CONTENDERS} callers want a free resource of ${NODES} healthy nodes in the same moment. The way from each caller to each node takes 0 to ${LONGEST} ms, drawn anew in each round, the same for all libraries.`;

export const contests: readonly Trial[] = [
  contention(
    {
      key: 'rush',
      name: 'five callers try once for a free resource',
      procedure: `${PROCEDURE} Each tries once. Watched: in how many rounds somebody gets it, and when.`,
    },
    { rounds: 20, patience: 'once' },
  ),
  contention(
    {
      key: 'rush-retries',
      name: 'five callers with default retries for a free resource',
      procedure: `${PROCEDURE} Each retries as the library does by default, and gives the lock back at once. Watched: in how many rounds somebody gets it, and when.`,
    },
    { rounds: 5, patience: 'default' },
  ),
];
