import type { Redlock } from 'redlock-core';
import { until } from 'test-kit';

/** Resolves when so many processes wait for a resource. */
export async function untilWaiting(
  redlock: Redlock,
  resource: string,
  count: number,
): Promise<void> {
  await until(`${count} processes wait for ${resource}`, async () => {
    return (await redlock.inspect(resource)).waiting === count;
  });
}
