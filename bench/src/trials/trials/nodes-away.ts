import { answerOf } from '../answer.js';
import type { ClientOptions } from '../clients.js';
import { medianOf, showTimes, type Outcome } from '../outcome.js';
import type { Locker } from '../library.js';
import type { Stage } from '../stage.js';
import type { Trial } from '../trial.js';

interface Absence {
  readonly key: string;
  readonly nodes: number;
  /** So many of them are away. */
  readonly away: number;
  /** Connections are cut and refused, or nothing passes any more. */
  readonly how: 'refuse' | 'blackHole';
  readonly clients?: ClientOptions;
}

/** What users of libraries without a timeout of their own set on the client. */
const BOUNDED: ClientOptions = { commandTimeout: 500 };

const REPETITIONS = 3;
const WARM_UP = 20;
const TURNS = 20;
/** No further turn begins after so many ms. */
const ENOUGH = 5000;
const TTL = 10_000;
/** A lower ratio of a few ms to a few ms tells of the machine. */
const TELLING = 10;

const WORDS = { refuse: 'refuse connections', blackHole: 'are silent' } as const;

/** Some nodes are away, and a caller wants a lock. */
function nodesAway(absence: Absence): Trial {
  const { key, nodes, away, how, clients } = absence;
  const isMajority = nodes - away < quorumOf(nodes);
  const bounded = clients === undefined ? '' : ', client timeout';
  const settings =
    clients === undefined
      ? ''
      : ' The clients have `commandTimeout: 500`, and so has the library if it has an option for that (the adapter of redlock-universal).';
  return {
    key,
    name: `${away} of ${nodes} nodes ${WORDS[how]}${bounded}`,
    procedure: isMajority
      ? `The caller tries once, ${REPETITIONS} times. Watched: when the call rejects, and whether what the error tells by documented means has the address of a node that is away in it.${settings}`
      : `A caller acquires and releases with the library's default retries, ${TURNS} times or for ${ENOUGH / 1000} s; the first time follows at once on the fault. The ratio is that of its median acquire to that of a second caller which still reaches all nodes, in turns with the first; [the bench](bench.md#one-of-five-nodes-black-holed) tells ratios below ${TELLING} apart.${settings}`,
    nodes,
    run: (stage) => (isMajority ? missQuorum(stage, absence) : lockAround(stage, absence)),
  };
}

function quorumOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/** In turns with a caller that reaches all nodes, because both feel what else the machine does. */
async function lockAround(stage: Stage, { away, how, clients }: Absence): Promise<Outcome> {
  const { deployment } = stage;
  const others = await Promise.all(deployment.nodes.map((_, node) => deployment.proxyTo(node)));
  const wounded = await stage.locker(stage.proxies, clients);
  const healthy = await stage.locker(others, clients);
  for (let turn = 0; turn < WARM_UP; turn++) {
    await cycleOf(wounded, `warm-up:wounded:${turn}`);
    await cycleOf(healthy, `warm-up:healthy:${turn}`);
  }
  for (const { proxy } of deployment.nodes.slice(0, away)) proxy[how]();
  const acquires: number[] = [];
  const releases: number[] = [];
  const usual: number[] = [];
  const start = performance.now();
  for (let turn = 0; turn < TURNS && performance.now() - start < ENOUGH; turn++) {
    const cycle = await cycleOf(wounded, `wounded:${turn}`);
    if (cycle.kind === 'failed') return cycle.outcome;
    acquires.push(cycle.acquire);
    if (cycle.release === null) {
      return { verdict: 'gets it', ms: acquires, notes: ['release: no answer'] };
    }
    releases.push(cycle.release);
    const other = await cycleOf(healthy, `healthy:${turn}`);
    if (other.kind === 'failed') throw new Error('It did not lock healthy nodes');
    usual.push(other.acquire);
  }
  const ratio = Number((medianOf(acquires) / medianOf(usual)).toPrecision(2));
  const slower = ratio < TELLING ? `less than ×${TELLING}` : `×${ratio.toLocaleString('en-US')}`;
  const notes = [slower, `release ${showTimes(releases)}`];
  return { verdict: 'gets it', ms: acquires, notes };
}

type Cycle =
  | { readonly kind: 'done'; readonly acquire: number; readonly release: number | null }
  | { readonly kind: 'failed'; readonly outcome: Outcome };

/** Acquires and releases; all times in ms. A release that rejects counts like one that resolves. */
async function cycleOf(locker: Locker, resource: string): Promise<Cycle> {
  const acquired = await answerOf(() => locker.acquire(resource, TTL, 'default'));
  if (acquired.kind === 'none') return { kind: 'failed', outcome: { verdict: 'no answer' } };
  if (acquired.kind === 'error') {
    return { kind: 'failed', outcome: { verdict: 'says so', ms: [acquired.ms] } };
  }
  const released = await answerOf(() => acquired.value.release());
  const release = released.kind === 'none' ? null : released.ms;
  return { kind: 'done', acquire: acquired.ms, release };
}

async function missQuorum(stage: Stage, { away, how, clients }: Absence): Promise<Outcome> {
  const locker = await stage.locker(stage.proxies, clients);
  const lost = stage.deployment.nodes.slice(0, away);
  for (const { proxy } of lost) proxy[how]();
  const ms: number[] = [];
  let text = '';
  for (let index = 0; index < REPETITIONS; index++) {
    const answer = await answerOf(() => locker.acquire(`away:${index}`, TTL, 'once'));
    if (answer.kind === 'value') return { verdict: 'gets it', ms: [answer.ms] };
    if (answer.kind === 'none') return { verdict: 'no answer' };
    ms.push(answer.ms);
    // Votes that are still to come would keep an explanation waiting.
    const explained = await answerOf(() => locker.explain(answer.error), 1000);
    text += explained.kind === 'value' ? explained.value : '';
  }
  const named = lost.some(({ proxy: { port } }) => text.includes(`:${port}`));
  return { verdict: 'says so', ms, notes: [named ? 'names a node' : 'names no node'] };
}

export const absences: readonly Trial[] = [
  nodesAway({ key: 'minority-refuses', nodes: 5, away: 2, how: 'refuse' }),
  nodesAway({ key: 'minority-silent', nodes: 5, away: 2, how: 'blackHole' }),
  nodesAway({
    key: 'minority-silent-timeout',
    nodes: 5,
    away: 2,
    how: 'blackHole',
    clients: BOUNDED,
  }),
  nodesAway({ key: 'majority-refuses', nodes: 5, away: 3, how: 'refuse' }),
  nodesAway({ key: 'majority-silent', nodes: 5, away: 3, how: 'blackHole' }),
  nodesAway({
    key: 'majority-silent-timeout',
    nodes: 5,
    away: 3,
    how: 'blackHole',
    clients: BOUNDED,
  }),
  nodesAway({ key: 'half-refuses', nodes: 4, away: 2, how: 'refuse', clients: BOUNDED }),
];
