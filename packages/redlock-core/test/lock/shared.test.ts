import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, ResourceLockedError, type AcquireOptions, type Lock } from 'redlock-core';
import { Rounds } from 'redlock-core/rounds';
import { threeServers } from '../support/processes.js';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';

const TTL = 10_000;
const SHARED = { mode: 'shared' } as const;
const REENTRANT = { reentrant: true } as const;
/** It is not the poll that wakes. */
const PATIENT = { retryDelay: 50_000, retryJitter: 0, wait: Infinity };

async function valuesOf(nodes: readonly TestNode[], key = 'r'): Promise<(string | null)[]> {
  return Promise.all(nodes.map(async ({ server }) => server.holderOf(key)));
}

/** Two processes, and what they have got from waiting so far. */
function processes(options: AcquireOptions = PATIENT) {
  const { process, runtime, servers } = threeServers();
  runtime.chance = 0;
  const [one, two, three] = [process(options), process(options), process(options)];
  const got: string[] = [];
  const locks = new Map<string, Lock>();
  const join = (name: string, at: typeof one, own?: AcquireOptions): void => {
    at.redlock.acquire('r', TTL, own).then(
      (lock) => {
        got.push(name);
        locks.set(name, lock);
      },
      () => {},
    );
  };
  const release = async (name: string): Promise<void> => {
    await locks.get(name)?.release();
    await runtime.advance(1);
  };
  return { runtime, servers, one, two, three, got, locks, join, release };
}

