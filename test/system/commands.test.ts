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

test('calls that share a command with one that lacks a right to its key succeed', async () => {
  await using deployment = await Deployment.start(1);
  const { probe } = deployment.node(0);
  const client = await deployment.user('+@all', '&*', 'resetkeys', '~app:*', '~{app:*');
  const redlock = await deployment.redlock({ client });
  // Once before the server knows the script, and once after that.
  for (const round of ['first', 'second']) {
    const mine = [`app:a:${round}`, `app:b:${round}`];
    const [first, forbidden, both, last] = await Promise.all([
      redlock.tryAcquire(`app:a:${round}`, TTL),
      rejectionOf(redlock.tryAcquire(`theirs:${round}`, TTL)),
      rejectionOf(redlock.tryAcquire([`app:c:${round}`, `theirs:${round}`], TTL)),
      redlock.tryAcquire(`app:b:${round}`, TTL),
    ]);
    for (const error of [forbidden, both]) {
      expect(error).toMatchObject({ votes: [{ result: 'failed', error: { code: 'NOPERM' } }] });
    }
    expect(await probe.mget(...mine)).toEqual([first?.token, last?.token]);
    expect(await probe.exists(`theirs:${round}`, `app:c:${round}`)).toBe(0);
    expect(await first?.release()).toBe(true);
    expect(await last?.release()).toBe(true);
  }
});
