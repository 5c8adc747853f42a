import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { threeServers } from '../support/processes.js';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');
const TTL = 10_000;

/** One of two processes holds `r`; keys expire as time passes. */
async function held() {
  const { process, runtime, servers } = threeServers();
  for (const server of servers) server.expiry = runtime.now;
  const owner = process();
  const lock = await owner.redlock.acquire('r', TTL);
  await settle();
  return { runtime, servers, owner, lock, other: process() };
}

async function holdersOf(nodes: readonly TestNode[], key = 'r'): Promise<(string | null)[]> {
  return Promise.all(nodes.map(async ({ server }) => server.holderOf(key)));
}

/** A token of nobody, on all three. */
function same(token: string | null): (string | null)[] {
  expect(token).not.toBeNull();
  return [token, token, token];
}

describe('release({ keepFor })', () => {
  test('keeps the resource from everybody for so long, on every node, and no longer', async () => {
    const { lock, owner, other, runtime } = await held();
    expect(await lock.release({ keepFor: 30_000 })).toBe(true);
    await settle();
    expect(await holdersOf(owner.nodes)).toEqual(same(owner.a.latest('release').successor));
    expect(owner.nodes.map(({ kinds }) => kinds)).toEqual([
      ['grant', 'release'],
      ['grant', 'release'],
      ['grant', 'release'],
    ]);
    await runtime.advance(29_999);
    expect(await other.redlock.tryAcquire('r', TTL)).toBeNull();
    expect(await owner.redlock.tryAcquire('r', TTL)).toBeNull();
    await runtime.advance(1);
    expect(await other.redlock.tryAcquire('r', TTL)).not.toBeNull();
  });

  test('leaves the keys to a token that is not its own, so that nothing late keeps them longer', async () => {
    const { lock, owner, runtime } = await held();
    for (const node of owner.nodes) node.mode = 'hold';
    const extension = rejectionOf(lock.extend(60_000));
    await settle();
    const late = owner.nodes.map((node) => node.latest('extend').command);
    const releasing = lock.release({ keepFor: 5000 });
    await settle();
    for (const node of owner.nodes) node.latest('release').command.reply();
    for (const command of late) command.reply();
    await releasing;
    await extension;
    await runtime.advance(5000);
    expect(await holdersOf(owner.nodes)).toEqual([null, null, null]);
  });

  test('confirms also where its command is executed twice', async () => {
    const { lock, owner } = await held();
    for (const node of owner.nodes) {
      node.mode = (command) => {
        command.execute();
        void command.server.run(command.args).then((reply) => command.replyWith(reply));
      };
    }
    expect(await lock.release({ keepFor: 5000 })).toBe(true);
  });

  test('shortens the expiry too', async () => {
    const { lock, other, runtime } = await held();
    await lock.release({ keepFor: 100 });
    await runtime.advance(99);
    expect(await other.redlock.tryAcquire('r', TTL)).toBeNull();
    await runtime.advance(1);
    expect(await other.redlock.tryAcquire('r', TTL)).not.toBeNull();
  });

  test('ends the handle: nothing is sent for it any more, and it is no loss', async () => {
    const { lock, owner, runtime } = await held();
    const { signal } = lock;
    await lock.release({ keepFor: 30_000 });
    expect(lock.remaining()).toBe(0);
    expect(await rejectionOf(lock.extend())).toMatchObject({ cause: { code: 'RELEASED' } });
    await runtime.advance(60_000);
    expect(signal.aborted).toBe(false);
    expect(owner.a.kinds).toEqual(['grant', 'release']);
    expect(owner.seen).toEqual([
      ['acquired', { lock, waited: 0, attempts: 1 }],
      ['released', { lock, confirmed: true }],
    ]);
  });

  test.each([
    ['without keepFor', {}],
    ['with another', { keepFor: 5 }],
  ])('makes a second release a no-op: %s', async (_, second) => {
    const { lock, owner } = await held();
    const releases = [lock.release({ keepFor: 30_000 }), lock.release(second)];
    expect(await Promise.all(releases)).toEqual([true, true]);
    expect(await lock.release(second)).toBe(true);
    await settle();
    expect(owner.a.kinds).toEqual(['grant', 'release']);
    expect(owner.a.latest('release').ttl).toBe(30_000);
    expect(await holdersOf(owner.nodes)).toEqual(same(owner.a.latest('release').successor));
  });

  test('after a plain release keeps nothing', async () => {
    const { lock, owner } = await held();
    expect(await lock.release()).toBe(true);
    expect(await lock.release({ keepFor: 30_000 })).toBe(true);
    await settle();
    expect(owner.a.kinds).toEqual(['grant', 'release']);
    expect(await holdersOf(owner.nodes)).toEqual([null, null, null]);
  });

  test('calls nobody: one who waits elsewhere sleeps until it ends', async () => {
    const { lock, other, runtime } = await held();
    runtime.chance = 0;
    const waiting = other.redlock.acquire('r', TTL, { retryDelay: 60_000, wait: Infinity });
    await runtime.advance(1000);
    const before = other.a.all('grant').length;
    await lock.release({ keepFor: 5000 });
    await runtime.advance(4999);
    for (const { subscriptions } of other.nodes) {
      expect(subscriptions.flatMap(({ messages }) => messages)).toEqual([]);
    }
    // Once at the end of the ttl that it had read.
    expect(other.a.all('grant').length - before).toBeLessThanOrEqual(1);
    await runtime.advance(60_000);
    expect((await waiting).token).not.toBe(lock.token);
  });

  test('lets the next of this process look once, which then sleeps until it ends', async () => {
    const { process, runtime } = threeServers();
    runtime.chance = 0;
    const here = process({ retryDelay: 60_000, retryJitter: 0, wait: Infinity });
    const kept = await here.redlock.acquire('r', 100_000);
    const waiting = rejectionOf(here.redlock.acquire('r', TTL));
    await runtime.advance(1000);
    const releasing = kept.release({ keepFor: 50_000 });
    await settle();
    // The next in line looks once, and learns until when the key is kept.
    const tries = here.a.all('grant').length;
    await releasing;
    await runtime.advance(49_999);
    expect(here.a.all('grant').length - tries).toBeLessThanOrEqual(1);
    await here.redlock.close();
    await waiting;
  });

  test('keeps several resources', async () => {
    const { owner, other, runtime } = await held();
    const lock = await owner.redlock.acquire(['s', 't'], TTL);
    expect(await lock.release({ keepFor: 30_000 })).toBe(true);
    await runtime.advance(29_999);
    for (const key of ['s', 't']) expect(await other.redlock.tryAcquire(key, TTL)).toBeNull();
    await runtime.advance(1);
    expect(await other.redlock.tryAcquire(['s', 't'], TTL)).not.toBeNull();
  });

  test.each([
    ['a quorum is down', async (a: TestNode, b: TestNode) => void (a.mode = b.mode = DOWN)],
    [
      'a quorum lost it',
      async (a: TestNode, b: TestNode) => {
        for (const { server } of [a, b]) await server.steal('r', 'another');
      },
    ],
  ])('is false where %s', async (_, happens) => {
    const { redlock, a, b, seen } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    await happens(a, b);
    expect(await lock.release({ keepFor: 30_000 })).toBe(false);
    expect(seen.findLast(([event]) => event === 'released')).toEqual([
      'released',
      { lock, confirmed: false },
    ]);
  });

  test('keeps nothing where the key is missing or of another', async () => {
    const { redlock, nodes, a, b } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    await a.server.steal('r');
    await b.server.steal('r', 'another');
    await lock.release({ keepFor: 30_000 });
    await settle();
    expect(await holdersOf(nodes)).toEqual([null, 'another', a.latest('release').successor]);
  });

  test('of a lock that is lost is false, and keeps nothing', async () => {
    const { redlock, nodes, runtime } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    await runtime.advance(TTL);
    expect(await lock.release({ keepFor: 30_000 })).toBe(false);
    await settle();
    expect(await holdersOf(nodes)).toEqual([null, null, null]);
  });
});

