import { setTimeout as sleep } from 'node:timers/promises';
import { type Address, type Held, lockAndRelease } from '../libraries/library.js';
import { factoryOf } from '../roster.js';
import { medianOf } from '../spread.js';

interface Input {
  readonly subject: string;
  readonly servers: readonly Address[];
  readonly ttl: number;
  readonly workers: number;
}

/** Takes and releases locks on the same few resources, a tenth as many beforehand to warm up. */
export async function cycle(
  input: Input & { readonly cycles: number },
): Promise<() => Promise<{ growthBytes: number }>> {
  const subject = await factoryOf(input.subject)(input.servers, input);
  const run = async (cycles: number): Promise<void> => {
    let left = cycles;
    await inParallel(input.workers, async (id) => {
      while (left-- > 0) await lockAndRelease(subject, `cycle:${id}`);
    });
  };
  await run(input.cycles / 10);
  return async () => {
    const before = await settledHeap();
    await run(input.cycles);
    return { growthBytes: (await settledHeap()) - before };
  };
}

/** Takes many locks and keeps them. */
export async function hold(
  input: Input & { readonly locks: number },
): Promise<() => Promise<{ takenMs: number; heapPerLock: number }>> {
  const subject = await factoryOf(input.subject)(input.servers, input);
  await lockAndRelease(subject, 'warm-up');
  return async () => {
    const held: (Held | null)[] = Array.from({ length: input.locks }, () => null);
    const before = await settledHeap();
    const start = performance.now();
    let next = 0;
    await inParallel(input.workers, async () => {
      while (next < input.locks) {
        const index = next++;
        held[index] = await subject.acquire(`held:${index}`);
      }
    });
    const takenMs = performance.now() - start;
    const heapPerLock = ((await settledHeap()) - before) / input.locks;
    if (held.includes(null)) throw new Error('A lock is missing');
    return { takenMs, heapPerLock };
  };
}

interface Queue extends Omit<Input, 'workers'> {
  readonly resource: string;
  readonly waiters: number;
  readonly holdMs: number;
  readonly limitMs: number;
}

/** Waiters for one resource, all at once; each has the lock once. `heldMs` is the sum of these times. */
export async function waitInTurn(
  input: Queue,
): Promise<() => Promise<{ acquired: number; heldMs: number }>> {
  const subject = await factoryOf(input.subject)(input.servers, input);
  let acquired = 0;
  let heldMs = 0;
  const wait = async (): Promise<void> => {
    const held = await subject.acquire(input.resource);
    const start = performance.now();
    await sleep(input.holdMs);
    heldMs += performance.now() - start;
    acquired++;
    await held.release();
  };
  return async () => {
    await Promise.race([inParallel(input.waiters, wait), sleep(input.limitMs)]);
    return { acquired, heldMs };
  };
}

interface Loss {
  readonly subject: string;
  readonly healthy: readonly Address[];
  /** The first falls silent when the job is ready. */
  readonly wounded: readonly Address[];
  readonly ttl: number;
  readonly operations: number;
  readonly limitMs: number;
}

interface LossOutput {
  /** Locks taken and released with a silent node. */
  readonly locks: number;
  /** Whether the last operation had not ended some time after the time was over. */
  readonly hangs: boolean;
  readonly healthyMs: number;
  /** Null without a lock. */
  readonly woundedMs: number | null;
  /** Commands to the silent node without an answer at the end. */
  readonly pending: number | null;
  /** Of the heap over the operations. */
  readonly growthBytes: number;
}

const WARM_UP = 200;
/** For the operation that is under way when the time is over, in ms. */
const GRACE = 2000;

/** One caller with five healthy nodes and one of whose five nodes one is silent, in turns. */
export async function loseNode(input: Loss): Promise<() => Promise<LossOutput>> {
  const open = factoryOf(input.subject);
  const healthy = await open(input.healthy, input);
  const wounded = await open(input.wounded, input);
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
      const lock = timed(lockAndRelease(wounded, `wounded:${operation}`));
      const ms = await Promise.race([lock, late]);
      if (ms === 'late') hangs = true;
      else woundedMs.push(ms);
    }
    return {
      locks: woundedMs.length,
      hangs,
      healthyMs: medianOf(healthyMs),
      woundedMs: woundedMs.length > 0 ? medianOf(woundedMs) : null,
      pending: wounded.pending(),
      growthBytes: usedHeap() - heap,
    };
  };
}

async function inParallel(count: number, work: (id: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, id) => work(id)));
}

async function timed(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

/** The heap in use once late replies are in and garbage is out. */
async function settledHeap(): Promise<number> {
  await sleep(300);
  globalThis.gc?.();
  await sleep(50);
  return usedHeap();
}

function usedHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
