import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect } from '@jest/globals';
import type { Lock } from 'redlock-core';
import { type Deployment, pace, until } from 'test-kit';

/**
 * Kills the holder of a resource when it has gone on for an extension that the waiter was not told of, and expects that
 * the waiter has the lock soon after the holder's ttl.
 */
export async function expectAfterKill(
  deployment: Deployment,
  { resource, holder, waiting }: { resource: string; holder: ChildProcess; waiting: Promise<Lock> },
): Promise<Lock> {
  const { probe } = deployment.node(0);
  await until('less is left', async () => (await probe.pttl(resource)) < 0.8 * pace.ttl);
  await until('it is extended', async () => (await probe.pttl(resource)) > 0.8 * pace.ttl);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const start = performance.now();
  const ttls = await Promise.all(deployment.probes.map((one) => one.pttl(resource)));
  const lock = await waiting;
  const elapsed = performance.now() - start;
  const [, quorumFree = 0] = ttls.toSorted((a, b) => a - b);
  expect(elapsed).toBeGreaterThan(quorumFree - 50);
  expect(elapsed).toBeLessThan(quorumFree + pace.prompt);
  return lock;
}
