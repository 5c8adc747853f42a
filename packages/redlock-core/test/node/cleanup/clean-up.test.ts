import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError } from 'redlock-core';
import { settle } from '../../support/settle.js';
import { TestNode } from '../../support/test-node.js';
import { lockedElsewhere, redlockOver, threeNodes } from '../../support/three-nodes.js';

describe('a release is owed at the next readiness for', () => {
  test('what was not answered when the connection was lost, though it is executed late', async () => {
    const { redlock, c } = await lockedElsewhere();
    c.mode = 'hold';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await settle();
    c.disconnect();
    await settle();
    c.latest('grant').command.execute();
    c.mode = 'answer';
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
    // Once is enough.
    c.disconnect();
    c.connected();
    await settle();
    expect(c.commands).toHaveLength(3);
  });

  test('an attempt whose connection was lost while it was undecided', async () => {
    const { redlock, a, b, c } = threeNodes();
    for (const node of [a, b, c]) node.mode = 'hold';
    const tried = rejectionOf(redlock.tryAcquire('r', 10_000));
    await settle();
    for (const node of [b, c]) node.disconnect();
    a.answer();
    expect(await tried).toBeInstanceOf(QuorumError);
    c.latest('grant').command.execute();
    c.mode = 'answer';
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a lock released while its node was away', async () => {
    const { redlock, c } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    c.disconnect();
    expect(await lock.release()).toBe(true);
    expect(c.kinds).toEqual(['grant']);
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a command that the client sends again by itself on the new connection', async () => {
    const { redlock, c } = await lockedElsewhere();
    c.mode = 'hold';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await settle();
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    // Releases first, the grant last.
    for (const command of c.commands.slice(1)) command.reply();
    await settle();
    c.answer();
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a lock whose grant the client had sent again, though it is released before the first one is executed', async () => {
    const { redlock, c } = threeNodes();
    c.mode = 'hold';
    const lock = await redlock.acquire('r', 10_000);
    await settle();
    c.connected();
    c.mode = 'answer';
    c.answer();
    await settle();
    expect(await lock.release()).toBe(true);
    await settle();
    expect(c.kinds).toEqual(['grant', 'release']);
    c.latest('grant').command.execute();
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
    // Once is enough.
    c.connected();
    await settle();
    expect(c.commands).toHaveLength(3);
  });

  test('a grant that was still unanswered when its release was answered', async () => {
    const { redlock, c } = await lockedElsewhere();
    c.mode = 'hold';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await settle();
    c.latest('release').command.reply();
    await settle();
    c.disconnect();
    await settle();
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    c.answer();
  });

  test('not for a lock that is held', async () => {
    const { redlock, c } = threeNodes();
    await redlock.acquire('r', 10_000);
    c.disconnect();
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant']);
  });
});

/** A lock whose shorter extension two of three nodes have not answered, and which are connected anew. */
async function shortExtensionLost() {
  const three = threeNodes();
  const { redlock, runtime, nodes, b, c } = three;
  for (const { server } of nodes) server.expiry = runtime.now;
  const lock = await redlock.acquire('r', 10_000);
  for (const node of [b, c]) node.mode = 'hold';
  const short = rejectionOf(lock.extend(2000));
  await settle();
  const late = [b, c].map((node) => node.latest('extend').command);
  for (const node of [b, c]) node.disconnect();
  expect(await short).toBeInstanceOf(QuorumError);
  for (const node of [b, c]) {
    node.mode = 'answer';
    node.connected();
  }
  return { ...three, lock, late };
}

describe('an extension by more time than one that was lost with its connection', () => {
  test('counts, and so do those after it', async () => {
    const { lock } = await shortExtensionLost();
    await lock.extend(60_000);
    expect(lock.remaining()).toBe(60_000 - 602);
    await lock.extend();
    expect(lock.remaining()).toBe(60_000 - 602);
  });

  test('is not cut short where that one still arrives, late or twice', async () => {
    const { lock, late, runtime, nodes } = await shortExtensionLost();
    await lock.extend(60_000);
    for (const command of late) command.execute();
    for (const { args, server } of late) await server.run(args);
    await runtime.advance(50_000);
    for (const { server } of nodes) expect(await server.holderOf('r')).toBe(lock.token);
    expect(lock.remaining()).toBeGreaterThan(9000);
  });
});

test('an extension by more time than one that the client gave up counts when it is answered behind it', async () => {
  const { redlock, b, c } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  for (const node of [b, c]) node.mode = new Error('Command timed out');
  await rejectionOf(lock.extend(2000));
  for (const node of [b, c]) node.mode = 'answer';
  await lock.extend(60_000);
  expect(lock.remaining()).toBeGreaterThan(50_000);
});

test('what only looks at a node that does not answer leaves nothing behind', async () => {
  const { redlock, c } = threeNodes();
  c.mode = new Error('Command timed out');
  await redlock.inspect('r');
  await redlock.close();
  expect(c.listeners).toBe(0);
});

test('a key that is kept for a while is not kept anew when its node is connected again', async () => {
  const { redlock, runtime, nodes, c } = threeNodes();
  for (const { server } of nodes) server.expiry = runtime.now;
  const lock = await redlock.acquire('r', 10_000);
  c.mode = 'hold';
  await lock.extend();
  c.connected();
  c.answer();
  await settle();
  expect(await lock.release({ keepFor: 60_000 })).toBe(true);
  await settle();
  await runtime.advance(50_000);
  // A command that was sent on the former connection may have been executed by now, so the key is released, but not
  // kept.
  c.connected();
  await settle();
  expect(c.all('release').map(({ successor }) => successor !== null)).toEqual([true, false]);
  await runtime.advance(10_000);
  for (const { server } of nodes) expect(await server.holderOf('r')).toBeNull();
});

test('a lock whose grant the client gave up owes nothing once a release behind it was answered', async () => {
  const { redlock, c } = threeNodes();
  c.mode = new Error('Command timed out');
  const lock = await redlock.acquire('r', 10_000);
  await settle();
  c.mode = 'answer';
  expect(await lock.release()).toBe(true);
  await settle();
  c.connected();
  await settle();
  expect(c.kinds).toEqual(['grant', 'release']);
});

test('a Cluster may reorder commands: a late grant is released again though its release was written', async () => {
  const c = new TestNode('c', { cluster: true });
  const { redlock, nodes } = redlockOver([new TestNode('a'), new TestNode('b'), c]);
  for (const node of nodes.slice(0, 2)) await node.server.steal('r', 'other');
  c.mode = 'hold';
  expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
  await settle();
  c.latest('release').command.execute();
  c.answer();
  await settle();
  expect(c.kinds).toEqual(['grant', 'release', 'release']);
  expect(await c.server.holderOf('r')).toBeNull();
});
