import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pace } from './pace.js';

const INTERVAL_MS = 5;

/**
 * Resolves as soon as the condition holds; rejects when it does not within `ms`. `redlock-core/conformance` has one of its
 * own: a published package can import nothing of the test kit, and its interface has no place for a helper.
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms: number = pace.limit,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${ms} ms: ${what}`);
    await sleep(INTERVAL_MS);
  }
}
