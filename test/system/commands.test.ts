import { expect, test } from '@jest/globals';
import { QuorumError, Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { Deployment, isReady, rejectionOf } from 'test-kit';

const TTL = 60_000;

async function connect(
  deployment: Deployment,
  user?: { username: string; password: string },
): Promise<Redlock> {
  const client = deployment.client(6, 0, user);
  await isReady(client);
  const redlock = new Redlock([ioredisNode(client)]);
  deployment.defer(() => redlock.close());
  return redlock;
}

test('failure 31: a full server refuses grants, and executes releases and extensions of the same command', async () => {
  await using deployment = await Deployment.start(1);
  const redlock = await connect(deployment);
  const { probe } = deployment.node(0);
  const held = await redlock.acquire('held', TTL);
  const extended = await redlock.acquire('extended', TTL);
  await probe.config('SET', 'maxmemory-policy', 'noeviction');
  await probe.config('SET', 'maxmemory', '1');
  const [refusal, , released] = await Promise.all([
    rejectionOf(redlock.tryAcquire(['new', 'newer'], TTL)),
    extended.extend(TTL * 2),
    held.release(),
  ]);
  expect(refusal).toBeInstanceOf(QuorumError);
  expect(refusal).toMatchObject({ votes: [{ vote: 'failed', error: { code: 'OOM' } }] });
  expect(released).toBe(true);
  expect(await probe.pttl('extended')).toBeGreaterThan(TTL);
  expect(await probe.exists('held', 'new', 'newer')).toBe(0);
});

test('calls that share a command with one that lacks a right to its key succeed', async () => {
  await using deployment = await Deployment.start(1);
  const { probe } = deployment.node(0);
  // The counter of `app:a` is named `{app:a}:fencing`.
  await probe.call('ACL', 'SETUSER', 'limited', 'on', '>pw', '~app:*', '~{app:*', '+@all');
  const redlock = await connect(deployment, { username: 'limited', password: 'pw' });
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
      expect(error).toMatchObject({ votes: [{ vote: 'failed', error: { code: 'NOPERM' } }] });
    }
    expect(await probe.mget(...mine)).toEqual([first?.token, last?.token]);
    expect(await probe.exists(`theirs:${round}`, `app:c:${round}`)).toBe(0);
    expect(await first?.release()).toBe(true);
    expect(await last?.release()).toBe(true);
  }
});
