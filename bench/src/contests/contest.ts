import { setTimeout as sleep } from 'node:timers/promises';
import { killSubscribers } from 'test-kit';
import { machineNow } from 'test-kit/machine-clock';
import { type Fleet, TTL } from '../fleet.js';
import { withHelpers } from '../helper.js';
import type { JobInput } from '../jobs/index.js';
import type { Address } from '../libraries/library.js';
import type { Usage } from '../meter.js';

/** One request for the lock, in ms on the machine's clock. */
export interface Turn {
  readonly wanted: number;
  /** Null: still waiting when the time was over. */
  granted: number | null;
  /** When the release was called. Null: still held when the time was over. */
  released: number | null;
}

type Work = Pick<JobInput<'contend'>, 'subject' | 'workers' | 'holdMs' | 'restMs'>;

/** Processes that do the same. */
export interface Party extends Work {
  readonly processes: number;
  /** The lead of every second process's wall clock over the others', in ms. */
  readonly clocksApartMs?: number;
}

interface Contest {
  readonly fleet: Fleet;
  /** By default those of the fleet. */
  readonly servers?: readonly Address[];
  readonly resource: string;
  readonly parties: readonly Party[];
  readonly ttl?: number;
  readonly ms: number;
  /** Runs when all processes are connected and none is at work. */
  prepare?(): Promise<void>;
  /** Runs when the time that counts begins. */
  begin?(): void;
}

interface Course {
  /** The turns of the processes, in the order of the parties, and the two times between which they count. */
  readonly turns: readonly (readonly Turn[])[];
  readonly from: number;
  readonly to: number;
  /** What the servers did in that time. */
  readonly usage: Usage;
}

/** After this time, and some more for each process, all have been denied and have subscribed. It does not count. */
const LEAD = 1000;
const LEAD_OF_EACH = 20;
/** So that no process ends before the time that counts is over. */
const TAIL = 500;

/** Processes that want one resource again and again. */
export async function runContest(contest: Contest): Promise<Course> {
  const { fleet, servers = fleet.servers, resource, ttl = TTL, ms, parties } = contest;
  await fleet.meter.clear();
  const count = parties.reduce((sum, { processes }) => sum + processes, 0);
  const lead = LEAD + LEAD_OF_EACH * count;
  const duration = lead + ms + TAIL;
  const inputs = parties.flatMap(({ processes, clocksApartMs = 0, ...work }) =>
    Array.from({ length: processes }, (_, index) => ({
      ...work,
      servers,
      resource,
      ttl,
      ms: duration,
      clockAheadMs: index % 2 === 0 ? 0 : clocksApartMs,
    })),
  );
  return withHelpers('contend', inputs, async (run) => {
    await contest.prepare?.();
    const running = run(duration + 30_000);
    await sleep(lead);
    const end = await fleet.meter.begin();
    contest.begin?.();
    const from = machineNow();
    await sleep(ms);
    const to = machineNow();
    const usage = await end();
    return { turns: await running, from, to, usage };
  });
}

/** Kills all connections that subscribe, again and again. Returns what ends it. */
export function killSubscriptions({ deployment }: Fleet, every = 100): () => void {
  const timer = setInterval(() => {
    for (const probe of deployment.probes) void killSubscribers(probe).catch(() => {});
  }, every);
  return () => clearInterval(timer);
}
