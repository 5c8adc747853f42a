import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, type AcquireOptions, type Lock } from 'redlock-core';
import { settle } from '../support/settle.js';
import type { TestNode } from '../support/test-node.js';
import { nodesNamed, redlockOver, threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');
const TTL = 10_000;

/** As after a restart without data. */
async function forget({ server }: TestNode, ...keys: readonly string[]): Promise<void> {
  for (const key of keys.length > 0 ? keys : ['r']) {
    await server.steal(key);
    await server.setCounter(key);
  }
}

async function held(resources: string | string[] = 'r', options?: AcquireOptions) {
  const three = threeNodes();
  const lock = await three.redlock.acquire(resources, TTL, options);
  await settle();
  return { ...three, lock };
}

async function expectHeldOn({ server }: TestNode, lock: Lock): Promise<void> {
  for (const resource of lock.resources) {
    expect(await server.holderOf(resource)).toBe(lock.token);
    expect(await server.counterOf(resource)).toBe(lock.fencingToken || null);
  }
}

describe('a node that lacks the key of a lock', () => {
  test('gets it back after an extension, with its ttl and the fencing token', async () => {
    const { lock, a, b, c } = await held();
    await forget(c);
    await lock.extend(20_000);
    await settle();
    expect(c.kinds).toEqual(['grant', 'extend', 'heal']);
    expect(c.latest('heal')).toMatchObject({ ttl: 20_000, fence: lock.fencingToken });
    await expectHeldOn(c, lock);
    for (const node of [a, b]) expect(node.kinds).toEqual(['grant', 'extend']);
  });

  test('counts from the next extension on', async () => {
    const { lock, a, c } = await held();
    await forget(c);
    await lock.extend();
    await settle();
    a.mode = DOWN;
    await lock.extend();
    expect(c.kinds).toEqual(['grant', 'extend', 'heal', 'extend']);
  });

  test('gets it back from an automatic extension too', async () => {
    const { lock, runtime, c } = await held('r', { autoExtend: true });
    await forget(c);
    await runtime.advance(TTL / 3 + 1);
    await settle();
    await expectHeldOn(c, lock);
  });

  test('gets its counter raised to the token, where that was lower', async () => {
    const { lock, c } = await held();
    await c.server.steal('r');
    await c.server.setCounter('r', lock.fencingToken - 5);
    await lock.extend();
    await settle();
    await expectHeldOn(c, lock);
  });

  test('does not get it back where a later grant has raised the counter', async () => {
    const { lock, c } = await held();
    await c.server.steal('r');
    await c.server.setCounter('r', lock.fencingToken + 1);
    await lock.extend();
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
    expect(await c.server.counterOf('r')).toBe(lock.fencingToken + 1);
  });

  test('does not get it back where another has taken it meanwhile', async () => {
    const { lock, c } = await held();
    await forget(c);
    c.mode = 'hold';
    await lock.extend();
    c.latest('extend').command.reply();
    await settle();
    await c.server.steal('r', 'other');
    c.answer();
    await settle();
    expect(c.kinds).toEqual(['grant', 'extend', 'heal']);
    expect(await c.server.holderOf('r')).toBe('other');
    expect(await c.server.counterOf('r')).toBeNull();
  });

  test('gets it back though its answer comes after the extension is decided', async () => {
    const { lock, c, names } = await held();
    await forget(c);
    c.mode = 'hold';
    await lock.extend();
    await settle();
    expect(c.kinds).toEqual(['grant', 'extend']);
    c.answer();
    await settle();
    await expectHeldOn(c, lock);
    expect(names()).toEqual(['acquired', 'extended']);
  });

  test('gets it back without fencing too', async () => {
    const { lock, c } = await held('r', { fencing: false });
    await forget(c);
    await lock.extend();
    await settle();
    expect(c.latest('heal')).toMatchObject({ fence: null, counters: [] });
    await expectHeldOn(c, lock);
  });

  test('gets it back by the whole script where it has forgotten that too', async () => {
    const { lock, c } = await held();
    await forget(c);
    await lock.extend();
    await settle();
    await forget(c);
    c.mode = 'hold';
    await lock.extend();
    c.latest('extend').command.reply();
    await settle();
    c.server.flushScripts();
    c.answer();
    await settle();
    expect(c.all('heal').map(({ command }) => command.whole)).toEqual([true, false, true]);
    await expectHeldOn(c, lock);
  });

  test('that cannot be healed harms nobody, and is tried at the next extension', async () => {
    const { lock, c } = await held();
    await forget(c);
    c.mode = (command) => (command.has('heal') ? command.fail(DOWN) : command.reply());
    await lock.extend();
    await settle();
    expect(lock.remaining()).toBe(9898);
    c.mode = 'answer';
    await lock.extend();
    await settle();
    expect(c.all('heal')).toHaveLength(2);
    await expectHeldOn(c, lock);
  });
});

describe('of several resources', () => {
  test('a node that lacks some gets them back when the others are ours', async () => {
    const { lock, c } = await held(['r', 's', 't']);
    await forget(c, 's', 't');
    await lock.extend();
    await settle();
    await expectHeldOn(c, lock);
  });

  test('a node gets none back when another has one of them', async () => {
    const { lock, c } = await held(['r', 's', 't']);
    await forget(c, 's');
    await c.server.steal('t', 'other');
    await lock.extend();
    await settle();
    expect(c.kinds).toEqual(['grant', 'extend']);
    expect(await c.server.holderOf('r')).toBe(lock.token);
    expect(await c.server.holderOf('s')).toBeNull();
    expect(await c.server.holderOf('t')).toBe('other');
  });

  test('a node gets none back when the counter of one is above the token', async () => {
    const { lock, c } = await held(['r', 's']);
    await forget(c, 's');
    await c.server.setCounter('r', lock.fencingToken + 1);
    await lock.extend();
    await settle();
    expect(await c.server.holderOf('s')).toBeNull();
    expect(await c.server.counterOf('s')).toBeNull();
  });
});

describe('no extension is helped by its own heals', () => {
  test('they are sent when it has succeeded, not before', async () => {
    const nodes = nodesNamed(5);
    const { redlock } = redlockOver(nodes);
    const lock = await redlock.acquire('r', TTL);
    await settle();
    const [, , lacks, slow, slower] = nodes;
    if (!lacks || !slow || !slower) throw new Error('Five nodes');
    await forget(lacks);
    for (const node of [slow, slower]) node.mode = 'hold';
    let extended = false;
    const extending = lock.extend().then(() => (extended = true));
    await settle();
    expect(extended).toBe(false);
    expect(lacks.kinds).toEqual(['grant', 'extend']);
    slow.answer();
    await extending;
    await settle();
    await expectHeldOn(lacks, lock);
  });

  test('each node is healed once, those that had answered by then and those that had not', async () => {
    const nodes = nodesNamed(5);
    const { redlock } = redlockOver(nodes);
    const lock = await redlock.acquire('r', TTL);
    await settle();
    const lacking = nodes.filter((_, index) => index % 2 === 1);
    for (const node of lacking) await forget(node);
    const [, late] = lacking;
    if (!late) throw new Error('Two nodes');
    late.mode = 'hold';
    await lock.extend();
    await settle();
    expect(nodes.map((node) => node.all('heal').length)).toEqual([0, 1, 0, 0, 0]);
    late.answer();
    await settle();
    expect(nodes.map((node) => node.all('heal').length)).toEqual([0, 1, 0, 1, 0]);
    for (const node of lacking) await expectHeldOn(node, lock);
  });

  test('no node is healed when it has failed for want of answers', async () => {
    const { lock, a, b, c } = await held();
    await forget(a);
    b.mode = DOWN;
    expect(await rejectionOf(lock.extend())).toBeInstanceOf(QuorumError);
    await settle();
    expect(a.kinds).toEqual(['grant', 'extend']);
    expect(await a.server.holderOf('r')).toBeNull();
    expect(await c.server.holderOf('r')).toBe(lock.token);
  });

  test('no node is healed when it has found the lock lost, however late the answer', async () => {
    const { lock, a, b, c, nodes } = await held();
    for (const node of nodes) await forget(node);
    c.mode = 'hold';
    expect(await rejectionOf(lock.extend())).toBeInstanceOf(LockLostError);
    await settle();
    c.answer();
    await settle();
    for (const node of [a, b, c]) {
      expect(node.kinds).toEqual(['grant', 'extend', 'release']);
      expect(await node.server.holderOf('r')).toBeNull();
    }
  });

  test('no node is healed when its quorum came after the validity had ended', async () => {
    const { lock, runtime, nodes, c } = await held();
    await forget(c);
    for (const node of nodes) node.mode = 'hold';
    const failed = rejectionOf(lock.extend());
    await settle();
    runtime.suspend(9898);
    for (const node of nodes) node.answer();
    expect(await failed).toBeInstanceOf(LockLostError);
    await settle();
    for (const node of nodes) {
      expect(node.all('heal')).toEqual([]);
      expect(await node.server.holderOf('r')).toBeNull();
    }
  });
});

/** The heal of `c` is written and not answered. */
async function healing() {
  const three = await held();
  const { lock, c } = three;
  await forget(c);
  c.mode = 'hold';
  await lock.extend();
  c.latest('extend').command.reply();
  await settle();
  expect(c.unanswered.map((command) => command.has('heal'))).toEqual([true]);
  return three;
}

describe('when the lock is released', () => {
  test('a heal that runs after the release is released again', async () => {
    const { lock, c } = await healing();
    expect(await lock.release()).toBe(true);
    await settle();
    c.latest('release').command.reply();
    await settle();
    c.latest('heal').command.reply();
    await settle();
    expect(c.all('release')).toHaveLength(2);
    c.answer();
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a heal that runs before the release needs no other', async () => {
    const { lock, c } = await healing();
    expect(await lock.release()).toBe(true);
    await settle();
    c.answer();
    await settle();
    expect(c.all('release')).toHaveLength(1);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a heal whose connection was lost is released at the next one', async () => {
    const { lock, c } = await healing();
    const { command } = c.latest('heal');
    c.disconnect();
    await settle();
    expect(await lock.release()).toBe(true);
    command.execute();
    await settle();
    await expectHeldOn(c, lock);
    c.mode = 'answer';
    c.connected();
    await settle();
    expect(c.all('release')).toHaveLength(1);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a heal that the client gives up after the release is released when the node answers again', async () => {
    const { lock, redlock, c } = await healing();
    expect(await lock.release()).toBe(true);
    await settle();
    c.latest('release').command.reply();
    await settle();
    const { command } = c.latest('heal');
    command.fail(new Error('Command timed out'));
    command.execute();
    await settle();
    await expectHeldOn(c, lock);
    c.mode = 'answer';
    await redlock.inspect('another');
    await settle();
    expect(c.all('release')).toHaveLength(2);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a heal is not sent again to a server that does not know the script', async () => {
    const { lock, c } = await healing();
    c.server.flushScripts();
    const releasing = lock.release();
    c.answer();
    await releasing;
    await settle();
    expect(c.all('heal')).toHaveLength(1);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a node that says only then that it lacks the key is not healed', async () => {
    const { lock, c } = await held();
    await forget(c);
    c.mode = 'hold';
    await lock.extend();
    await lock.release();
    await settle();
    c.answer();
    await settle();
    expect(c.kinds).toEqual(['grant', 'extend', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
  });
});

test('a lock survives nodes that come and go', async () => {
  const nodes = nodesNamed(5);
  const [dying, , , ...late] = nodes;
  const { redlock } = redlockOver(nodes);
  for (const node of late) node.mode = DOWN;
  const lock = await redlock.acquire('r', TTL);
  for (const node of late) node.mode = 'answer';
  await lock.extend();
  await settle();
  for (const node of late) await expectHeldOn(node, lock);
  if (dying) dying.mode = DOWN;
  await lock.extend();
  await nodes[1]?.server.steal('r');
  await lock.extend();
  expect(lock.remaining()).toBe(9898);
  expect(await lock.release()).toBe(true);
});
