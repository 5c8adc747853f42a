import { type Deployment, until } from 'test-kit';

/** Resolves when so many processes are in a queue of each node. */
export async function untilQueued(
  { probes }: Deployment,
  queue: string,
  count: number,
): Promise<void> {
  await until(`${count} processes are in ${queue}`, async () => {
    const sizes = await Promise.all(probes.map((probe) => probe.zcard(queue)));
    return sizes.every((size) => size === count);
  });
}
