import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { type Lock, LockLostError, Redlock } from 'redlock-core';
import { Deployment, majors, pace, rejectionOf, repeatedAfterStall, until } from 'test-kit';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { aborted } from './support/aborted.js';
import { exitCode, lineOf, runHolder } from './support/child.js';
import { readyContender, readyRedlock } from './support/contender.js';
import { scripts } from './support/scripts.js';

const TTL = 60_000;

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('2,000 locks of one process are extended in few commands, and none is lost', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const names = Array.from({ length: 2000 }, (_, i) => `lock ${i}`);
    const lost: unknown[] = [];
    redlock.on('lost', ({ error }) => void lost.push(error));
    const locks: Lock[] = [];
    // Not all in the same moment.
    for (let first = 0; first < names.length; first += 100) {
      const some = names.slice(first, first + 100);
      locks.push(
        ...(await Promise.all(
          some.map((name) => redlock.acquire(name, 4 * pace.ttl, { autoExtend: true })),
        )),
      );
    }
    const extensions = new Map(locks.map((lock) => [lock, 0]));
    redlock.on('extended', ({ lock }) => {
      extensions.set(lock, (extensions.get(lock) ?? 0) + 1);
    });
    const before = await Promise.all(deployment.probes.map(scriptsRun));
    const isEnough = (): boolean => [...extensions.values()].every((count) => count >= 3);
    await until('each was extended three times', () => lost.length > 0 || isEnough());
    expect(lost).toEqual([]);
    const after = await Promise.all(deployment.probes.map(scriptsRun));
    const all = [...extensions.values()].reduce((sum, count) => sum + count);
    for (const [index, commands] of after.entries()) {
      expect((commands - (before[index] ?? 0)) / all).toBeLessThan(0.1);
    }
    expect(locks.filter(({ signal }) => signal.aborted)).toEqual([]);
    for (const probe of deployment.probes) {
      expect(await probe.mget(names)).toEqual(locks.map(({ token }) => token));
    }
    await Promise.all(locks.map((lock) => lock.release()));
    for (const probe of deployment.probes) {
      await until('nothing stays', async () => (await probe.exists(names)) === 0);
    }
  });

  test('a key stolen on a majority is noticed at the next extension', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const { signal } = await redlock.acquire('stolen', pace.ttl, { autoExtend: true });
    for (const probe of deployment.probes.slice(0, 2))
      await probe.set('stolen', 'thief', 'PX', TTL);
    let extensions = 0;
    redlock.on('extended', () => extensions++);
    expect(await aborted(signal)).toMatchObject({ cause: { code: 'TAKEN' } });
    expect(extensions).toBe(0);
  });

  test.each([{ autoExtend: false }, { autoExtend: true }])(
    'an event loop that was blocked past the validity: nothing is left of it, and the signal is aborted before any later timer (autoExtend: $autoExtend)',
    async ({ autoExtend }) => {
      await using deployment = await Deployment.start(3);
      const redlock = await readyRedlock(deployment, major);
      const asked = await redlock.acquire('asked', 500, { autoExtend });
      const told = await redlock.acquire('told', 500, { autoExtend });
      const { signal } = told;
      block(700);
      expect(asked.remaining()).toBe(0);
      expect(asked.signal.aborted).toBe(true);
      await sleep(0);
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toMatchObject({ cause: { code: 'EXPIRED' } });
      expect(told.remaining()).toBe(0);
    },
  );

  test('work that blocked the event loop past its lock is told so, be it done in that very turn', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const error = await rejectionOf(redlock.using('blocked', 500, () => block(700)));
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({ cause: { code: 'EXPIRED' } });
  });

  test('all servers stopped: every lock is lost once, at its own end, and nothing stays when they go on', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
    const losses = new Map<string, { code: unknown; at: number }[]>();
    redlock.on('lost', ({ lock, error }) => {
      const name = String(lock.resources);
      const loss = { code: (error.cause as { code?: unknown }).code, at: performance.now() };
      losses.set(name, [...(losses.get(name) ?? []), loss]);
    });
    const ttls = [pace.ttl, pace.ttl + 300, pace.ttl + 600];
    const locks = await Promise.all(
      ttls.map((ttl) => redlock.acquire(`lock of ${ttl}`, ttl, { autoExtend: true })),
    );
    await Promise.all(deployment.nodes.map(({ server }) => server.pause()));
    // From here on nothing extends them, but for what is answered already.
    const ends = locks.map((lock) => performance.now() + lock.remaining());
    await Promise.all(locks.map(({ signal }) => aborted(signal)));
    for (const [index, lock] of locks.entries()) {
      const [loss, ...more] = losses.get(String(lock.resources)) ?? [];
      expect(more).toEqual([]);
      expect(loss?.code).toBe('UNREACHABLE');
      expect(loss?.at).toBeGreaterThan((ends[index] ?? 0) - 60);
      expect(loss?.at).toBeLessThan((ends[index] ?? 0) + pace.prompt);
    }
    await Promise.all(deployment.nodes.map(({ server }) => server.resume()));
    // An extension that waited in a socket may run now: what follows it is a release.
    for (const { resources } of locks) {
      await until('nothing stays', () => deployment.isGone(String(resources)));
    }
  });

  test(
    'failure 21: a watchdog whose work has no end extends no more after maxHold, and says so when the lock ends',
    repeatedAfterStall(async () => {
      await using deployment = await Deployment.start(3);
      const [holder, other] = [
        await readyRedlock(deployment, major),
        await readyRedlock(deployment, major),
      ];
      const start = performance.now();
      let extensions = 0;
      holder.on('extended', () => extensions++);
      const acquired = new Promise((resolve) => holder.on('acquired', resolve));
      const maxHold = pace.ttl / 2;
      const never = holder.using('capped', pace.ttl, { maxHold }, async (signal) => {
        await aborted(signal);
        throw signal.reason;
      });
      const error = rejectionOf(never);
      await acquired;
      const next = await other.acquire('capped', TTL);
      // After a third of the ttl, and not after two thirds.
      expect(extensions).toBe(1);
      expect(performance.now() - start).toBeGreaterThan(pace.ttl / 3 + pace.ttl - 100);
      expect(await error).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'EXPIRED' } });
      expect(await next.release()).toBe(true);
    }),
  );

  test('an explicit extension is not limited by maxHold', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire('capped', pace.ttl, { autoExtend: true, maxHold: 100 });
    await until('an extension would have been due', () => lock.remaining() < 0.6 * pace.ttl);
    await lock.extend(TTL);
    await until('a quorum has it for longer', async () => {
      const ttls = await Promise.all(deployment.probes.map((probe) => probe.pttl('capped')));
      return ttls.filter((ttl) => ttl > TTL / 2).length >= 2;
    });
    expect(lock.remaining()).toBeGreaterThan(TTL / 2);
    expect(await lock.release()).toBe(true);
  });

  test('failure 21: the watchdog of a detached lock ends with the handle', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const extended = new Promise((resolve) => redlock.on('extended', resolve));
    const lock = await redlock.acquire('detached', pace.ttl, { autoExtend: true });
    const { signal } = lock;
    await extended;
    lock.detach();
    expect(lock.remaining()).toBe(0);
    const monitors = await Promise.all(
      deployment.nodes.map((_, index) => deployment.monitor(index)),
    );
    expect(await lock.release()).toBe(false);
    expect(await rejectionOf(lock.extend())).toMatchObject({ cause: { code: 'RELEASED' } });
    await until('its ttl is over', () => deployment.isGone('detached'));
    for (const monitor of monitors) expect(await scripts(monitor)).toEqual([]);
    expect(signal.aborted).toBe(false);
  });

  test('a release with keepFor leaves the keys for so long on all nodes, and nobody gets the lock before', async () => {
    await using deployment = await Deployment.start(3);
    const [holder, other] = [
      await readyRedlock(deployment, major),
      await readyRedlock(deployment, major),
    ];
    const lock = await holder.acquire(['kept', 'too'], TTL, { autoExtend: true });
    await until('all have it', () => deployment.isHeld('too', lock.token));
    const start = performance.now();
    const keepFor = 3000;
    expect(await lock.release({ keepFor })).toBe(true);
    expect(await lock.release()).toBe(true);
    expect(lock.remaining()).toBe(0);
    for (const { probe } of deployment.nodes) {
      await until('it expires', async () => (await probe.pttl('too')) <= keepFor);
      const [kept, too] = await probe.mget('kept', 'too');
      expect(kept).toEqual(expect.any(String));
      expect(kept).not.toBe(lock.token);
      expect(too).toBe(kept);
      expect(await probe.pttl('kept')).toBeGreaterThan(0);
    }
    expect(await holder.tryAcquire('kept', TTL)).toBeNull();
    expect(await other.tryAcquire('too', TTL)).toBeNull();
    let next: Lock | null = null;
    await until('it is free', async () => {
      next = await other.tryAcquire(['kept', 'too'], TTL);
      return next !== null;
    });
    expect(performance.now() - start).toBeGreaterThan(0.98 * keepFor);
    expect(next).toMatchObject({ signal: { aborted: false } });
  });

  test('a release with keepFor counts for what a node has left of the keys', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire(['kept', 'gone', 'stolen'], TTL);
    await until('all have it', () => deployment.isHeld('kept', lock.token));
    const { probe } = deployment.node(0);
    await probe.del('gone');
    await probe.set('stolen', 'theirs', 'PX', TTL);
    expect(await lock.release({ keepFor: 20_000 })).toBe(true);
    await until('it expires', async () => (await probe.pttl('kept')) <= 20_000);
    const values = await probe.mget('kept', 'gone', 'stolen');
    expect(values).toEqual([expect.any(String), null, 'theirs']);
    expect(values).not.toContain(lock.token);
    expect(await probe.pttl('stolen')).toBeGreaterThan(20_000);
  });

  test('re-entry sends no command, and the last handle releases', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { reentrant: true });
    const monitors = await Promise.all(
      deployment.nodes.map((_, index) => deployment.monitor(index)),
    );
    const sent = (): Promise<string[][]> => Promise.all(monitors.map(scripts));
    await redlock.using(['one', 'two'], TTL, async (_signal, outer) => {
      await until('all have it', () => deployment.isHeld('two', outer.token));
      const before = await sent();
      const tokens = await redlock.using('two', TTL, (_inner, { token: second }) =>
        redlock.using(['two', 'one'], TTL, async (_innermost, { token: third }) => {
          const plain = await redlock.acquire('one', TTL);
          const fourth = plain.token;
          expect(await plain.release()).toBe(true);
          return [second, third, fourth];
        }),
      );
      expect(tokens).toEqual(Array(3).fill(outer.token));
      expect(await sent()).toEqual(before);
      expect(await deployment.isHeld('one', outer.token)).toBe(true);
      expect(outer.remaining()).toBeGreaterThan(0);
    });
    await until('nothing stays', async () => {
      return (await deployment.isGone('one')) && (await deployment.isGone('two'));
    });
  });

  test('a re-entry with more resources has one fencing token, which every counter has', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { reentrant: true });
    const other = await readyRedlock(deployment, major);
    await redlock.using('one', TTL, async (_signal, outer) => {
      const first = outer.fencingToken;
      const raised = await redlock.using(['one', 'two'], TTL, async (_inner, inner) => {
        expect(inner.fencingToken).toBeGreaterThan(first);
        await until('every counter has it', async () => {
          const counters = await Promise.all(
            deployment.probes.map((probe) => probe.mget('{one}:fencing', '{two}:fencing')),
          );
          return counters.flat().every((value) => value === String(inner.fencingToken));
        });
        await inner.extend();
        expect(await other.tryAcquire('two', TTL)).toBeNull();
        return inner.fencingToken;
      });
      expect(outer.fencingToken).toBe(raised);
      await outer.extend();
      await using two = await other.acquire('two', TTL);
      expect(two.fencingToken).toBeGreaterThan(raised);
    });
    await using one = await other.acquire('one', TTL);
    expect(one.fencingToken).toBeGreaterThan(0);
  });

  test('extensions beside re-entries that raise the fencing token all succeed', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { reentrant: true });
    await redlock.using('one', TTL, async (_signal, outer) => {
      await until('all have it', () => deployment.isHeld('one', outer.token));
      // So that some extensions begin while a confirm is under way.
      for (const { proxy } of deployment.nodes) proxy.delay(30);
      const entered = new AbortController();
      const extending = (async () => {
        while (!entered.signal.aborted) {
          await outer.extend();
          await sleep(Math.random() * 30);
        }
      })();
      for (let i = 0; i < 5; i++) {
        await redlock.using(['one', `${i}`], TTL, (_inner, inner) => inner.extend());
      }
      entered.abort();
      await extending;
    });
  });

  test('a re-entry whose replies are lost fails, and the lock around it can still be extended', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock, clients } = await readyContender(deployment, major, {
      reentrant: true,
      nodeTimeout: pace.brief,
    });
    await redlock.using('one', TTL, async (_signal, outer) => {
      await until('all have it', () => deployment.isHeld('one', outer.token));
      const first = outer.fencingToken;
      const lost = deployment.loseReplies('\r\nC\r\n');
      const inner = redlock.using(['one', 'two'], TTL, { wait: 0 }, () => {});
      const error = await rejectionOf(inner);
      expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
      await lost;
      for (const counter of await deployment.values('{one}:fencing')) {
        expect(Number(counter)).toBeGreaterThan(first);
      }
      await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
      await until('all are back', () => clients.every(({ status }) => status === 'ready'));
      await outer.extend();
      await until('every counter has its token', () =>
        deployment.isHeld('{one}:fencing', String(outer.fencingToken)),
      );
    });
  });
});

