import { setTimeout as sleep } from 'node:timers/promises';
import { machineNow } from 'test-kit/machine-clock';
import { sumOf } from '../figure.js';
import { type Library, TTL } from '../libraries/library.js';
import { SHARED } from '../libraries/roster.js';
import { measureIdleRound, type Servers } from '../servers.js';
import { withWorkers } from '../worker.js';
import { ContestLog, type Request } from './contest-log.js';

/** Processes that do the same. */
export interface Party {
  readonly library: Library;
  readonly processes: number;
  readonly workers: number;
  readonly holdMs: number;
  readonly restMs?: number;
  readonly resource?: string;
  /** The lead of every second process's wall clock over the others', in ms. */
  readonly clocksApartMs?: number;
}

interface Contest {
  readonly servers: Servers;
  readonly parties: readonly Party[];
  readonly ms: number;
  /** How many may hold the lock at once, if it is a semaphore. */
  readonly permits?: number;
  /** Begins with the time that counts, and lasts. @returns what ends it */
  readonly fault?: (servers: Servers) => (() => void) | void;
}

interface Course {
  readonly log: ContestLog;
  /** In the time that counts, of all processes. */
  readonly commands: number;
  /** The same of the servers, where calls of scripts are counted as well. */
  readonly scripts: number;
  readonly messages: number;
  /** With all processes connected and none at work. */
  readonly idleRoundMs: number;
}

/** After this time, and some more for each process, all have been denied and have subscribed. */
const LEAD = 1000;
const LEAD_OF_EACH = 20;
const TAIL = 500;

/** Processes that want the same resources again and again. */
export async function runContest({
  servers,
  parties,
  ms,
  permits = 1,
  fault,
}: Contest): Promise<Course> {
  await servers.clear();
  const leadMs = LEAD + LEAD_OF_EACH * sumOf(parties.map(({ processes }) => processes));
  const processes = parties.flatMap((party, index) =>
    Array.from({ length: party.processes }, (_, place) => ({ party, index, place })),
  );
  const inputs = processes.map(({ party, place }) => ({
    library: party.library.name,
    nodes: fault ? servers.vulnerable : servers.addresses,
    resource: party.resource ?? 'contended',
    ttl: TTL,
    workers: party.workers,
    holdMs: party.holdMs,
    restMs: party.restMs ?? 0,
    clockAheadMs: place % 2 === 0 ? 0 : (party.clocksApartMs ?? 0),
    leadMs,
    ms,
    tailMs: TAIL,
  }));
  return withWorkers('contend', inputs, async (run) => {
    const idleRoundMs = await measureIdleRound(servers.addresses);
    const running = run(leadMs + ms + TAIL + 30_000);
    await sleep(leadMs);
    const endMeasuring = await servers.measure();
    const endFault = fault?.(servers);
    const from = machineNow();
    await sleep(ms);
    const to = machineNow();
    const usage = await endMeasuring();
    endFault?.();
    const outputs = await running;
    const requests = outputs.flatMap(({ turns }, process): Request[] => {
      const { party, index } = processes[process] ?? {};
      return turns.map((turn) => ({
        ...turn,
        process,
        party: index ?? 0,
        resources: (party?.resource ?? '').split('+'),
        shared: party?.library === SHARED,
      }));
    });
    return {
      log: new ContestLog(requests, from, to, permits),
      commands: sumOf(outputs.map(({ commands }) => commands)),
      scripts: usage.calls('eval', 'evalsha'),
      messages: usage.calls('publish'),
      idleRoundMs,
    };
  });
}
