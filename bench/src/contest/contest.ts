import { setTimeout as sleep } from 'node:timers/promises';
import { TTL } from '../deployment.js';
import { runTogether, startHelper } from '../helper.js';
import type { JobInput } from '../jobs/index.js';
import { machineNow } from 'test-kit/machine-clock';
import type { Address } from '../subject.js';
import { ContestLog } from './contest-log.js';
import type { Turn } from './turn.js';

/** Processes that do the same. */
export interface Party extends Pick<
  JobInput<'contend'>,
  'subject' | 'workers' | 'holdMs' | 'restMs'
> {
  readonly processes: number;
  /** The lead of every second process's wall clock over the others', in ms. */
  readonly clocksApartMs?: number;
}

export interface Contest {
  readonly servers: readonly Address[];
  readonly resource: string;
  readonly parties: readonly Party[];
  readonly ttl?: number;
  readonly ms: number;
  /** Before the processes begin, but when all of them are connected. */
  prepare?(): Promise<void>;
  /** When the time that counts begins, and when it ends. */
  begin?(): Promise<void>;
  end?(): Promise<void>;
}

/** After this time, and some more for each process, all have been denied and have subscribed. It does not count. */
const LEAD = 1000;
const LEAD_OF_EACH = 20;
/** So that no process ends before the time that counts is over. */
const TAIL = 500;

/** The turns of the processes of a contest, in the order of the parties, and the two times between which they count. */
interface ContestTurns {
  readonly turns: readonly (readonly Turn[])[];
  readonly from: number;
  readonly to: number;
}

/** @throws Error if two had the lock at once */
export async function runContest(contest: Contest): Promise<ContestLog> {
  const { turns, from, to } = await collectTurns(contest);
  return new ContestLog(turns, from, to);
}

export async function collectTurns(contest: Contest): Promise<ContestTurns> {
  const { servers, resource, ttl = TTL, ms } = contest;
  const count = contest.parties.reduce((sum, { processes }) => sum + processes, 0);
  const lead = LEAD + LEAD_OF_EACH * count;
  const inputs = contest.parties.flatMap(({ processes, clocksApartMs = 0, ...work }) =>
    Array.from({ length: processes }, (_, index) => ({
      ...work,
      servers,
      resource,
      ttl,
      clockAheadMs: index % 2 === 0 ? 0 : clocksApartMs,
      ms: lead + ms + TAIL,
    })),
  );
  const helpers = await Promise.all(inputs.map((input) => startHelper('contend', input)));
  try {
    await contest.prepare?.();
    const running = runTogether(helpers, lead + ms + TAIL + 30_000);
    await sleep(lead);
    await contest.begin?.();
    const from = machineNow();
    await sleep(ms);
    const to = machineNow();
    await contest.end?.();
    const turns = await running;
    if (turns.length < helpers.length) throw new Error('A process of the contest hangs or died');
    return { turns, from, to };
  } finally {
    await Promise.all(helpers.map((helper) => helper[Symbol.asyncDispose]()));
  }
}
