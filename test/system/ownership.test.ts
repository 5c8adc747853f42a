import { describe, expect, test } from '@jest/globals';
import { LockLostError, ResourceLockedError } from 'redlock-core';
import { Deployment, majors, pace, rejectionOf, until } from 'test-kit';
import { readyRedlock } from './support/contender.js';

const TTL = 60_000;
const COUNTER_GRACE = 5 * 60_000;

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('a lock is a plain string key with an expiry, named keyPrefix + resource, on every node, beside its counter', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major, { keyPrefix: 'locks:' });
    await using lock = await redlock.acquire('plain', TTL);
    await until('all have it', async () => {
      return (await deployment.values('locks:plain')).every((value) => value === lock.token);
    });
    for (const probe of deployment.probes) {
      expect(await probe.type('locks:plain')).toBe('string');
      expect((await probe.keys('*')).toSorted()).toEqual(['locks:plain', '{locks:plain}:fencing']);
      // In one go: time passes between two commands.
      const both = await probe.multi().pttl('locks:plain').pttl('{locks:plain}:fencing').exec();
      const [pttl = 0, counterPttl = 0] = both?.map(([, reply]) => Number(reply)) ?? [];
      expect(pttl).toBeGreaterThan(TTL / 2);
      expect(pttl).toBeLessThanOrEqual(TTL);
      expect(await probe.get('{locks:plain}:fencing')).toBe(String(lock.fencingToken));
      expect(counterPttl - pttl).toBeGreaterThan(COUNTER_GRACE - 1000);
      expect(counterPttl - pttl).toBeLessThanOrEqual(COUNTER_GRACE + 1000);
    }
  });

  test('a resource may be named in any script', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const names = ['Größe', '注文/42', '🔒 line\r\nbreak'];
    const lock = await redlock.acquire(names, TTL);
    await until('all nodes have them', async () => {
      const values = await Promise.all(names.map((name) => deployment.values(name)));
      return values.flat().every((value) => value === lock.token);
    });
    expect(await lock.release()).toBe(true);
  });

  test('without fencing there is no counter', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    await using lock = await redlock.acquire(['one', 'two'], TTL, { fencing: false });
    await lock.extend();
    expect((await deployment.node(0).probe.keys('*')).toSorted()).toEqual(['one', 'two']);
    expect(lock.fencingToken).toBe(0);
  });

  test('a key is set together with its expiry, and the expiry never taken off', async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await readyRedlock(deployment, major);
    const monitor = await deployment.monitor(0);
    const lock = await redlock.acquire(['one', 'two'], TTL);
    await lock.extend(TTL / 2);
    await lock.release();
    await monitor.settle();
    const writes = monitor
      .commands()
      .filter((command) => !/^"(eval|evalsha|m?get|time|exists)"/i.test(command));
    expect(writes).toEqual([
      `"set" "one" "${lock.token}" "px" "${TTL}" "nx"`,
      `"set" "two" "${lock.token}" "px" "${TTL}" "nx"`,
      `"set" "{one}:fencing" "${lock.fencingToken}" "px" "${TTL + COUNTER_GRACE}"`,
      `"set" "{two}:fencing" "${lock.fencingToken}" "px" "${TTL + COUNTER_GRACE}"`,
      `"pexpire" "one" "${TTL / 2}" "gt"`,
      `"pexpire" "two" "${TTL / 2}" "gt"`,
      `"pexpire" "{one}:fencing" "${TTL / 2 + COUNTER_GRACE}" "gt"`,
      `"pexpire" "{two}:fencing" "${TTL / 2 + COUNTER_GRACE}" "gt"`,
      '"del" "one" "two"',
    ]);
  });

  test('a lock whose handle is dropped is free after its ttl, and not before', async () => {
    await using deployment = await Deployment.start(3);
    const [holder, other] = [
      await readyRedlock(deployment, major),
      await readyRedlock(deployment, major),
    ];
    const start = performance.now();
    await holder.acquire('dropped', pace.ttl);
    expect(await other.tryAcquire('dropped', pace.ttl)).toBeNull();
    await using next = await other.acquire('dropped', TTL, { retryDelay: 20 });
    // The server's clock is another, which may be a little faster.
    expect(performance.now() - start).toBeGreaterThanOrEqual(0.98 * pace.ttl);
    expect(performance.now() - start).toBeLessThan(pace.prompt);
    expect(next.remaining()).toBeGreaterThan(0);
  });

  test("neither release nor extension touches a key with somebody else's value", async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major);
    const released = await redlock.acquire('foreign', TTL);
    const extended = await redlock.acquire('other', TTL);
    for (const probe of deployment.probes) {
      await probe.set('foreign', 'theirs', 'PX', TTL);
      await probe.set('other', 'theirs', 'PX', TTL);
    }
    expect(await released.release()).toBe(false);
    const error = await rejectionOf(extended.extend(TTL * 10));
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({ cause: { code: 'TAKEN' } });
    expect(extended.signal.aborted).toBe(true);
    await redlock.tryAcquire('foreign', TTL * 10);
    for (const probe of deployment.probes) {
      expect(await probe.mget('foreign', 'other')).toEqual(['theirs', 'theirs']);
      expect(await probe.pttl('foreign')).toBeLessThanOrEqual(TTL);
      expect(await probe.pttl('other')).toBeLessThanOrEqual(TTL);
    }
  });

  test('a lock of another Redlock client on a majority excludes ours', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major);
    const theirs = deployment.probes.slice(0, 3);
    for (const probe of theirs) await probe.set('shared', 'theirs', 'PX', TTL, 'NX');
    const error = await rejectionOf(redlock.acquire('shared', TTL, { wait: 0 }));
    expect(error).toBeInstanceOf(ResourceLockedError);
    await until('we left nothing', () => deployment.isGone('shared', deployment.probes.slice(3)));
    expect(await deployment.values('shared', theirs)).toEqual(Array(3).fill('theirs'));
  });

  test('our lock excludes another Redlock client', async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major);
    await using lock = await redlock.acquire('shared', TTL);
    await until('all have it', async () => {
      return (await deployment.values('shared')).every((value) => value === lock.token);
    });
    for (const probe of deployment.probes) {
      expect(await probe.set('shared', 'theirs', 'PX', TTL, 'NX')).toBeNull();
    }
  });

  test('a key that is no string counts as held, and stays as it is', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    for (const probe of deployment.probes) await probe.hset('typed', 'field', 'value');
    const error = await rejectionOf(redlock.acquire('typed', TTL, { wait: 0 }));
    expect(error).toBeInstanceOf(ResourceLockedError);
    for (const probe of deployment.probes) {
      expect(await probe.hgetall('typed')).toEqual({ field: 'value' });
      expect(await probe.pttl('typed')).toBe(-1);
    }
  });

  test('a key without an expiry counts as held, and stays as it is', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    for (const probe of deployment.probes) await probe.set('eternal', 'theirs');
    expect(await redlock.tryAcquire('eternal', TTL)).toBeNull();
    for (const probe of deployment.probes) {
      expect(await probe.get('eternal')).toBe('theirs');
      expect(await probe.pttl('eternal')).toBe(-1);
    }
  });

  test('a lock on several resources is all or nothing on each node', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    for (const probe of deployment.probes) await probe.set('b', 'theirs', 'PX', TTL);
    const monitor = await deployment.monitor(0);
    expect(await redlock.tryAcquire(['a', 'b', 'c'], TTL)).toBeNull();
    await monitor.settle();
    // What was free is given back by the very script that took it, and no counter is touched.
    const [, grant = []] = scriptsOf(monitor.commands());
    expect(grant.filter((command) => command.startsWith('"del"'))).toEqual(['"del" "a" "c"']);
    expect(monitor.commands().filter((command) => /^"(set|pexpire)" "{/.test(command))).toEqual([]);
    expect(await deployment.isGone('{a}:fencing')).toBe(true);
    expect(await deployment.values('b')).toEqual(Array(3).fill('theirs'));
    expect(await deployment.isGone('a')).toBe(true);
    expect(await deployment.isGone('c')).toBe(true);
  });
});

/** What a server has carried out, by the script that did it; first of all, what none did. */
function scriptsOf(commands: readonly string[]): string[][] {
  const scripts: string[][] = [[]];
  for (const command of commands) {
    if (/^"(eval|evalsha)"/i.test(command)) scripts.push([]);
    scripts.at(-1)?.push(command);
  }
  return scripts;
}
