import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { held, heldElsewhere, TTL, world, type Process } from '../support/world.js';

type Node = Process['c'];

/** The number of releases that a new connection brings. */
async function reconnected(node: Node): Promise<number> {
  const before = node.releases;
  node.mode = 'answer';
  node.connected();
  await settle();
  return node.releases - before;
}

/** Two nodes deny an acquire that `c` has been sent and does not answer. */
async function deniedWithoutC(): Promise<Node> {
  const { redlock, c } = await heldElsewhere();
  c.mode = 'hold';
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  await settle();
  return c;
}

const PENDING: readonly (readonly [string, () => Promise<Node>])[] = [
  [
    'an acquire that was unanswered when the connection was lost',
    async () => {
      const c = await deniedWithoutC();
      c.disconnect();
      await settle();
      c.last('acquire').execute();
      return c;
    },
  ],
  [
    'a lock that was released while its node was unreachable',
    async () => {
      const { c, lock } = await held();
      c.disconnect();
      expect(await lock.release()).toBe(true);
      return c;
    },
  ],
  [
    'a lock whose acquire the client had sent twice',
    async () => {
      const { redlock, c } = world();
      c.mode = 'hold';
      const lock = await redlock.acquire('r', TTL);
      await settle();
      c.connected();
      c.answer();
      await settle();
      expect(await lock.release()).toBe(true);
      await settle();
      // The first copy is executed behind the release.
      c.last('acquire').execute();
      return c;
    },
  ],
];

test.each(PENDING)('clean-up: the next connection brings one release of %s', async (_, arrange) => {
  const c = await arrange();
  expect(await reconnected(c)).toBe(1);
  expect(await c.server.holderOf('r')).toBeNull();
});

test('a pending release is sent on one connection only', async () => {
  const c = await deniedWithoutC();
  c.disconnect();
  await settle();
  expect([await reconnected(c), await reconnected(c)]).toEqual([1, 0]);
});

test('clean-up: an acquire that has no reply in time is released, though the node answers later commands', async () => {
  const { redlock, time, c } = await heldElsewhere();
  c.hold(({ keys }) => keys.includes('r'));
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  await time.advance(1);
  await redlock.acquire('later', TTL);
  await time.advance(500);
  expect(c.given('release').map(({ keys }) => keys)).toEqual([['r']]);
});

test('clean-up: close() writes a release behind an unanswered acquire before it closes the client', async () => {
  const { redlock, c } = await heldElsewhere();
  c.hold();
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  await settle();
  const releases: number[] = [];
  c.close = async () => void releases.push(c.releases);
  const closing = redlock.close();
  await settle();
  c.answer();
  await closing;
  expect(releases).toEqual([1]);
});

test('clean-up: of a command that the client gave up, nothing is kept once a release behind it is answered', async () => {
  const { redlock, c } = world();
  c.mode = GIVEN_UP;
  const lock = await redlock.acquire('r', TTL);
  await settle();
  c.mode = 'answer';
  expect(await lock.release()).toBe(true);
  await settle();
  expect(await reconnected(c)).toBe(0);
});

test('a Cluster may reorder commands, so that a late acquire is released again', async () => {
  const { redlock, servers, c } = world(3, { node: { cluster: true } });
  for (const server of servers.slice(0, 2)) await server.steal('r', 'other');
  c.mode = 'hold';
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  await settle();
  // The next attempt releases the one before it, which is executed late.
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  await settle();
  c.last('release').execute();
  c.answer();
  await settle();
  expect(await c.server.holderOf('r')).toBeNull();
});

test('a lock that was kept with keepFor is not kept again on a new connection', async () => {
  const { time, c, lock, holders, everywhere } = await held();
  c.mode = 'hold';
  await lock.extend();
  c.connected();
  c.answer();
  await settle();
  expect(await lock.release({ keepFor: 60_000 })).toBe(true);
  await time.advance(50_000);
  // A command on the former connection may have been executed by now, so the key is released, but not kept.
  expect(await reconnected(c)).toBe(1);
  await time.advance(10_000);
  expect(await holders()).toEqual(everywhere(null));
});

test('after an extension that was lost with its connection, longer ones count', async () => {
  const { b, c, lock } = await held();
  for (const node of [b, c]) node.mode = 'hold';
  const short = rejectionOf(lock.extend(2000));
  await settle();
  for (const node of [b, c]) node.disconnect();
  expect(await short).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  for (const node of [b, c]) await reconnected(node);
  await lock.extend(60_000);
  expect(lock.remaining()).toBe(60_000 - 602);
  await lock.extend();
  expect(lock.remaining()).toBe(60_000 - 602);
});

