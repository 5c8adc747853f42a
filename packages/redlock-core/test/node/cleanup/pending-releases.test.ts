import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../../support/settle.js';
import { held, heldElsewhere, TTL, world, type Process } from '../../support/world.js';

/** A command or its reply was lost on the client's side. */
const GIVEN_UP = new Error('Command timed out');

/** An attempt that `a` and `b` deny, and that `c` has been sent and does not answer. */
async function deniedWithoutC() {
  const all = await heldElsewhere();
  all.c.mode = 'hold';
  expect(await all.redlock.tryAcquire('r', TTL)).toBeNull();
  await settle();
  return all;
}

/** The number of releases that a new connection of `c` brings. */
async function reconnected(c: Process['c']): Promise<number> {
  const before = c.releases;
  c.mode = 'answer';
  c.connected();
  await settle();
  return c.releases - before;
}

describe('a pending release follows on the next connection', () => {
  test('of an acquire that was unanswered when the connection was lost, once', async () => {
    const { c } = await deniedWithoutC();
    c.disconnect();
    await settle();
    c.last('acquire').execute();
    expect(await reconnected(c)).toBe(1);
    expect(await c.server.holderOf('r')).toBeNull();
    c.disconnect();
    expect(await reconnected(c)).toBe(0);
  });

  test('of an attempt whose connection was lost while it was undecided', async () => {
    const { redlock, nodes, a, b, c } = world();
    for (const node of nodes) node.mode = 'hold';
    const tried = rejectionOf(redlock.tryAcquire('r', TTL));
    await settle();
    for (const node of [b, c]) node.disconnect();
    a.answer();
    expect(await tried).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    c.last('acquire').execute();
    expect(await reconnected(c)).toBe(1);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('of a lock that was released while its node was unreachable', async () => {
    const { c, lock } = await held();
    c.disconnect();
    expect(await lock.release()).toBe(true);
    expect(c.releases).toBe(0);
    expect(await reconnected(c)).toBe(1);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('of an acquire that the client itself sends again behind its release', async () => {
    const { c } = await deniedWithoutC();
    c.connected();
    await settle();
    expect([c.acquires, c.releases]).toEqual([1, 2]);
    // Releases first, the acquire last.
    for (const command of c.commands.slice(1)) command.reply();
    await settle();
    c.answer();
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('of a lock whose acquire the client had sent twice, once', async () => {
    const { redlock, c } = world();
    c.mode = 'hold';
    const lock = await redlock.acquire('r', TTL);
    await settle();
    c.connected();
    c.answer();
    await settle();
    expect(await lock.release()).toBe(true);
    await settle();
    expect(c.releases).toBe(1);
    // The first copy is executed behind the release.
    c.last('acquire').execute();
    expect(await reconnected(c)).toBe(1);
    expect(await c.server.holderOf('r')).toBeNull();
    expect(await reconnected(c)).toBe(0);
  });

  test('of an acquire that was unanswered when its release was answered', async () => {
    const { c } = await deniedWithoutC();
    c.last('release').reply();
    await settle();
    c.disconnect();
    await settle();
    expect(await reconnected(c)).toBe(1);
  });
});

test('a new connection brings no release of a lock that is held', async () => {
  const { c, lock } = await held();
  c.disconnect();
  expect(await reconnected(c)).toBe(0);
  expect(await c.server.holderOf('r')).toBe(lock.token);
});

test('an acquire that the client gave up needs no second release behind one that was answered', async () => {
  const { redlock, c } = world();
  c.mode = GIVEN_UP;
  const lock = await redlock.acquire('r', TTL);
  await settle();
  c.mode = 'answer';
  expect(await lock.release()).toBe(true);
  await settle();
  expect(await reconnected(c)).toBe(0);
  expect(c.releases).toBe(1);
});

test('a Cluster may reorder commands, so that a late acquire is released again', async () => {
  const { redlock, servers, c } = world(3, { node: { cluster: true } });
  for (const server of servers.slice(0, 2)) await server.steal('r', 'other');
  c.mode = 'hold';
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  await settle();
  c.last('release').execute();
  c.answer();
  await settle();
  expect(c.releases).toBe(2);
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

test('a look at a node that does not answer leaves no pending release', async () => {
  const { redlock, c } = world();
  c.mode = GIVEN_UP;
  await redlock.inspect('r');
  await redlock.close();
  expect(c.listeners).toBe(0);
});

/** A lock whose shorter extension two of three nodes have not answered, and which are connected again. */
async function shortExtensionLost() {
  const all = await held();
  const { b, c, lock } = all;
  for (const node of [b, c]) node.mode = 'hold';
  const short = rejectionOf(lock.extend(2000));
  await settle();
  const late = [b, c].map((node) => node.last('extend'));
  for (const node of [b, c]) node.disconnect();
  expect(await short).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  for (const node of [b, c]) {
    node.mode = 'answer';
    node.connected();
  }
  return { ...all, late };
}

describe('after an extension that was lost with its connection', () => {
  test('a longer extension counts, and so do those after it', async () => {
    const { lock } = await shortExtensionLost();
    await lock.extend(60_000);
    expect(lock.remaining()).toBe(60_000 - 602);
    await lock.extend();
    expect(lock.remaining()).toBe(60_000 - 602);
  });

  test('the lost one does not shorten the longer one, even if it arrives late and twice', async () => {
    const { lock, late, time, holders, everywhere } = await shortExtensionLost();
    await lock.extend(60_000);
    for (const command of late) command.execute();
    for (const { args, server } of late) await server.run(args);
    await time.advance(50_000);
    expect(await holders()).toEqual(everywhere(lock.token));
    expect(lock.remaining()).toBeGreaterThan(9000);
  });
});

test('a longer extension counts behind one that the client gave up', async () => {
  const { lock, b, c } = await held();
  for (const node of [b, c]) node.mode = GIVEN_UP;
  await rejectionOf(lock.extend(2000));
  for (const node of [b, c]) node.mode = 'answer';
  await lock.extend(60_000);
  expect(lock.remaining()).toBeGreaterThan(50_000);
});
