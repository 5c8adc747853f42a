import { Redis } from 'ioredis';
import { runTogether, startHelper } from './helper.js';
import type { Progress } from './progress.js';
import { commandsBetween } from './server-meter.js';
import { OURS, PATIENT } from './roster.js';
import { quantile } from './spread.js';
import { NODES, TTL, type OpenSubject, type Deployment } from './deployment.js';

export interface Contention {
  readonly situation: string;
  readonly locks: number;
  /** From a release to the next holder's grant, in ms. */
  readonly handOffMs: number;
  readonly handOffP99: number;
  readonly handOffMax: number;
  readonly longestWaitMs: number;
  /** Of a process, over the mean of all. */
  readonly leastShare: number;
  readonly mostShare: number;
  /** For one lock and node. */
  readonly commands: number;
}

interface Situation {
  readonly situation: string;
  readonly subject?: string;
  readonly processes: number;
  readonly workers: number;
  readonly holdMs: number;
  readonly restMs: number;
  /** So often, in ms, all connections that subscribe are killed. */
  readonly killEvery?: number;
}

const SITUATIONS: readonly Situation[] = [
  {
    situation: '2 processes × 1, held 20 ms, in turns, `retryDelay` 2000',
    subject: PATIENT,
    processes: 2,
    workers: 1,
    holdMs: 20,
    restMs: 10,
  },
  { situation: '1 × 50, held 5 ms', processes: 1, workers: 50, holdMs: 5, restMs: 0 },
  { situation: '4 × 50, held 5 ms', processes: 4, workers: 50, holdMs: 5, restMs: 0 },
  { situation: '4 × 50, held 200 ms', processes: 4, workers: 50, holdMs: 200, restMs: 0 },
  { situation: '8 × 5, held 5 ms', processes: 8, workers: 5, holdMs: 5, restMs: 0 },
  {
    situation: '8 × 5, held 5 ms, subscriptions killed 10 times a second',
    processes: 8,
    workers: 5,
    holdMs: 5,
    restMs: 0,
    killEvery: 100,
  },
  { situation: '20 × 1, held 5 ms', processes: 20, workers: 1, holdMs: 5, restMs: 0 },
  { situation: '4 × 1, held 20 ms', processes: 4, workers: 1, holdMs: 20, restMs: 0 },
  { situation: '4 × 1, held 500 ms', processes: 4, workers: 1, holdMs: 500, restMs: 0 },
];

/** Several processes that want one resource again and again. */
export async function measureContention(
  deployment: Deployment,
  onlyInScripts: OpenSubject['onlyInScripts'],
  ms: number,
  progress: Progress,
): Promise<Contention[]> {
  const results: Contention[] = [];
  for (const situation of SITUATIONS) {
    progress(situation.situation);
    results.push(await contend(deployment, onlyInScripts, situation, ms));
  }
  return results;
}

async function contend(
  { meter, servers }: Deployment,
  onlyInScripts: OpenSubject['onlyInScripts'],
  { situation, subject = OURS[0], processes, killEvery, ...work }: Situation,
  ms: number,
): Promise<Contention> {
  await meter.clear();
  const input = { subject, servers, resource: 'contended', ttl: TTL, ms, ...work };
  const helpers = await Promise.all(
    Array.from({ length: processes }, () => startHelper('contend', input)),
  );
  const before = await meter.read();
  const killing = killEvery === undefined ? null : killSubscriptions(servers, killEvery);
  const outputs = await runTogether(helpers, ms + 60_000);
  const killed = (await killing?.stop()) ?? 0;
  const after = await meter.read();
  await Promise.all(helpers.map((helper) => helper[Symbol.asyncDispose]()));
  if (outputs.length < processes) throw new Error(`A helper hangs: ${situation}`);

  const holds = outputs.flatMap((output) => output.holds).toSorted(([a], [b]) => a - b);
  const handOffs = holds.slice(1).map(([granted], index) => granted - (holds[index]?.[1] ?? NaN));
  if (handOffs.some((handOff) => handOff < 0)) throw new Error(`Held twice: ${situation}`);
  const sorted = handOffs.toSorted((a, b) => a - b);
  const shares = outputs.map((output) => (output.holds.length * processes) / holds.length);
  const commands = commandsBetween(before, after, onlyInScripts) - killed;
  return {
    situation,
    locks: holds.length,
    handOffMs: quantile(sorted, 0.5),
    handOffP99: quantile(sorted, 0.99),
    handOffMax: sorted.at(-1) ?? NaN,
    longestWaitMs: Math.max(...outputs.map(({ longestWaitMs }) => longestWaitMs)),
    leastShare: Math.min(...shares),
    mostShare: Math.max(...shares),
    commands: commands / holds.length / NODES,
  };
}

/** @returns what ends it, and says how many commands it has sent */
function killSubscriptions(servers: Deployment['servers'], every: number) {
  const clients = servers.map(({ host, port }) => new Redis({ host, port }));
  let sent = 0;
  const timer = setInterval(() => {
    for (const client of clients) {
      sent++;
      void client.call('client', ['kill', 'type', 'pubsub']).catch(() => {});
    }
  }, every);
  return {
    stop: async (): Promise<number> => {
      clearInterval(timer);
      await Promise.all(clients.map((client) => client.quit()));
      return sent;
    },
  };
}
