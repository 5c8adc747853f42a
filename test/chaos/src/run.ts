import { setMaxListeners } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StallWatch } from 'test-kit';
import { Deployment } from './deployment.js';
import type { Finding } from './checks/finding.js';
import { findLostUpdates, findRefusedHolders } from './checks/ledger-findings.js';
import { findDisorder, findOverlaps } from './checks/overlaps.js';
import { findStandstills } from './checks/progress.js';
import { findTornReads } from './checks/torn-reads.js';
import { Random } from 'test-kit/random';
import { History, type Span } from './history.js';
import { type Entry, Ledger } from './ledger.js';
import { machineNow } from 'test-kit/machine-clock';
import { planFaults } from './plan.js';
import type { Access, Reply } from './message.js';
import { SharedRecord } from './shared-record.js';
import { CLIENTS, NODES, type Variant } from './variant.js';
import type { Work } from './work.js';

export interface RunOptions {
  readonly variant: Variant;
  readonly work: Work;
  readonly seed: number;
  /** In which faults begin. */
  readonly ms: number;
  /** Ends the run early. */
  readonly interrupted: AbortSignal;
}

export interface Outcome {
  readonly history: History;
  readonly spans: readonly Span[];
  readonly entries: readonly Entry[];
  readonly lostUpdates: readonly Finding[];
  readonly findings: readonly Finding[];
}

/** In ms, before the first fault and after the last, and without stalls: until each client has had the lock. */
const CALM_LIMIT = 30_000;
const CALM_STEP = 100;

/** Clients at work on nodes that are hurt, and what must not have happened. */
export async function run(options: RunOptions): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'redlock-chaos-'));
  try {
    return await runIn(folder, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runIn(
  folder: string,
  { variant, work, seed, ms, interrupted }: RunOptions,
): Promise<Outcome> {
  const random = new Random(seed);
  const plan = planFaults(random, variant, ms);
  const ledger = new Ledger(join(folder, 'ledger'));
  await mkdir(join(folder, 'record'));
  const record = new SharedRecord(join(folder, 'record'), ledger, machineNow);
  const access = (client: string, request: Access): Reply =>
    request.kind === 'read' || request.kind === 'write'
      ? ledger.access(client, request)
      : record.access(client, request);
  const history = new History(NODES, machineNow);
  using watch = new StallWatch((still) => history.stoodStill(still));
  const failed = new AbortController();
  await using deployment = await Deployment.start(variant, work, random, history, {
    told: (client, notice) => history.told(client, notice),
    accessed: (client, request) => {
      const reply = access(client, request);
      history.visited(client, request, reply);
      return reply;
    },
    failed: (client, why) => failed.abort(new Error(`${client} failed: ${why}`)),
  });
  const signal = AbortSignal.any([interrupted, failed.signal]);
  // Every fault of the plan waits for its time.
  setMaxListeners(0, signal);
  const late = await everybodyServed(history, signal);
  history.begin();
  const courses = plan.map(async (fault) => {
    await sleep(fault.at, undefined, { signal });
    await deployment.inflict(fault, signal);
  });
  try {
    await Promise.all(courses);
  } catch (error) {
    failed.abort(error);
    // Nothing is started any more when all is closed.
    await Promise.allSettled(courses);
    throw error;
  }
  history.note('end of faults');
  const starved = await everybodyServed(history, signal);
  watch.look();
  const spans = history.end();
  await deployment.dismiss();
  failed.signal.throwIfAborted();
  const entries = ledger.entries();
  const { holds, visits, tornReads } = history;
  const lostUpdates = findLostUpdates(entries, visits);
  const findings = [
    ...findOverlaps(holds),
    ...findDisorder(holds),
    ...lostUpdates,
    ...findTornReads(tornReads),
    ...findRefusedHolders(visits),
    ...findStandstills(spans, visits),
    ...late,
    ...starved,
  ];
  return { history, spans, entries, lostUpdates, findings };
}

/** Without faults everybody who waits gets the lock. */
async function everybodyServed(history: History, signal: AbortSignal): Promise<Finding[]> {
  const before = history.holds.length;
  const served = new Set<string>();
  let calm = 0;
  while (served.size < CLIENTS && calm < CALM_LIMIT) {
    const { stalled } = history;
    await sleep(CALM_STEP, undefined, { signal });
    if (history.stalled === stalled) calm += CALM_STEP;
    for (const { client } of history.holds.slice(before)) served.add(client);
  }
  if (served.size === CLIENTS) return [];
  const text = `only ${served.size} of ${CLIENTS} clients got the lock in ${CALM_LIMIT / 1000} s without faults`;
  return [{ text, at: null }];
}
