import { describe, expect, test } from '@jest/globals';
import { QuorumError } from 'redlock-core';
import { Deployment, majors, rejectionOf } from 'test-kit';
import { readyRedlock } from './support/contender.js';
import { scripts } from './support/scripts.js';

const TTL = 60_000;

describe.each(majors)('operations in one command, with ioredis $major', ({ major }) => {
  test('a key that is no string is in the way of its own operations only', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    const { probe } = deployment.node(0);
    await probe.hset('typed', 'field', 'value');
    const held = await redlock.acquire('held', TTL);
    const monitor = await deployment.monitor(0);
    const [before, typed, both, after, sight, typedSight, released] = await Promise.all([
      redlock.tryAcquire('before', TTL),
      redlock.tryAcquire('typed', TTL),
      redlock.tryAcquire(['free', 'typed'], TTL),
      redlock.tryAcquire('after', TTL, { fencing: false }),
      redlock.inspect('held'),
      redlock.inspect('typed'),
      held.release(),
    ]);
    const [command = ''] = await scripts(monitor);
    for (const key of ['before', 'typed', 'free', 'after', 'held']) {
      expect(command).toContain(`"${key}"`);
    }
    expect(typed).toBeNull();
    expect(both).toBeNull();
    expect(sight.nodes).toMatchObject([{ token: held.token, ttl: expect.any(Number) }]);
    expect(typedSight.nodes).toMatchObject([{ token: null, error: { code: 'WRONGTYPE' } }]);
    expect(released).toBe(true);
    expect(await probe.mget('before', 'free', 'after', 'held')).toEqual([
      before?.token,
      null,
      after?.token,
      null,
    ]);
    expect(await probe.hgetall('typed')).toEqual({ field: 'value' });
    expect(await probe.exists('{typed}:fencing')).toBe(0);
  });

  test('a counter that is no string is in the way of nobody', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    await deployment.node(0).probe.hset('{typed}:fencing', 'field', 'value');
    const locks = await Promise.all(
      ['before', 'typed', 'after'].map((resource) => redlock.tryAcquire(resource, TTL)),
    );
    for (const lock of locks) await lock?.extend();
    expect(await deployment.values('{typed}:fencing')).toEqual([String(locks[1]?.fencingToken)]);
  });

  test('failure 31: a full server refuses grants, and runs the releases and extensions beside them', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    const { probe } = deployment.node(0);
    const held = await redlock.acquire('held', TTL);
    const extended = await redlock.acquire('extended', TTL);
    const monitor = await deployment.monitor(0);
    await fill(deployment);
    const [refusal, , released] = await Promise.all([
      rejectionOf(redlock.tryAcquire(['new', 'newer'], TTL)),
      extended.extend(TTL * 2),
      held.release(),
    ]);
    expect(await scripts(monitor)).toContainEqual(expect.stringMatching(/"new" .*"G2" .*"r" /));
    expect(refusal).toBeInstanceOf(QuorumError);
    expect(refusal).toMatchObject({ votes: [{ vote: 'failed', error: { code: 'OOM' } }] });
    expect(released).toBe(true);
    expect(await probe.pttl('extended')).toBeGreaterThan(TTL);
    expect((await probe.keys('*')).toSorted()).toEqual([
      'extended',
      '{extended}:fencing',
      '{held}:fencing',
    ]);
  });

  test('a full server runs a release ahead of a grant, and what it says of the grant is true', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    const held = await redlock.acquire('held', TTL);
    const monitor = await deployment.monitor(0);
    await fill(deployment);
    const [released, granted] = await Promise.all([
      held.release(),
      redlock.tryAcquire('new', TTL).catch((error: unknown) => error),
    ]);
    expect(await scripts(monitor)).toContainEqual(expect.stringMatching(/"r" .*"G" /));
    expect(released).toBe(true);
    // Redis lets a script that has written go on writing: then the grant is one, and whole.
    const token = granted instanceof QuorumError ? null : expect.any(String);
    expect(await deployment.values('held')).toEqual([null]);
    expect(await deployment.values('new')).toEqual([token]);
    expect(granted).toMatchObject(token === null ? { code: 'QUORUM_UNAVAILABLE' } : { token: {} });
  });

  test('a key that the user has no rights to fails alone', async () => {
    await using deployment = await Deployment.start(1);
    // The counter of `app:a` is named `{app:a}:fencing`.
    const user = ['limited', 'on', '>pw', '~app:*', '~{app:*', '+@all'];
    await deployment.node(0).probe.call('ACL', 'SETUSER', ...user);
    const client = { username: 'limited', password: 'pw' };
    const redlock = await readyRedlock(deployment, major, { client });
    // Neither before nor after the server knows the script.
    for (const round of ['first', 'second']) {
      const monitor = await deployment.monitor(0);
      const mine = [`app:a:${round}`, `app:b:${round}`];
      const [first, forbidden, both, last] = await Promise.all([
        redlock.tryAcquire(`app:a:${round}`, TTL),
        rejectionOf(redlock.tryAcquire(`theirs:${round}`, TTL)),
        rejectionOf(redlock.tryAcquire([`app:c:${round}`, `theirs:${round}`], TTL)),
        redlock.tryAcquire(`app:b:${round}`, TTL),
      ]);
      for (const error of [forbidden, both]) {
        expect(error).toBeInstanceOf(QuorumError);
        expect(error).toMatchObject({ votes: [{ vote: 'failed', error: { code: 'NOPERM' } }] });
      }
      const { probe } = deployment.node(0);
      expect(await probe.mget(...mine)).toEqual([first?.token, last?.token]);
      expect(await probe.exists(`theirs:${round}`, `app:c:${round}`)).toBe(0);
      expect(await first?.release()).toBe(true);
      expect(await last?.release()).toBe(true);
      await monitor.close();
    }
  });

  test('a lock released and taken again while something is under way changes hands in one command a node', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const held = await redlock.acquire('handed', TTL);
    await redlock.inspect('handed');
    const monitors = await Promise.all(
      deployment.nodes.map((_, index) => deployment.monitor(index)),
    );
    const underWay = redlock.tryAcquire('other', TTL);
    // Written by now, and not answered: no socket is read before the next turn of the event loop.
    for (let tick = 0; tick < 3; tick++) await new Promise<void>((done) => process.nextTick(done));
    const [released, next] = await Promise.all([held.release(), redlock.tryAcquire('handed', TTL)]);
    expect(released).toBe(true);
    expect(next?.token).not.toBe(held.token);
    expect(next?.fencingToken).toBeGreaterThan(held.fencingToken);
    expect(await underWay).not.toBeNull();
    // Every node has answered what was sent before it.
    await redlock.inspect('handed');
    expect(await deployment.values('handed')).toEqual(Array(3).fill(next?.token));
    for (const monitor of monitors) {
      const commands = await scripts(monitor);
      expect(commands.filter((command) => command.includes('"other"'))).toHaveLength(1);
      const handing = commands.filter((command) => command.includes('"{handed}:fencing"'));
      expect(handing).toEqual([
        expect.stringMatching(
          /"handed" "{handed}:waiting" "{handed}:shared" "handed" "{handed}:fencing" "{handed}:shared" "r" "1" .*"G" "1" /,
        ),
      ]);
      expect(commands.filter((command) => command.includes(held.token))).toEqual(handing);
    }
  });
});

/** From here on the server has no memory for anything new. */
async function fill(deployment: Deployment): Promise<void> {
  const { probe } = deployment.node(0);
  await probe.config('SET', 'maxmemory-policy', 'noeviction');
  await probe.config('SET', 'maxmemory', '1');
}
