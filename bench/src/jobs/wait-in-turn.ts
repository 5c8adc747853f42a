import { setTimeout as sleep } from 'node:timers/promises';
import { factoryOf } from '../roster.js';
import type { Address } from '../subject.js';

interface Input {
  readonly subject: string;
  readonly servers: readonly Address[];
  readonly resource: string;
  readonly ttl: number;
  readonly waiters: number;
  readonly holdMs: number;
  readonly limitMs: number;
}

interface Output {
  readonly acquired: number;
  /** The sum of the times for which the lock was held. */
  readonly heldMs: number;
}

/** Waiters for one resource, all at once; each has the lock once. */
export async function waitInTurn(input: Input): Promise<() => Promise<Output>> {
  const subject = await factoryOf(input.subject)(input.servers, input);
  let acquired = 0;
  let heldMs = 0;
  const wait = async (): Promise<void> => {
    const release = await subject.acquire(input.resource);
    const start = performance.now();
    await sleep(input.holdMs);
    heldMs += performance.now() - start;
    acquired++;
    await release();
  };
  return async () => {
    const everybody = Promise.all(Array.from({ length: input.waiters }, wait));
    await Promise.race([everybody, sleep(input.limitMs)]);
    return { acquired, heldMs };
  };
}