describe('adoption', () => {
  test('a lock that a process has detached goes on in another, with a token, a fencing token and a ttl of its own', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, 6);
    const { child, token, fencingToken } = await runHolder(deployment, 'detach');
    expect(await exitCode(child)).toBe(0);
    await until('all have it', () => deployment.isHeld('process', token));
    const acquired: unknown[] = [];
    redlock.on('acquired', ({ lock }) => void acquired.push(lock));
    const lock = await redlock.adopt('process', token, 20_000);
    expect(acquired).toEqual([lock]);
    expect(lock.token).not.toBe(token);
    expect(lock.fencingToken).toBeGreaterThan(fencingToken);
    expect(lock.remaining()).toBeGreaterThan(10_000);
    expect(lock.remaining()).toBeLessThan(20_000);
    for (const probe of deployment.probes) {
      await until('it has a new owner', async () => (await probe.get('process')) === lock.token);
      expect(await probe.get('{process}:fencing')).toBe(String(lock.fencingToken));
      // An adoption shortens nothing: it still has what its former holder asked for.
      expect(await probe.pttl('process')).toBeGreaterThan(20_000);
    }
    await lock.extend();
    expect(await lock.release()).toBe(true);
    await until('nothing stays', () => deployment.isGone('process'));
  });

  test('a former holder that still lives finds its lock taken, and disturbs the new one in nothing', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, 6);
    const { child, token, fencingToken } = await runHolder(deployment, 'tell');
    const said = lineOf(child);
    await until('all have it', () => deployment.isHeld('process', token));
    const lock = await redlock.adopt('process', token, TTL);
    // Found by its next extension, and not at the end of its validity.
    expect(await said).toBe('TAKEN');
    expect(lock.fencingToken).toBeGreaterThan(fencingToken);
    await lock.extend();
    await until('all have it', () => deployment.isHeld('process', lock.token));
    expect(await lock.release()).toBe(true);
  });

  test('failure 21: a lock whose process was killed is extended no more, and until it ends another may adopt it', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, 6);
    const { child, token } = await runHolder(deployment, 'tell');
    const monitor = await deployment.monitor(0);
    await until('it extends', async () => (await scripts(monitor)).length > 0);
    child.kill('SIGKILL');
    await exitCode(child);
    const before = await scripts(monitor);
    const lock = await redlock.adopt('process', token, pace.ttl);
    await until('its ttl is over', () => deployment.isGone('process'));
    expect(lock.remaining()).toBe(0);
    const others = (await scripts(monitor)).slice(before.length);
    expect(others.filter((command) => !command.includes(lock.token))).toEqual([]);
  });

  test('a token that is gone cannot be adopted, and nothing is taken', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, 6);
    const gone = await redlock.acquire('gone', TTL);
    await gone.release();
    const taken = await redlock.acquire('taken', TTL);
    await until('all have it', () => deployment.isHeld('taken', taken.token));
    const next = await redlock.adopt('taken', taken.token, TTL);
    for (const { resources, token } of [gone, taken]) {
      const error = await rejectionOf(redlock.adopt(resources, token, TTL));
      expect(error).toBeInstanceOf(LockLostError);
      expect(error).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'TAKEN' } });
    }
    expect(await deployment.isGone('gone')).toBe(true);
    await next.extend();
    await until('all have it', () => deployment.isHeld('taken', next.token));
    expect(await rejectionOf(taken.extend())).toMatchObject({ cause: { code: 'TAKEN' } });
  });
});

