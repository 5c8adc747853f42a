import { setTimeout as sleep } from 'node:timers/promises';
import { isReady } from 'test-kit';
import { machineNow } from 'test-kit/machine-clock';
import type { ClientOptions } from '../libraries/clients.js';
import type { Locker } from '../libraries/library.js';
import { medianOf } from '../figure.js';
import { type Outcome, outcomeOf, showTimes } from './verdicts.js';
import { answerOf, RESOURCE, type Stage, type Trial } from './trial.js';

const WARM_UP = 20;
const TURNS = 20;
/** No further turn begins after this many ms. */
const ENOUGH = 5000;
/** A lower ratio of a few ms to a few ms is about the machine. */
const TELLING = 10;

const SILENT_MINORITY = `A caller acquires and releases with the library's default retries, ${TURNS} times or for ${ENOUGH / 1000} s; the first time follows at once on the fault. The ratio is that of its median acquire to that of a second caller which still reaches all nodes, in turns with the first; [the bench](bench.md#one-of-five-nodes-black-holed) tells ratios below ${TELLING} apart.`;

export const silentMinorities: readonly Trial[] = [
  {
    key: 'minority-silent',
    name: '2 of 5 nodes are silent',
    procedure: SILENT_MINORITY,
    nodes: 5,
    run: (stage) => lockAround(stage, {}),
  },
  {
    key: 'minority-silent-timeout',
    name: '2 of 5 nodes are silent, client timeout',
    procedure: `${SILENT_MINORITY} The clients have \`commandTimeout: 500\`, and so has the library if it has an option for that (the adapter of redlock-universal).`,
    nodes: 5,
    // What users of libraries without their own timeout set on the client.
    run: (stage) => lockAround(stage, { commandTimeout: 500 }),
  },
];

/** In turns with a caller that reaches all nodes, because both feel what else the machine does. */
async function lockAround(stage: Stage, clients: ClientOptions): Promise<Outcome> {
  const { deployment } = stage;
  const others = await Promise.all(deployment.nodes.map((_, node) => deployment.proxyTo(node)));
  const nodes = others.map(({ host, port }) => ({ host, port }));
  const wounded = await stage.locker({ patience: 'default', ...clients });
  const healthy = await stage.locker({ nodes, patience: 'default', ...clients });
  for (let turn = 0; turn < WARM_UP; turn++) {
    await cycleOf(wounded, `warm-up:wounded:${turn}`);
    await cycleOf(healthy, `warm-up:healthy:${turn}`);
  }
  for (const { proxy } of deployment.nodes.slice(0, 2)) proxy.blackHole();
  const acquires: number[] = [];
  const releases: number[] = [];
  const usual: number[] = [];
  const start = performance.now();
  for (let turn = 0; turn < TURNS && performance.now() - start < ENOUGH; turn++) {
    const cycle = await cycleOf(wounded, `wounded:${turn}`);
    if ('verdict' in cycle) return cycle;
    acquires.push(cycle.acquire);
    if (cycle.release === null) {
      return outcomeOf('gets it', acquires, ['release: no answer']);
    }
    releases.push(cycle.release);
    const other = await cycleOf(healthy, `healthy:${turn}`);
    if ('verdict' in other) throw new Error('It did not lock healthy nodes');
    usual.push(other.acquire);
  }
  const ratio = Number((medianOf(acquires) / medianOf(usual)).toPrecision(2));
  const slower = ratio < TELLING ? `less than ×${TELLING}` : `×${ratio.toLocaleString('en-US')}`;
  return outcomeOf('gets it', acquires, [slower, `release ${showTimes(releases)}`]);
}

/** Acquires and releases; all times in ms. A release that rejects counts like one that resolves. */
async function cycleOf(
  locker: Locker,
  resource: string,
): Promise<{ readonly acquire: number; readonly release: number | null } | Outcome> {
  const acquired = await answerOf(() => locker.acquire(resource, 10_000));
  if (acquired.kind === 'none') return outcomeOf('no answer');
  if (acquired.kind === 'error') return outcomeOf('says so', [acquired.ms]);
  const released = await answerOf(() => acquired.value.release());
  return { acquire: acquired.ms, release: released.kind === 'none' ? null : released.ms };
}

