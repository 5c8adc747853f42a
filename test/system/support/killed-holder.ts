import { expect } from '@jest/globals';
import type { Lock } from 'redlock-core';
import { type Actor, type Deployment, pace, until } from 'test-kit';

/**
 * Kills the holder of a resource after an extension that the waiter does not know of, and expects that the waiter gets
 * the lock soon after the holder's ttl, and not before.
 */
export async function expectAfterKill(
  deployment: Deployment,
  { resource, holder, waiting }: { resource: string; holder: Actor; waiting: Promise<Lock> },
): Promise<Lock> {
  const extensions = (): number => holder.events.filter(({ event }) => event === 'extended').length;
  const before = extensions();
  await until('it is extended', () => extensions() > before);
  await holder.kill();
  const start = performance.now();
  const ttls = await Promise.all(deployment.probes.map((one) => one.pttl(resource)));
  const lock = await waiting;
  const elapsed = performance.now() - start;
  const [, quorumFree = 0] = ttls.toSorted((a, b) => a - b);
  expect(quorumFree).toBeGreaterThan(0);
  expect(elapsed).toBeGreaterThan(quorumFree - 50);
  expect(elapsed).toBeLessThan(quorumFree + pace.prompt);
  return lock;
}
