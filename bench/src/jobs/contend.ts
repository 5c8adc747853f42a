import { setTimeout as sleep } from 'node:timers/promises';
import { factoryOf } from '../roster.js';
import type { Address } from '../subject.js';

interface Input {
  readonly subject: string;
  readonly servers: readonly Address[];
  readonly resource: string;
  readonly ttl: number;
  readonly workers: number;
  readonly holdMs: number;
  /** What each worker does before it wants the lock again. */
  readonly restMs: number;
  readonly ms: number;
}

interface Output {
  /** When each lock was had and when its release was called: ms on the machine's monotonic clock. */
  readonly holds: readonly (readonly [number, number])[];
  readonly longestWaitMs: number;
}

/** Workers that want one resource again and again for some time. */
export async function contend(input: Input): Promise<() => Promise<Output>> {
  const subject = await factoryOf(input.subject)(input.servers, input);
  const warm = await subject.acquire(`warm-up:${process.pid}`);
  await warm();
  return async () => {
    const holds: [number, number][] = [];
    const end = machineNow() + input.ms;
    let longestWaitMs = 0;
    const worker = async (): Promise<void> => {
      while (machineNow() < end) {
        const start = machineNow();
        const release = await subject.acquire(input.resource);
        const granted = machineNow();
        longestWaitMs = Math.max(longestWaitMs, granted - start);
        await sleep(input.holdMs);
        holds.push([granted, machineNow()]);
        await release();
        if (input.restMs > 0) await sleep(input.restMs);
      }
    };
    await Promise.all(Array.from({ length: input.workers }, worker));
    return { holds, longestWaitMs };
  };
}

/** The same for all processes of a machine, in ms. */
function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
