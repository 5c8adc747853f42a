import { NODES, TTL, type Deployment } from './deployment.js';
import { startHelper } from './helper.js';
import type { Progress } from './progress.js';
import { COPY, OURS, REFERENCE } from './roster.js';
import { commandsBetween } from './server-meter.js';
import { spreadOf, type Spread } from './spread.js';

export interface Keeping {
  readonly name: string;
  /** Over all rounds. */
  readonly extensions: number;
  readonly lost: number;
  /** For one extension. */
  readonly clientMicros: Spread;
  /** Of the client's CPU for one extension, to the reference's in the same round. */
  readonly ratio: Spread;
  /** For one extension and node. */
  readonly commands: Spread;
}

interface Round {
  readonly extensions: number;
  readonly lost: number;
  readonly clientMicros: number;
  readonly commands: number;
}

export interface KeepingPlan {
  readonly locks: number;
  readonly rounds: number;
  readonly ms: number;
}

const NAMES = [OURS[0], REFERENCE, COPY];

/** Many locks that one process keeps, beside one command for each lock and node; in turns. */
export async function measureKeeping(
  deployment: Deployment,
  plan: KeepingPlan,
  progress: Progress,
): Promise<Keeping[]> {
  const inScripts = new Set([...(await deployment.onlyInScripts(OURS[0])), 'get', 'pexpire']);
  const rounds = new Map<string, Round[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < plan.rounds; round++) {
    for (const name of round % 2 === 0 ? NAMES : NAMES.toReversed()) {
      progress(`round ${round + 1}: ${name}`);
      rounds.get(name)?.push(await keepFor(deployment, inScripts, name !== OURS[0], plan));
    }
  }
  const figures = (name: string, figure: keyof Round): number[] =>
    (rounds.get(name) ?? []).map((round) => round[figure]);
  const sum = (name: string, figure: keyof Round): number =>
    figures(name, figure).reduce((total, value) => total + value, 0);
  const references = figures(REFERENCE, 'clientMicros');
  return NAMES.map((name) => ({
    name,
    extensions: sum(name, 'extensions'),
    lost: sum(name, 'lost'),
    clientMicros: spreadOf(figures(name, 'clientMicros')),
    ratio: spreadOf(
      figures(name, 'clientMicros').map((micros, round) => micros / (references[round] ?? NaN)),
    ),
    commands: spreadOf(figures(name, 'commands')),
  }));
}

async function keepFor(
  { meter, addresses: servers }: Deployment,
  inScripts: ReadonlySet<string>,
  byHand: boolean,
  { locks, ms }: KeepingPlan,
): Promise<Round> {
  await meter.clear();
  await using helper = await startHelper('keep', { servers, ttl: TTL, locks, ms, byHand });
  const before = await meter.read();
  const output = await helper.run(ms + 30_000);
  const after = await meter.read();
  if (!output) throw new Error('The helper hangs');
  const { extensions, lost, cpuMicros } = output;
  return {
    extensions,
    lost,
    clientMicros: cpuMicros / extensions,
    commands: commandsBetween(before, after, inScripts) / extensions / NODES,
  };
}
