import { measureConfirmShare, type ConfirmShare } from './confirm-share.js';
import { measureContention, type Contention } from './contention.js';
import { measureFootprint, type Footprint } from './footprint.js';
import { measureGrowth, type Growth } from './growth.js';
import { measureHandOff, type HandOff } from './hand-off.js';
import { measureHeld, type Held } from './held.js';
import { measureKeeping, type Keeping } from './keeping.js';
import { measureLatency, type Latency } from './latency.js';
import { measureNodeAway, type NodeAway } from './node-away.js';
import { CROWDS, type Plan, QUEUES } from './plan.js';
import type { Progress } from './progress.js';
import { EVERYBODY, HOLDERS, LIBRARIES, OURS, REFERENCE } from './roster.js';
import { closeSubjects, Deployment } from './deployment.js';
import { type Crowd, measureThroughput, type Throughput } from './throughput.js';

/** All that one run has measured. */
export interface Figures {
  readonly redis: string;
  readonly latency: readonly Latency[];
  readonly throughput: readonly { crowd: Crowd; results: readonly Throughput[] }[];
  readonly nodeAway: readonly NodeAway[];
  readonly confirms: readonly ConfirmShare[];
  readonly footprint: readonly Footprint[];
  readonly held: readonly Held[];
  readonly keeping: readonly Keeping[];
  readonly growth: Growth;
  readonly contention: readonly Contention[];
  readonly handOff: readonly { waiters: readonly number[]; results: readonly HandOff[] }[];
}

export async function measure(plan: Plan, progress: Progress): Promise<Figures> {
  const isWanted = (name: string): boolean => plan.peersEverywhere || name.startsWith(OURS[0]);
  const libraries = Object.keys(LIBRARIES).filter(isWanted);
  await using deployment = await Deployment.start();
  progress('connect all subjects');
  const subjects = await deployment.openSubjects(EVERYBODY);
  progress('latency');
  const latency = await measureLatency(subjects, REFERENCE, plan.latency);
  const throughput: Figures['throughput'][number][] = [];
  for (const crowd of CROWDS) {
    progress(`throughput, ${crowd.workers} workers, ${crowd.resources} resources`);
    const results = await measureThroughput(
      deployment,
      subjects,
      REFERENCE,
      crowd,
      plan.throughput,
    );
    throughput.push({ crowd, results });
  }
  await closeSubjects(subjects);
  progress('share of confirm rounds');
  const confirms = await measureConfirmShare(deployment, plan.confirmMs);
  progress('import time and size');
  const footprint = await measureFootprint(plan.importRuns);
  const holders = Object.keys(HOLDERS).filter(isWanted);
  const held = await measureHeld(deployment, holders, plan.heldLocks, (name) =>
    progress(`held: ${name}`),
  );
  const [ours] = subjects;
  const onlyInScripts = ours?.onlyInScripts ?? new Set<string>();
  progress('keep locks');
  const keeping = await measureKeeping(deployment, onlyInScripts, plan.heldLocks, plan.keepMs);
  progress(`memory over ${plan.cycles} locks`);
  const growth = await measureGrowth(deployment, plan.cycles);
  const handOff: Figures['handOff'][number][] = [];
  for (const waiters of QUEUES) {
    const queue = subjects.filter(({ name }) => libraries.includes(name));
    const results = await measureHandOff(deployment, queue, { ...plan.handOff, waiters }, (name) =>
      progress(`hand-off over ${waiters.length}: ${name}`),
    );
    handOff.push({ waiters, results });
  }
  const contention = await measureContention(
    deployment,
    onlyInScripts,
    plan.contentionMs,
    (situation) => progress(`contention: ${situation}`),
  );
  const nodeAway = await measureNodeAway(libraries, plan.nodeAway, (name) =>
    progress(`a node away: ${name}`),
  );
  return {
    redis: await deployment.meter.version(),
    latency,
    throughput,
    nodeAway,
    confirms,
    footprint,
    held,
    keeping,
    growth,
    contention,
    handOff,
  };
}