const BUSY = new Error('BUSY Redis is busy running a script. You can only call SCRIPT KILL');
const LOADING = new Error('LOADING Redis is loading the dataset in memory');
const GIVEN_UP = new Error('Command timed out');

/** One node that answers a release with BUSY. */
async function refusedRelease(resources = ['r']) {
  const all = world(1);
  const locks = await Promise.all(resources.map((name) => all.redlock.acquire(name, TTL)));
  all.a.fail(BUSY, 'release');
  await Promise.all(locks.map((lock) => lock.release()));
  return all;
}

test('a release that the client gave up follows when the node answers again', async () => {
  const { redlock, time, c, lock, holders, everywhere } = await held();
  await time.advance(1);
  c.mode = GIVEN_UP;
  expect(await lock.release()).toBe(true);
  await settle();
  c.mode = 'answer';
  await redlock.acquire('another', TTL);
  await settle();
  expect(c.releases).toBe(2);
  expect(await holders()).toEqual(everywhere(null));
});

test.each([BUSY, LOADING, new Error('NOREPLICAS Not enough good replicas to write.')])(
  'a release that the server refuses is repeated until it is executed: %s',
  async (error) => {
    const { redlock, time, a, holders } = world(1);
    const lock = await redlock.acquire('r', 60_000);
    a.mode = error;
    expect(await lock.release()).toBe(false);
    await time.advance(5000);
    a.mode = 'answer';
    await time.advance(2000);
    expect(await holders()).toEqual([null]);
  },
);

test('refused releases are repeated together, after growing pauses, whatever else is answered', async () => {
  const names = ['one', 'two', 'three'];
  const { redlock, time, a } = await refusedRelease(names);
  const commands = a.commandCount;
  for (let round = 0; round < 50; round++) {
    await redlock.inspect('one');
    await time.advance(100);
  }
  const repeated = a.commandCount - commands - a.inspects;
  expect(repeated).toBeGreaterThan(4);
  expect(repeated).toBeLessThan(12);
  a.mode = 'answer';
  await time.advance(2000);
  for (const name of names) expect(await a.server.holderOf(name)).toBeNull();
});

test('a refused release is not repeated once the key has expired, nor keeps the process alive', async () => {
  const { time, a } = await refusedRelease();
  await time.advance(20);
  expect(time.holding).toEqual([]);
  await time.advance(12_500);
  const sent = a.commandCount;
  await time.advance(60_000);
  expect(a.commandCount).toBe(sent);
  expect(time.pending).toEqual([]);
});

test('clean-up: each of several attempts that a node has not answered is released ahead of the next attempt on its keys', async () => {
  const { redlock, c } = await heldElsewhere('s');
  c.mode = 'hold';
  await Promise.all([redlock.tryAcquire(['r', 's'], TTL), redlock.tryAcquire('s', TTL)]);
  await redlock.acquire('r', TTL);
  await redlock.tryAcquire('s', TTL);
  await settle();
  const written = c.operations.map(({ verb, keys }) => `${verb} ${keys.join()}`);
  expect(written).toEqual([
    'acquire r,s',
    'acquire s',
    'release r,s',
    'acquire r',
    'release s',
    'acquire s',
  ]);
});

test('clean-up: a late grant of an aborted attempt is released, although another lock was released everywhere in the same turn', async () => {
  const { redlock, a, c, holders } = world();
  const other = await redlock.acquire('other', TTL);
  a.mode = 'hold';
  c.mode = 'hold';
  const caller = new AbortController();
  const acquiring = rejectionOf(redlock.acquire('r', TTL, { signal: caller.signal }));
  await settle();
  caller.abort();
  void other.release();
  await acquiring;
  await settle();
  a.answer();
  c.answer();
  await settle();
  expect(await holders()).toEqual([null, null, null]);
});

test('clean-up: what a server executes after it stood still for longer than the ttl is released', async () => {
  const { redlock, time, c, holders, everywhere } = world();
  c.mode = 'hold';
  const lock = await redlock.acquire('r', TTL);
  await time.advance(1000);
  expect(await lock.release()).toBe(true);
  await time.advance(2 * TTL);
  c.answer();
  await settle();
  expect(await holders()).toEqual(everywhere(null));
});