describe('what is left to clean up is kept, not deleted', () => {
  test('a grant that comes late', async () => {
    const { redlock, nodes, c, runtime } = threeNodes();
    c.mode = 'hold';
    const lock = await redlock.acquire('r', TTL);
    await runtime.advance(600);
    await lock.release({ keepFor: 30_000 });
    c.answer();
    await runtime.advance(10);
    expect(c.all('release').map(({ ttl }) => ttl)).not.toEqual([]);
    expect(new Set(c.all('release').map(({ ttl }) => ttl))).toEqual(new Set([30_000]));
    expect(await holdersOf(nodes)).toEqual(same(c.latest('release').successor));
  });

  test('a node that was away when it was released, at its reconnection', async () => {
    const { redlock, nodes, c, runtime } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    c.disconnect();
    expect(await lock.release({ keepFor: 30_000 })).toBe(true);
    expect(c.all('release')).toEqual([]);
    await runtime.advance(1000);
    c.connected();
    await settle();
    expect(c.all('release').map(({ ttl }) => ttl)).toEqual([30_000]);
    expect(await holdersOf(nodes)).toEqual(same(c.latest('release').successor));
  });
});

test.each([
  ['0', 0, 'RangeError'],
  ['-1', -1, 'RangeError'],
  ['1.5', 1.5, 'RangeError'],
  ['NaN', NaN, 'RangeError'],
  ['Infinity', Infinity, 'RangeError'],
  ['2 ** 53', 2 ** 53, 'RangeError'],
  ['text', '100', 'TypeError'],
  ['null', null, 'TypeError'],
])('a keepFor of %s rejects, and the lock stays held', async (_, value, name) => {
  const { redlock, nodes, a, runtime } = threeNodes();
  const lock = await redlock.acquire('r', TTL, { autoExtend: true });
  await settle();
  const error = (await rejectionOf(lock.release({ keepFor: value as number }))) as Error;
  expect(error.name).toBe(name);
  expect(error.message).toMatch(/^keepFor must be a (number$|positive safe integer)/);
  expect(a.kinds).toEqual(['grant']);
  await runtime.advance(60_000);
  expect(lock.remaining()).toBeGreaterThan(6000);
  expect(await lock.release()).toBe(true);
  await settle();
  expect(await holdersOf(nodes)).toEqual([null, null, null]);
});
