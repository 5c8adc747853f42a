import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, type AcquireOptions } from 'redlock-core';
import { threeServers } from '../support/processes.js';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');
const TTL = 10_000;

/** One process holds `resources`; another may take them over. */
async function heldByAnother(resources: string | string[] = 'r', options: AcquireOptions = {}) {
  const { process, runtime, servers } = threeServers();
  const former = process(options);
  const lock = await former.redlock.acquire(resources, TTL);
  await settle();
  return { runtime, servers, former, lock, heir: process(options), third: process(options) };
}

async function holdersOf(nodes: readonly TestNode[], key = 'r'): Promise<(string | null)[]> {
  return Promise.all(nodes.map(async ({ server }) => server.holderOf(key)));
}

async function countersOf(nodes: readonly TestNode[], key = 'r'): Promise<(number | null)[]> {
  return Promise.all(nodes.map(async ({ server }) => server.counterOf(key)));
}

function same<T>(nodes: readonly TestNode[], value: T): T[] {
  return nodes.map(() => value);
}

describe('adopt', () => {
  test.each(['{job}:permit:007', '{job}:permit:1000', '{job}:permit:99999999999999999999'])(
    'takes over %s, which is called like a permit and is none',
    async (resource) => {
      const { lock, heir, third } = await heldByAnother(resource);
      const adopted = await heir.redlock.adopt(resource, lock.token, 20_000);
      await settle();
      expect(await holdersOf(third.nodes, resource)).toEqual(same(third.nodes, adopted.token));
    },
  );

  test('takes a lock over with a fresh token, a higher fencing token and its own ttl', async () => {
    const { lock, heir } = await heldByAnother();
    const adopted = await heir.redlock.adopt('r', lock.token, 20_000);
    await settle();
    expect(adopted.resources).toEqual(['r']);
    expect(adopted.token).not.toBe(lock.token);
    expect(adopted.fencingToken).toBeGreaterThan(lock.fencingToken);
    expect(adopted.remaining()).toBe(20_000 - 202);
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, adopted.token));
    expect(await countersOf(heir.nodes)).toEqual(same(heir.nodes, adopted.fencingToken));
    expect(heir.a.kinds).toEqual(['adopt']);
    expect(heir.a.latest('adopt').ttl).toBe(20_000);
    expect(heir.seen).toEqual([['acquired', { lock: adopted, waited: 0, attempts: 1 }]]);
    expect(await adopted.release()).toBe(true);
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, null));
  });

  test('gives the keys the new ttl', async () => {
    const { process, servers, runtime } = threeServers();
    for (const server of servers) server.expiry = runtime.now;
    const former = process();
    const lock = await former.redlock.acquire('r', TTL);
    lock.detach();
    await runtime.advance(9000);
    const heir = process();
    (await heir.redlock.adopt('r', lock.token, TTL)).detach();
    await runtime.advance(9999);
    expect(await former.redlock.tryAcquire('r', TTL)).toBeNull();
    await runtime.advance(1);
    expect(await former.redlock.tryAcquire('r', TTL)).not.toBeNull();
  });

  test('the former holder finds that it is TAKEN at its next extension', async () => {
    const { lock, heir, former } = await heldByAnother();
    const { signal } = lock;
    const adopted = await heir.redlock.adopt('r', lock.token, TTL);
    await settle();
    const error = await rejectionOf(lock.extend());
    expect(error).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'TAKEN' } });
    expect(signal.reason).toBe(error);
    expect(former.names()).toEqual(['acquired', 'lost']);
    await adopted.extend();
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, adopted.token));
  });

  test('is extended automatically where that is asked for', async () => {
    const { lock, heir, runtime } = await heldByAnother();
    const adopted = await heir.redlock.adopt('r', lock.token, 3000, { autoExtend: true });
    await runtime.advance(20_000);
    expect(adopted.remaining()).toBeGreaterThan(1900);
  });

  test('confirms one fencing token on a quorum where the counters differ', async () => {
    const { lock, heir, servers, runtime } = await heldByAnother();
    const ahead = runtime.wallNow() * 1000 + 5000;
    await servers[0]?.setCounter('r', ahead);
    const adopted = await heir.redlock.adopt('r', lock.token, TTL);
    await settle();
    expect(adopted.fencingToken).toBe(ahead + 1);
    expect(await countersOf(heir.nodes)).toEqual(same(heir.nodes, ahead + 1));
    expect(heir.nodes.map(({ kinds }) => kinds)).toEqual([
      ['adopt'],
      ['adopt', 'confirm'],
      ['adopt', 'confirm'],
    ]);
  });

  test('without fencing: no counter, no fencing token', async () => {
    const { lock, heir } = await heldByAnother('r', { fencing: false });
    const adopted = await heir.redlock.adopt('r', lock.token, TTL);
    await settle();
    expect(adopted.fencingToken).toBe(0);
    expect(heir.a.latest('adopt').counters).toEqual([]);
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, adopted.token));
    expect(await countersOf(heir.nodes)).toEqual(same(heir.nodes, null));
  });

  test('takes several resources over at once', async () => {
    const { lock, heir } = await heldByAnother(['r', 's']);
    const adopted = await heir.redlock.adopt(['r', 's'], lock.token, TTL);
    await settle();
    expect(adopted.fencingToken).toBeGreaterThan(lock.fencingToken);
    for (const key of ['r', 's']) {
      expect(await holdersOf(heir.nodes, key)).toEqual(same(heir.nodes, adopted.token));
      expect(await countersOf(heir.nodes, key)).toEqual(same(heir.nodes, adopted.fencingToken));
    }
  });

  test.each(['r', 's'])('takes neither of two where %s is not held with the token', async (key) => {
    const { lock, heir, servers } = await heldByAnother(['r', 's']);
    for (const server of servers) await server.steal(key, 'another');
    expect(await rejectionOf(heir.redlock.adopt(['r', 's'], lock.token, TTL))).toMatchObject({
      code: 'LOCK_LOST',
      resources: ['r', 's'],
    });
    await settle();
    const other = key === 'r' ? 's' : 'r';
    expect(await holdersOf(heir.nodes, key)).toEqual(same(heir.nodes, 'another'));
    expect(await holdersOf(heir.nodes, other)).toEqual(same(heir.nodes, lock.token));
  });

  test('outlives a minority that lacks the key, and takes nothing there', async () => {
    const { lock, heir, servers } = await heldByAnother();
    await servers[0]?.steal('r');
    const adopted = await heir.redlock.adopt('r', lock.token, TTL);
    await settle();
    expect(await holdersOf(heir.nodes)).toEqual([null, adopted.token, adopted.token]);
    await adopted.extend();
    await settle();
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, adopted.token));
  });

  test('counts a node that was sent it again by its client', async () => {
    const { lock, heir } = await heldByAnother();
    for (const node of heir.nodes) {
      node.mode = (command) => {
        if (command.has('adopt')) void command.server.run(command.args);
        command.reply();
      };
    }
    const adopted = await heir.redlock.adopt('r', lock.token, TTL);
    await settle();
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, adopted.token));
    expect(await countersOf(heir.nodes)).toEqual(same(heir.nodes, adopted.fencingToken));
    await adopted.extend();
  });
});