describe('shared locks', () => {
  test('are held side by side, in one process and in several, and the key says so', async () => {
    const { one, two } = processes();
    const locks = [
      await one.redlock.acquire('r', TTL, SHARED),
      await one.redlock.acquire('r', TTL, SHARED),
      await two.redlock.acquire('r', TTL, SHARED),
    ];
    await settle();
    expect(await valuesOf(one.nodes)).toEqual(['shared', 'shared', 'shared']);
    expect(locks.map(({ mode, fencingToken }) => [mode, fencingToken])).toEqual(
      locks.map(() => ['shared', 0]),
    );
    for (const lock of locks) {
      expect(await valuesOf(one.nodes)).toEqual(['shared', 'shared', 'shared']);
      expect(await lock.release()).toBe(true);
      await settle();
    }
    expect(await valuesOf(one.nodes)).toEqual([null, null, null]);
  });

  test('keep exclusive ones out, and are kept out by them', async () => {
    const { one, two } = processes();
    const reader = await one.redlock.acquire('r', TTL, SHARED);
    expect(await two.redlock.tryAcquire('r', TTL)).toBeNull();
    await reader.release();
    await settle();
    const writer = await two.redlock.acquire('r', TTL);
    expect(writer.mode).toBe('exclusive');
    expect(await one.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
    const refused = await rejectionOf(one.redlock.acquire('r', TTL, { ...SHARED, wait: 0 }));
    expect(ResourceLockedError.is(refused)).toBe(true);
  });

  test('of several resources are taken all or none', async () => {
    const { one, two } = processes();
    await one.redlock.acquire('b', TTL);
    expect(await two.redlock.tryAcquire(['a', 'b'], TTL, SHARED)).toBeNull();
    await settle();
    expect(await valuesOf(one.nodes, 'a')).toEqual([null, null, null]);
    const lock = await two.redlock.acquire(['a', 'c'], TTL, SHARED);
    await settle();
    expect(await valuesOf(one.nodes, 'c')).toEqual(['shared', 'shared', 'shared']);
    await lock.release();
  });

  test('expire each by itself, and the key with the last of them', async () => {
    const { one, two, runtime } = processes();
    await one.redlock.acquire('r', 1000, SHARED);
    await two.redlock.acquire('r', 3000, SHARED);
    await runtime.advance(1500);
    expect(await two.redlock.tryAcquire('r', TTL)).toBeNull();
    await runtime.advance(1500);
    expect(await two.redlock.tryAcquire('r', TTL)).not.toBeNull();
  });

  test('are extended, and never shortened', async () => {
    const { one, two, runtime } = processes();
    const lock = await one.redlock.acquire('r', 1000, SHARED);
    await lock.extend(5000);
    await lock.extend(100);
    expect(lock.remaining()).toBeGreaterThan(4900);
    await runtime.advance(4000);
    expect(await two.redlock.tryAcquire('r', TTL)).toBeNull();
  });

  test('are put back on nodes that lack them', async () => {
    const { one, servers } = processes();
    const lock = await one.redlock.acquire('r', TTL, SHARED);
    await settle();
    servers[0]?.restart();
    await lock.extend();
    await settle();
    expect(await valuesOf(one.nodes)).toEqual(['shared', 'shared', 'shared']);
    await lock.release();
    await settle();
    expect(await valuesOf(one.nodes)).toEqual([null, null, null]);
  });

  test('that are released with keepFor keep exclusive ones out, and let shared ones in', async () => {
    const { one, two, runtime } = processes();
    const lock = await one.redlock.acquire('r', TTL, SHARED);
    expect(await lock.release({ keepFor: 2000 })).toBe(true);
    expect(await two.redlock.tryAcquire('r', TTL)).toBeNull();
    expect(await two.redlock.tryAcquire('r', 500, SHARED)).not.toBeNull();
    await runtime.advance(2000);
    expect(await two.redlock.tryAcquire('r', TTL)).not.toBeNull();
  });

  test('whose key somebody else has taken are lost', async () => {
    const { one, servers } = processes();
    const lock = await one.redlock.acquire('r', TTL, SHARED);
    await settle();
    for (const server of servers) server.restart();
    for (const server of servers) await server.steal('r', 'another');
    const lost = await rejectionOf(lock.extend());
    expect(LockLostError.is(lost) && lost.cause.code).toBe('TAKEN');
    await settle();
    expect(await valuesOf(one.nodes)).toEqual(['another', 'another', 'another']);
  });
});

describe('who shares a lock', () => {
  test('is told by inspect: everyone with what is left to each, and the key itself shows no token', async () => {
    const { process } = threeServers();
    const [one, two] = [process({ owner: 'api-1' }), process({ owner: 'api-2' })];
    const locks = [
      await one.redlock.acquire('r', TTL, SHARED),
      await two.redlock.acquire('r', 2 * TTL, SHARED),
    ];
    await settle();
    const { state, holders, nodes } = await one.redlock.inspect('r');
    expect(state).toBe('shared');
    expect(holders).toEqual([
      { token: locks[0]?.token, owner: 'api-1', mode: 'shared', ttl: TTL },
      { token: locks[1]?.token, owner: 'api-2', mode: 'shared', ttl: 2 * TTL },
    ]);
    expect(nodes.map(({ token, ttl }) => [token, ttl])).toEqual(nodes.map(() => [null, 2 * TTL]));
  });

  test('is told to an exclusive caller that is refused', async () => {
    const { process } = threeServers();
    for (const owner of ['api-1', 'api-2']) {
      await process({ owner }).redlock.acquire('r', TTL, SHARED);
    }
    const refused = await rejectionOf(process().redlock.acquire('r', TTL, { wait: 0 }));
    expect(refused).toMatchObject({ owners: ['api-1', 'api-2'] });
    expect(String(refused)).toContain('is locked by api-1, api-2');
  });
});

describe('the adoption of a shared lock', () => {
  test('takes its place among the holders', async () => {
    const { one, two } = processes();
    const lock = await one.redlock.acquire('r', TTL, SHARED);
    lock.detach();
    const adopted = await two.redlock.adopt('r', lock.token, 20_000, SHARED);
    expect(adopted.mode).toBe('shared');
    expect(await adopted.release()).toBe(true);
    await settle();
    expect(await valuesOf(one.nodes)).toEqual([null, null, null]);
  });

  test.each([
    { held: SHARED, adopted: {} },
    { held: {}, adopted: SHARED },
  ])('in the other mode is refused: $held, $adopted', async ({ held, adopted }) => {
    const { one, two } = processes();
    const lock = await one.redlock.acquire('r', TTL, held);
    const refused = await rejectionOf(two.redlock.adopt('r', lock.token, TTL, adopted));
    expect(LockLostError.is(refused) && refused.cause.code).toBe('TAKEN');
    await lock.extend();
  });

  test.each(['shared', 'awaited', 'reserved:somebody'])(
    'arguments: the word %s of the protocol is refused as a token, before anything is sent',
    async (word) => {
      const { one, two } = processes();
      await one.redlock.acquire('r', TTL, SHARED);
      for (const mode of ['shared', 'exclusive'] as const) {
        const refused = await rejectionOf(two.redlock.adopt('r', word, TTL, { mode }));
        expect(refused).toBeInstanceOf(RangeError);
      }
      expect(() => new Rounds(one.nodes).hold('r', word, TTL)).toThrow(RangeError);
      expect(two.nodes.flatMap(({ commands }) => commands)).toEqual([]);
    },
  );

  test('that fails gives its place back', async () => {
    const { one, two } = processes();
    const lock = await one.redlock.acquire('r', TTL, SHARED);
    await settle();
    for (const node of two.nodes.slice(1)) node.mode = new Error('away');
    await rejectionOf(two.redlock.adopt('r', lock.token, TTL, SHARED));
    for (const node of two.nodes) node.mode = 'answer';
    await settle();
    await lock.extend();
    expect(await lock.release()).toBe(true);
  });
});

describe('re-entry', () => {
  test('of a shared lock inside an exclusive one shares that', async () => {
    const { one } = processes();
    await one.redlock.using('r', TTL, REENTRANT, async (_signal, outer) => {
      const inner = await one.redlock.acquire('r', TTL, { ...REENTRANT, ...SHARED });
      expect([inner.mode, inner.token]).toEqual(['shared', outer.token]);
      await inner.release();
      expect(outer.remaining()).toBeGreaterThan(0);
    });
  });

  test('of a shared lock inside a shared one shares that', async () => {
    const { one } = processes();
    await one.redlock.using('r', TTL, { ...REENTRANT, ...SHARED }, async (_signal, outer) => {
      const inner = await one.redlock.tryAcquire('r', TTL, { ...REENTRANT, ...SHARED });
      expect(inner?.token).toBe(outer.token);
    });
  });

  test.each(['acquire', 'tryAcquire'] as const)(
    'by %s of an exclusive lock inside a shared one is refused, because two would wait for each other',
    async (method) => {
      const { one } = processes();
      await one.redlock.using('r', TTL, { ...REENTRANT, ...SHARED }, async () => {
        const refused = await rejectionOf(one.redlock[method]('r', TTL, REENTRANT));
        expect(refused).toBeInstanceOf(RangeError);
        expect(String(refused)).toContain('wait for each other');
      });
    },
  );
});

describe('waiting', () => {
  test('all shared waiters up to the first exclusive one are called together', async () => {
    const { one, two, three, join, release, got, runtime } = processes();
    join('writer', one);
    await runtime.advance(1);
    join('reader 2', two, SHARED);
    await runtime.advance(50);
    join('reader 3', three, SHARED);
    await runtime.advance(50);
    await release('writer');
    expect(got).toEqual(['writer', 'reader 2', 'reader 3']);
  });

  test('shared waiters of one process get in together', async () => {
    const { one, two, join, release, got, runtime } = processes();
    join('writer', one);
    await runtime.advance(1);
    for (const name of ['a', 'b', 'c']) join(name, two, SHARED);
    join('exclusive', two);
    join('behind it', two, SHARED);
    await runtime.advance(50);
    await release('writer');
    expect(got).toEqual(['writer', 'a', 'b', 'c']);
    for (const name of ['a', 'b', 'c']) await release(name);
    expect(got.slice(4)).toEqual(['exclusive']);
    await release('exclusive');
    expect(got.slice(5)).toEqual(['behind it']);
  });

  test('no shared grant passes an exclusive waiter, also by tryAcquire', async () => {
    const { one, two, three, join, release, got, runtime } = processes();
    join('first', one, SHARED);
    await runtime.advance(1);
    join('writer', two);
    await runtime.advance(50);
    expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
    join('late', three, SHARED);
    await runtime.advance(50);
    expect(got).toEqual(['first']);
    await release('first');
    expect(got).toEqual(['first', 'writer']);
    await release('writer');
    expect(got).toEqual(['first', 'writer', 'late']);
  });

  test.each(['acquire', 'tryAcquire'] as const)(
    'a reader that is denied a free key by %s, because a writer waits, calls the writer',
    async (call) => {
      const { one, two, three, servers, join, got, runtime } = processes();
      await one.redlock.acquire('r', TTL);
      await runtime.advance(1);
      join('writer', two);
      await runtime.advance(50);
      // Not every client of Redis calls the next.
      for (const server of servers) await server.delete('r');
      if (call === 'acquire') join('reader', three, SHARED);
      else expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
      await runtime.advance(50);
      expect(got).toEqual(['writer']);
    },
  );

  test('readers of one process get in together before a writer of another one that came later', async () => {
    const { one, two, three, join, release, got, runtime } = processes();
    join('holder', one);
    await runtime.advance(1);
    for (const name of ['a', 'b', 'c']) join(name, two, SHARED);
    await runtime.advance(50);
    join('writer', three);
    await runtime.advance(50);
    await release('holder');
    expect(got).toEqual(['holder', 'a', 'b', 'c']);
    join('late', two, SHARED);
    await runtime.advance(50);
    for (const name of ['a', 'b', 'c']) await release(name);
    expect(got.slice(4)).toEqual(['writer']);
    await release('writer');
    expect(got.slice(5)).toEqual(['late']);
  });

  test('an exclusive waiter stays in the queues when one of several holders of its process is done', async () => {
    const { one, three, join, release, got, runtime } = processes();
    for (const name of ['r1', 'r2']) join(name, one, SHARED);
    await runtime.advance(1);
    join('writer', one);
    await runtime.advance(50);
    await release('r1');
    expect(await one.redlock.inspect('r')).toMatchObject({ waiting: 1 });
    expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
    await release('r2');
    expect(got).toEqual(['r1', 'r2', 'writer']);
  });

  test('a reader gets in when the writer before it in its own process gives up', async () => {
    const { one, two, join, got, runtime } = processes();
    join('holder', one, SHARED);
    await runtime.advance(1);
    const caller = new AbortController();
    join('writer', two, { signal: caller.signal });
    await runtime.advance(50);
    join('reader', two, SHARED);
    await runtime.advance(50);
    caller.abort(new Error('no longer wanted'));
    await runtime.advance(50);
    expect(got).toEqual(['holder', 'reader']);
  });

  test('a writer that hangs keeps readers out no longer than its queue lives', async () => {
    const { one, two, three, join, got, runtime } = processes({ ...PATIENT, retryDelay: 100 });
    await one.redlock.acquire('r', 1000);
    await runtime.advance(1);
    join('writer', two);
    await runtime.advance(100);
    // It still listens, and asks nothing more.
    for (const node of two.nodes) node.mode = 'hold';
    join('reader', three, SHARED);
    await runtime.advance(20_000);
    expect(got).toEqual(['reader']);
  });

  test('an exclusive waiter behind shared holders of its own process stands in the queues', async () => {
    const { one, three, join, release, got, runtime } = processes();
    join('reader', one, SHARED);
    await runtime.advance(1);
    join('writer', one);
    await runtime.advance(50);
    expect(await one.redlock.inspect('r')).toMatchObject({ waiting: 1 });
    expect(await three.redlock.tryAcquire('r', TTL, SHARED)).toBeNull();
    await release('reader');
    expect(got).toEqual(['reader', 'writer']);
  });

  test('an exclusive waiter that gives up lets those behind it in', async () => {
    const { one, two, three, join, got, runtime } = processes();
    join('reader', one, SHARED);
    await runtime.advance(1);
    const caller = new AbortController();
    join('writer', two, { signal: caller.signal });
    await runtime.advance(50);
    join('late', three, SHARED);
    await runtime.advance(50);
    expect(got).toEqual(['reader']);
    caller.abort(new Error('no longer wanted'));
    await runtime.advance(50);
    expect(got).toEqual(['reader', 'late']);
  });

  test('an exclusive waiter whom nobody hears any more keeps nobody out', async () => {
    const { one, two, three, join, got, runtime } = processes();
    join('reader', one, SHARED);
    await runtime.advance(1);
    join('writer', two);
    await runtime.advance(50);
    for (const node of two.nodes) node.unsubscribed();
    expect(await three.redlock.tryAcquire('r', TTL, SHARED)).not.toBeNull();
    expect(got).toEqual(['reader']);
  });
});