const SLOW_TTL = 500;
const DELAY = 600;

export const slowGrant: Trial = {
  key: 'slow-nodes',
  name: 'nodes slower than the ttl',
  procedure: `A caller tries once, with a ttl of ${SLOW_TTL} ms, and commands and replies take ${DELAY} ms each on their way. So the keys have expired when the replies arrive.`,
  nodes: 3,
  async run(stage) {
    const locker = await stage.locker();
    for (const { proxy } of stage.deployment.nodes) proxy.delay(DELAY);
    const answer = await answerOf(() => locker.acquire(RESOURCE, SLOW_TTL));
    if (answer.kind === 'none') return outcomeOf('no answer');
    if (answer.kind === 'error') return outcomeOf('says so', [answer.ms]);
    return outcomeOf((await stage.isFree()) ? 'expired lock' : 'gets it', [answer.ms]);
  },
};

export const restarts: readonly Trial[] = [
  {
    key: 'restart',
    name: 'a node restarts empty; a second caller that was there',
    procedure:
      "A lock with a ttl of 30 s is held on two of three nodes, because the third had missed the grant. One of the two restarts without its data. Then a caller that had used the nodes before wants the same resource, with the library's default retries, and another one. Servers with `appendfsync always` lose nothing, and with them no library is affected.",
    nodes: 3,
    run: (stage) => restart(stage, false),
  },
  {
    key: 'restart-newcomer',
    name: 'a node restarts empty; a second caller that starts later',
    procedure:
      "The same, but the second caller connects after the restart. redlock-core has `quarantine: 'strict'` for that; it is not the default, and not set here.",
    nodes: 3,
    run: (stage) => restart(stage, true),
  },
];

async function restart(stage: Stage, isNew: boolean): Promise<Outcome> {
  const { deployment } = stage;
  const holder = await stage.locker();
  const old = isNew ? null : await stage.locker({ patience: 'default' });
  await holder.acquire(RESOURCE, 30_000);
  await stage.isEverywhere();
  // The last node had missed the grant; the one before it loses it.
  await deployment.node(2).probe.del(RESOURCE);
  const { server, probe } = deployment.node(1);
  await server.start({ empty: true });
  await probe.ping();
  await Promise.all(old?.clients.map((client) => isReady(client)) ?? []);
  const second = old ?? (await stage.locker({ patience: 'default' }));
  const job = await answerOf(() => second.acquire(RESOURCE, 30_000));
  const other = await answerOf(() => second.acquire('another resource', 30_000));
  const note = `another resource: ${other.kind === 'value' ? 'gets it' : 'says so'}`;
  return outcomeOf(job.kind === 'value' ? 'two holders' : 'one holder', [], [note]);
}

const GHOST_TTL = 8000;
const AWAY = 1000;
/** A clean-up may follow on the new connection. */
const GRACE = 1000;

export const lostReply: Trial = {
  key: 'lost-reply',
  name: 'the reply to the grant is lost on 2 of 3 nodes',
  procedure: `A caller tries once, with a ttl of ${GHOST_TTL} ms. Two of three nodes execute the grant, but the connection breaks before the reply, and for ${AWAY} ms they refuse a new one. Watched: whether a key is left when the nodes have been back for a second and the call has ended, and for how long after the grant it keeps others out.`,
  nodes: 3,
  async run(stage) {
    const locker = await stage.locker();
    const lost = stage.deployment.nodes.slice(0, 2).map(async ({ proxy }) => {
      await proxy.dropReply({ match: (request) => request.includes(RESOURCE) });
      proxy.refuse();
      await sleep(AWAY);
      await proxy.heal();
    });
    const granted = machineNow();
    const answer = await answerOf(() => locker.acquire(RESOURCE, GHOST_TTL));
    if (answer.kind === 'none') return outcomeOf('no answer');
    if (answer.kind === 'value') await answerOf(() => answer.value.release());
    await Promise.all(lost);
    await sleep(GRACE);
    const call = answer.kind === 'value' ? 'the call: gets it' : 'the call: says so';
    if (await stage.isFree()) return outcomeOf('nothing left', [], [call]);
    while (!(await stage.isFree())) await sleep(20);
    return outcomeOf('left behind', [machineNow() - granted], [call]);
  },
};
