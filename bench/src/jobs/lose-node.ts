import { setTimeout as sleep } from 'node:timers/promises';
import { medianOf } from '../figure.js';
import { type Address, pendingOn } from '../libraries/clients.js';
import { lockAndRelease } from '../libraries/library.js';
import { libraryOf } from '../libraries/roster.js';

interface Input {
  readonly library: string;
  readonly healthy: readonly Address[];
  /** The first falls silent when the job is ready. */
  readonly wounded: readonly Address[];
  readonly operations: number;
  readonly limitMs: number;
}

interface Output {
  /** Locks taken and released with a silent node. */
  readonly locks: number;
  /** Whether the last operation had not ended some time after the time was over. */
  readonly hangs: boolean;
  readonly healthyMs: number;
  /** Null without a lock. */
  readonly woundedMs: number | null;
  /** Commands to the silent node without a reply at the end. */
  readonly pending: number | null;
  readonly heapGrowth: number;
}

const WARM_UP = 200;
/** For the operation that is under way when the time is over, in ms. */
const GRACE = 2000;

/** One caller with five healthy nodes, and with five of which one is silent, in turns. */
export async function loseNode(input: Input): Promise<() => Promise<Output>> {
  const library = libraryOf(input.library);
  const healthy = await library.open(input.healthy);
  const wounded = await library.open(input.wounded);
  for (let operation = 0; operation < WARM_UP; operation++) {
    await lockAndRelease(healthy, `healthy:warm-up:${operation}`);
    await lockAndRelease(wounded, `wounded:warm-up:${operation}`);
  }
  return async () => {
    const healthyMs: number[] = [];
    const woundedMs: number[] = [];
    const end = performance.now() + input.limitMs;
    const late = sleep(input.limitMs + GRACE, 'late' as const, { ref: false });
    const heap = usedHeap();
    let hangs = false;
    while (woundedMs.length < input.operations && performance.now() < end && !hangs) {
      const operation = woundedMs.length;
      healthyMs.push(await timed(lockAndRelease(healthy, `healthy:${operation}`)));
      const ms = await Promise.race([timed(lockAndRelease(wounded, `wounded:${operation}`)), late]);
      if (ms === 'late') hangs = true;
      else woundedMs.push(ms);
    }
    return {
      locks: woundedMs.length,
      hangs,
      healthyMs: medianOf(healthyMs),
      woundedMs: woundedMs.length > 0 ? medianOf(woundedMs) : null,
      pending: pendingOn(wounded.clients[0]),
      heapGrowth: usedHeap() - heap,
    };
  };
}

async function timed(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

function usedHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
