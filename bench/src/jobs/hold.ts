import { factoryOf } from '../roster.js';
import { settledHeap } from '../settled-heap.js';
import type { Address, Release } from '../subject.js';

interface Input {
  readonly subject: string;
  readonly servers: readonly Address[];
  readonly ttl: number;
  readonly locks: number;
  readonly workers: number;
}

interface Output {
  readonly takenMs: number;
  readonly heapPerLock: number;
}

/** Takes many locks and keeps them. */
export async function hold(input: Input): Promise<() => Promise<Output>> {
  const subject = await factoryOf(input.subject)(input.servers, input);
  const warm = await subject.acquire('warm-up');
  await warm();
  return async () => {
    const held: (Release | null)[] = Array.from({ length: input.locks }, () => null);
    const before = await settledHeap();
    const start = performance.now();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < input.locks) {
        const index = next++;
        held[index] = await subject.acquire(`held:${index}`);
      }
    };
    await Promise.all(Array.from({ length: input.workers }, worker));
    const takenMs = performance.now() - start;
    const heapPerLock = ((await settledHeap()) - before) / input.locks;
    if (held.includes(null)) throw new Error('A lock is missing');
    return { takenMs, heapPerLock };
  };
}
