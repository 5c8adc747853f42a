import { describe, expect, test } from '@jest/globals';
import { ResourceLockedError } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import type { Command } from '../support/command.js';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { redlockOver } from '../support/world.js';

const PLAIN = { fencing: false, wait: 0 } as const;

/** One node that can call, as the native form of a grant needs it. */
function oneNode(options: ConstructorParameters<typeof TestNode>[1] = {}) {
  const node = new TestNode('a', { subscribes: true, ...options });
  return { ...redlockOver([node]), node };
}

/** The first words of the commands that the node was given. */
function words(node: TestNode): (string | undefined)[] {
  return node.commands.map(({ args }) => args[0]);
}

/** A server that does not know the native form, as before Redis 7.0. */
function answerAsOld(command: Command): void {
  if (command.args[0] === 'set') command.fail(new Error('ERR syntax error'));
  else command.reply();
}

describe('a grant without fencing, alone', () => {
  test('is a SET that returns what was there', async () => {
    const { redlock, node } = oneNode();
    const lock = await redlock.acquire('r', 10_000, PLAIN);
    expect(node.commands[0]?.args).toEqual(['set', 'r', lock.token, 'nx', 'get', 'px', '10000']);
    expect(lock.fencingToken).toBe(0);
    expect(await node.server.holderOf('r')).toBe(lock.token);
    expect(await lock.release()).toBe(true);
    expect(words(node)).toEqual(['set', 'eval']);
  });

  test('is denied by any other value, and granted by its own, which a client may have sent before', async () => {
    const { redlock, node } = oneNode();
    await node.server.steal('r', 'other');
    const error = await rejectionOf(redlock.acquire('r', 10_000, PLAIN));
    expect(ResourceLockedError.is(error)).toBe(true);
    node.mode = (command) => {
      command.execute();
      command.replyWith(command.args[0] === 'set' ? command.args[2] : 1);
    };
    expect(await (await redlock.acquire('s', 10_000, PLAIN)).release()).toBe(true);
  });

  test('is denied by a key that is no string', async () => {
    const { redlock, node } = oneNode();
    node.mode = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
    expect(await redlock.tryAcquire('r', 10_000, { fencing: false })).toBeNull();
  });

  test('fails by every other error, and by a reply that SET does not give', async () => {
    const { redlock, node } = oneNode();
    node.mode = new Error("OOM command not allowed when used memory > 'maxmemory'.");
    expect(await rejectionOf(redlock.acquire('r', 10_000, PLAIN))).toMatchObject({
      votes: [{ vote: 'failed', error: { code: 'OOM' } }],
    });
    node.mode = (command) => command.replyWith(7);
    expect(await rejectionOf(redlock.acquire('r', 10_000, PLAIN))).toMatchObject({
      votes: [{ vote: 'failed', error: { code: 'UNEXPECTED_REPLY' } }],
    });
  });

  test('is sent by the script in the same attempt where the server does not know it, and so are later ones until the next connection', async () => {
    const { redlock, node } = oneNode();
    node.mode = answerAsOld;
    for (const resource of ['r', 's']) {
      const lock = await redlock.acquire(resource, 10_000, PLAIN);
      expect(await node.server.holderOf(resource)).toBe(lock.token);
    }
    expect(words(node)).toEqual(['set', 'eval', 'evalsha']);
    node.disconnect();
    node.connected();
    await redlock.acquire('t', 10_000, PLAIN);
    expect(words(node).slice(3)).toEqual(['set', 'eval']);
  });

  test('is not sent again if its attempt is decided by then: a release may have overtaken it', async () => {
    const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name, { subscribes: true }));
    const { redlock } = redlockOver(nodes);
    const [, , slow = new TestNode('none')] = nodes;
    slow.mode = 'hold';
    await redlock.acquire('r', 10_000, PLAIN);
    slow.commands[0]?.fail(new Error('ERR syntax error'));
    await settle();
    expect(words(slow)).toEqual(['set']);
  });
});

describe('the script grants', () => {
  test.each([
    ['with fencing', { wait: 0 }, {}],
    ['on a Cluster', PLAIN, { cluster: true }],
    [
      'where nobody can be called, so that a waiter must learn the remaining time',
      PLAIN,
      { subscribes: false },
    ],
  ])('%s', async (_, options, ofNode) => {
    const { redlock, node } = oneNode(ofNode);
    await redlock.acquire('r', 10_000, options);
    expect(words(node)).toEqual(['eval']);
  });

  test('several resources, and several locks in one command', async () => {
    const { redlock, node } = oneNode();
    await redlock.acquire(['a', 'b'], 10_000, PLAIN);
    await Promise.all(['c', 'd'].map((each) => redlock.acquire(each, 10_000, PLAIN)));
    expect(words(node)).toEqual(['eval', 'eval']);
  });

  test('a waiter from its second try on, which tells it the remaining time', async () => {
    const { redlock, node, runtime } = oneNode();
    await node.server.steal('r', 'other');
    const acquired = redlock.acquire('r', 10_000, { fencing: false });
    for (let turn = 0; turn < 5; turn++) await settle();
    expect(words(node).slice(0, 1)).toEqual(['set']);
    expect(node.given('acquire').length).toBeGreaterThan(1);
    expect(words(node).filter((word) => word === 'set')).toHaveLength(1);
    await node.server.steal('r');
    await runtime.advance(1000);
    expect(await (await acquired).release()).toBe(true);
  });
});