describe('too few nodes hold the token', () => {
  test.each([
    ['is missing', undefined],
    ["is another's", 'another'],
  ])(
    'where it %s: LockLostError TAKEN, with votes, and what was swapped is swapped back',
    async (_, token) => {
      const { lock, heir, servers } = await heldByAnother();
      for (const server of servers.slice(0, 2)) await server.steal('r', token);
      const error = await rejectionOf(heir.redlock.adopt('r', lock.token, TTL));
      expect(error).toBeInstanceOf(LockLostError);
      expect(error).toMatchObject({
        code: 'LOCK_LOST',
        cause: { code: 'TAKEN' },
        resources: ['r'],
        votes: [
          { node: 'a', vote: 'denied' },
          { node: 'b', vote: 'denied' },
        ],
      });
      await settle();
      expect(await holdersOf(heir.nodes)).toEqual([token ?? null, token ?? null, lock.token]);
      expect(heir.names()).toEqual([]);
    },
  );

  test('it is tried once, whatever `wait` says', async () => {
    const { lock, heir, servers, runtime } = await heldByAnother('r', { wait: Infinity });
    for (const server of servers) await server.steal('r');
    expect(await rejectionOf(heir.redlock.adopt('r', lock.token, TTL))).toBeInstanceOf(
      LockLostError,
    );
    await runtime.advance(60_000);
    expect(heir.nodes.map((node) => node.all('adopt').length)).toEqual([1, 1, 1]);
    for (const node of heir.nodes) expect(node.subscriptions).toEqual([]);
  });

  test('a token that was adopted already is TAKEN', async () => {
    const { lock, heir, former } = await heldByAnother();
    const first = await heir.redlock.adopt('r', lock.token, TTL);
    await settle();
    const second = await rejectionOf(former.redlock.adopt('r', lock.token, TTL));
    expect(second).toMatchObject({ cause: { code: 'TAKEN' } });
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, first.token));
  });

  test('its message shows no token', async () => {
    const { lock, heir } = await heldByAnother();
    const error = await rejectionOf(heir.redlock.adopt('r', 'a-token-of-old', TTL));
    expect(JSON.stringify(error)).not.toContain(lock.token);
    expect(JSON.stringify(error)).not.toContain('a-token-of-old');
  });
});

