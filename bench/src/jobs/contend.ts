import { setTimeout as sleep } from 'node:timers/promises';
import type { Turn } from '../contests/contest.js';
import { machineNow } from 'test-kit/machine-clock';
import { factoryOf } from '../roster.js';
import { type Address, lockAndRelease } from '../libraries/library.js';

interface Input {
  readonly subject: string;
  readonly servers: readonly Address[];
  readonly resource: string;
  readonly ttl: number;
  readonly workers: number;
  readonly holdMs: number;
  /** What each worker does before it wants the lock again. */
  readonly restMs: number;
  /** The lead of the process's wall clock over the machine's. */
  readonly clockAheadMs: number;
  readonly ms: number;
}

/** Workers that want one resource again and again, until the time is over: nothing is waited for then. */
export async function contend(input: Input): Promise<() => Promise<Turn[]>> {
  setWallClockAhead(input.clockAheadMs);
  const subject = await factoryOf(input.subject)(input.servers, input);
  await lockAndRelease(subject, `warm-up:${process.pid}`);
  return async () => {
    const turns: Turn[] = [];
    const worker = async (): Promise<never> => {
      for (;;) {
        const turn: Turn = { wanted: machineNow(), granted: null, released: null };
        turns.push(turn);
        const held = await subject.acquire(input.resource);
        turn.granted = machineNow();
        await sleep(input.holdMs);
        turn.released = machineNow();
        await held.release();
        if (input.restMs > 0) await sleep(input.restMs);
      }
    };
    await Promise.race([sleep(input.ms), ...Array.from({ length: input.workers }, worker)]);
    return turns;
  };
}

/** Timers and the monotonic clock stay as they are. */
function setWallClockAhead(ms: number): void {
  if (ms === 0) return;
  const now = Date.now.bind(Date);
  Date.now = () => now() + ms;
}
