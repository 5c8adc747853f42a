import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../libraries/clients.js';
import { lockAndRelease } from '../libraries/library.js';
import { libraryOf } from '../libraries/roster.js';

interface Input {
  readonly library: string;
  readonly nodes: readonly Address[];
  readonly warmUp: number;
  /** Few enough that no garbage is collected while they run. */
  readonly locks: number;
}

interface Output {
  /** Bytes that a lock allocates. */
  readonly garbage: number;
  /** Bytes that are left of all locks, those of the warm-up excepted. */
  readonly left: number;
}

/** One caller, one lock at a time, a new resource each time. */
export async function lockAlone(input: Input): Promise<() => Promise<Output>> {
  const library = await libraryOf(input.library).open(input.nodes);
  const lock = async (label: string, count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      await lockAndRelease(library, `${label}:${index}`);
      await immediate();
    }
  };
  await lock('warm-up', input.warmUp);
  return async () => {
    const before = await settledHeap();
    await lock('measured', input.locks);
    const after = process.memoryUsage().heapUsed;
    return { garbage: (after - before) / input.locks, left: (await settledHeap()) - before };
  };
}

/** The heap in use once late replies are in and garbage is out. */
async function settledHeap(): Promise<number> {
  await sleep(300);
  globalThis.gc?.();
  await sleep(50);
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