describe('too few nodes answer', () => {
  test('QuorumError, and what was swapped is swapped back', async () => {
    const { lock, heir } = await heldByAnother();
    heir.a.mode = DOWN;
    heir.b.mode = DOWN;
    const error = await rejectionOf(heir.redlock.adopt('r', lock.token, TTL));
    expect(error).toBeInstanceOf(QuorumError);
    await settle();
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, lock.token));
    expect(heir.names()).toEqual(['nodeFailed', 'nodeFailed']);
  });

  test('what is swapped late is swapped back too: the holder goes on, and a third party gets nothing', async () => {
    const { lock, heir, third, runtime } = await heldByAnother();
    for (const node of heir.nodes) node.mode = 'hold';
    const rejected = rejectionOf(heir.redlock.adopt('r', lock.token, TTL));
    await runtime.advance(600);
    expect(await rejected).toBeInstanceOf(QuorumError);
    for (const node of heir.nodes) node.answer();
    await runtime.advance(10);
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, lock.token));
    expect(await third.redlock.tryAcquire('r', TTL)).toBeNull();
    expect(lock.remaining()).toBeGreaterThan(0);
    const adopted = await heir.redlock.adopt('r', lock.token, TTL);
    expect(adopted.remaining()).toBeGreaterThan(0);
  });

  test('what a node refuses to swap back is owed for longer than the adoption asked for: the keys stay longer', async () => {
    const { lock, heir, runtime, servers } = await heldByAnother();
    const [a, b, c] = heir.nodes;
    for (const server of [a, b].map((node) => node?.server)) await server?.steal('r', 'another');
    if (!c) throw new Error('three nodes');
    c.mode = (command) => {
      if (command.has('release')) command.fail(new Error('NOREPLICAS Not enough good replicas.'));
      else command.reply();
    };
    expect(await rejectionOf(heir.redlock.adopt('r', lock.token, 1000))).toBeInstanceOf(
      LockLostError,
    );
    await runtime.advance(4000);
    expect(await servers[2]?.holderOf('r')).not.toBe(lock.token);
    c.mode = 'answer';
    await runtime.advance(3000);
    expect(await servers[2]?.holderOf('r')).toBe(lock.token);
  });

  test('what is swapped back keeps the expiry that it had, the longer one', async () => {
    const { lock, heir, servers, runtime } = await heldByAnother();
    for (const server of servers) server.expiry = runtime.now;
    await lock.extend(10 * TTL);
    heir.a.mode = DOWN;
    heir.b.mode = DOWN;
    await rejectionOf(heir.redlock.adopt('r', lock.token, TTL));
    await runtime.advance(9 * TTL);
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, lock.token));
  });
});

describe('an end that comes first', () => {
  test('of the caller, during the attempt: its reason, and what was swapped is swapped back', async () => {
    const { lock, heir } = await heldByAnother();
    for (const node of heir.nodes) node.mode = 'hold';
    const caller = new AbortController();
    const reason = new Error('gone');
    const rejected = rejectionOf(
      heir.redlock.adopt('r', lock.token, TTL, { signal: caller.signal }),
    );
    await settle();
    caller.abort(reason);
    for (const node of heir.nodes) node.answer();
    expect(await rejected).toBe(reason);
    await settle();
    expect(await holdersOf(heir.nodes)).toEqual(same(heir.nodes, lock.token));
    // Nobody has held the lock with the higher fencing token.
    expect(heir.names()).toEqual([]);
  });

  test('of the caller, during an attempt that fails: its reason as well', async () => {
    const { lock, heir, servers } = await heldByAnother();
    for (const server of servers) await server.steal('r');
    for (const node of heir.nodes) node.mode = 'hold';
    const caller = new AbortController();
    const reason = new Error('gone');
    const options = { signal: caller.signal };
    const rejected = rejectionOf(heir.redlock.adopt('r', lock.token, TTL, options));
    await settle();
    caller.abort(reason);
    for (const node of heir.nodes) node.answer();
    expect(await rejected).toBe(reason);
  });

  test('of the caller, before it: nothing is sent', async () => {
    const { lock, heir } = await heldByAnother();
    const reason = new Error('gone');
    const options = { signal: AbortSignal.abort(reason) };
    expect(await rejectionOf(heir.redlock.adopt('r', lock.token, TTL, options))).toBe(reason);
    expect(heir.nodes.map(({ commands }) => commands)).toEqual([[], [], []]);
  });

  test('of the Redlock: CLOSED, and nothing is sent', async () => {
    const { lock, heir } = await heldByAnother();
    await heir.redlock.close();
    expect(await rejectionOf(heir.redlock.adopt('r', lock.token, TTL))).toMatchObject({
      code: 'CLOSED',
    });
    expect(heir.nodes.map(({ commands }) => commands)).toEqual([[], [], []]);
  });
});

describe('bad arguments reject before anything is sent', () => {
  test.each([
    ['no token', ['r', undefined, TTL], 'token must be a string'],
    ['a number for a token', ['r', 5, TTL], 'token must be a string'],
    ['an empty token', ['r', '', TTL], 'token must not be an empty string'],
    ['no resources', [[], 'token', TTL], 'resources must name at least one resource'],
    ['no ttl', ['r', 'token'], 'ttl must be a number'],
    ['a ttl of 0', ['r', 'token', 0], 'ttl must be a positive safe integer (ms), not 0'],
    ['options that are none', ['r', 'token', TTL, null], 'options must be an object'],
  ])('%s', async (_, given, message) => {
    const { redlock, nodes } = threeServers().process();
    const args = given as [string, string, number, AcquireOptions];
    const error = await rejectionOf(redlock.adopt(...args));
    expect(error).toMatchObject({ message });
    expect((error as Error).name).toMatch(/^(Type|Range)Error$/);
    expect(nodes.map(({ commands }) => commands)).toEqual([[], [], []]);
  });
});
