import { setTimeout as sleep } from 'node:timers/promises';

/** The heap in use once late replies are in and garbage is out. */
export async function settledHeap(): Promise<number> {
  await sleep(300);
  globalThis.gc?.();
  await sleep(50);
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
