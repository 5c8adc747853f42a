import { expect, test } from '@jest/globals';
import { QuorumError } from 'redlock-core';
import { Deployment, rejectionOf } from 'test-kit';

const TTL = 60_000;

test('failure 31: a full server refuses grants, and executes releases, and extensions of the same command', async () => {
  await using deployment = await Deployment.start(1);
  const redlock = await deployment.redlock();
  const { probe } = deployment.node(0);
  const held = await redlock.acquire('held', TTL);
  const extended = await redlock.acquire('extended', TTL);
  await probe.config('SET', 'maxmemory', '1');
  const [refusal] = await Promise.all([
    rejectionOf(redlock.tryAcquire(['new', 'newer'], TTL)),
    extended.extend(TTL * 2),
  ]);
  const released = await held.release();
  expect(refusal).toBeInstanceOf(QuorumError);
  expect(refusal).toMatchObject({ votes: [{ result: 'failed', error: { code: 'OOM' } }] });
  expect(released).toBe(true);
  expect(await probe.pttl('extended')).toBeGreaterThan(TTL);
  expect(await probe.exists('held', 'new', 'newer')).toBe(0);
});