test.each([
  { given: 'at once', settled: false },
  { given: 'while others are', settled: true },
])(
  'close: what is being released is released, clients made of URLs included ($given)',
  async ({ settled }) => {
    await using deployment = await Deployment.start(3);
    const urls = deployment.nodes.map(({ server: { host, port } }) => `redis://${host}:${port}`);
    const nodes = urls.map((url) => ioredisNodeFromUrl(url));
    const redlock = new Redlock(nodes, { nodeTimeout: pace.patient });
    deployment.defer(() => redlock.close());
    const locks = await Promise.all(
      Array.from({ length: 50 }, (_, i) => redlock.acquire(`lock ${i}`, TTL, { autoExtend: true })),
    );
    const first = locks.slice(0, 10).map((lock) => lock.release());
    if (settled) await Promise.race(first);
    const releases = [...first, ...locks.slice(10).map((lock) => lock.release())];
    await redlock.close();
    for (const probe of deployment.probes) {
      expect((await probe.keys('*')).filter((key) => !key.endsWith(':fencing'))).toEqual([]);
    }
    expect(await Promise.all(releases)).toEqual(Array(50).fill(true));
  },
);

/** Does what a long computation does. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** How many script calls a server has carried out. */
async function scriptsRun(probe: Redis): Promise<number> {
  const calls = (await probe.info('commandstats')).matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm);
  return [...calls].reduce((sum, [, count]) => sum + Number(count), 0);
}
