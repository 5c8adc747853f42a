import { setTimeout as sleep } from 'node:timers/promises';
import { pace } from './pace.js';

/** Resolves as soon as the condition holds. Rejects if it does not in time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + pace.limit;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${pace.limit} ms: ${what}`);
    await sleep(5);
  }
}

/** Rejects if the promise is not resolved in time. */
export async function resolved(what: string, promise: Promise<unknown>): Promise<void> {
  let isResolved = false;
  void promise.then(() => (isResolved = true));
  await until(what, () => isResolved);
}
