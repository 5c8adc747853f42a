import { factoryOf } from '../roster.js';
import { settledHeap } from '../settled-heap.js';
import { lockAndRelease, type Address } from '../subject.js';

interface Input {
  readonly subject: string;
  readonly servers: readonly Address[];
  readonly ttl: number;
  readonly cycles: number;
  readonly workers: number;
}

interface Output {
  readonly growthBytes: number;
}

/** Takes and releases locks on the same few resources, a tenth as many beforehand to warm up. */
export async function cycle(input: Input): Promise<() => Promise<Output>> {
  const subject = await factoryOf(input.subject)(input.servers, input);
  const run = async (cycles: number): Promise<void> => {
    let left = cycles;
    const worker = async (id: number): Promise<void> => {
      while (left-- > 0) await lockAndRelease(subject, `cycle:${id}`);
    };
    await Promise.all(Array.from({ length: input.workers }, (_, id) => worker(id)));
  };
  await run(input.cycles / 10);
  return async () => {
    const before = await settledHeap();
    await run(input.cycles);
    return { growthBytes: (await settledHeap()) - before };
  };
}
