import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { outcomeOf } from '../support/outcome.js';
import { grants, knownWorld, restart } from '../support/restart.js';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { TestServer } from '../support/test-server.js';
import { redlockOver, TTL, world } from '../support/world.js';

const NO_WAIT = { wait: 0 };

/** One node that does not say who it is until the test answers. */
function unidentified() {
  const node = new TestNode('a');
  node.identifying = 'hold';
  return { ...redlockOver([node]), node };
}

test('quarantine: a connection is asked once which server it leads to, before its first command', async () => {
  const order: string[] = [];
  const node = new TestNode('a');
  node.ready = false;
  const call = node.call.bind(node);
  node.call = (args) => {
    order.push(args[0] === 'INFO' ? 'INFO' : 'command');
    return call(args);
  };
  const { redlock } = redlockOver([node]);
  const acquired = redlock.acquire('r', TTL);
  await settle();
  node.connected();
  await acquired;
  await redlock.acquire('s', TTL);
  expect(order).toEqual(['INFO', 'command', 'command']);
});

test('quarantine: a vote waits until its server is known, or fails with the node timeout', async () => {
  const { redlock, runtime, node } = unidentified();
  const failed = rejectionOf(redlock.acquire('r', TTL, NO_WAIT));
  await runtime.advance(500);
  expect(await failed).toMatchObject({
    votes: [{ result: 'failed', error: { code: 'IDENTITY_UNKNOWN' }, duration: 500 }],
  });
  const lock = redlock.acquire('r', TTL);
  await settle();
  for (const answer of node.questions) answer();
  expect((await lock).remaining()).toBeGreaterThan(0);
});

test('quarantine: a late answer of a former connection does not count', async () => {
  const { a, grants: granted } = await knownWorld(1);
  const before = a.server.info;
  a.identifying = 'hold';
  a.connected();
  restart(a);
  const [, late, current] = a.questions;
  late?.(before);
  const result = granted();
  await settle();
  current?.();
  expect(await result).toBe('QUARANTINED');
});

test.each([
  ['RECONNECTED', true],
  ['NOT_CONNECTED', false],
])(
  'errors: one that ends while a queue is looked into is named as %s',
  async (code, isReestablished) => {
    const { redlock, process, time, servers, a } = world(1);
    await redlock.acquire('r', TTL);
    const waiting = outcomeOf(process().redlock.acquire('r', TTL));
    await time.advance(50);
    await servers[0]?.delete('r');
    a.mode = 'hold';
    const tried = rejectionOf(redlock.tryAcquire('r', TTL));
    await settle();
    if (isReestablished) a.connected();
    else a.ready = false;
    a.answer();
    expect(await tried).toMatchObject({ votes: [{ node: 'a', error: { code } }] });
    await time.advance(1000);
    expect(waiting.value).toBeDefined();
  },
);

test('errors: a server that may not be asked is named with the right it needs, and asked again', async () => {
  const { redlock, a, grants: granted, names } = await knownWorld(1);
  a.disconnect();
  a.identifying = new Error("NOPERM this user has no permissions to run the 'info' command");
  a.connected();
  await settle();
  const error = await rejectionOf(redlock.acquire('r', TTL, NO_WAIT));
  expect(error).toMatchObject({ votes: [{ node: 'a', error: { code: 'IDENTITY_UNKNOWN' } }] });
  expect(String(error)).toMatch(/INFO failed \(NOPERM.*allow INFO, or set quarantine: false/);
  expect(await granted()).toBe('IDENTITY_UNKNOWN');
  expect(names()).toEqual(['nodeFailed']);
  a.identifying = 'answer';
  expect(await granted()).toBe(true);
  expect(names().filter((name) => name === 'nodeRecovered')).toHaveLength(1);
});

test.each(['', 'run_id:abc\r\n', null, {}])(
  'errors: a server that answers INFO with %j is not identified',
  async (info) => {
    const { redlock, a } = await knownWorld(1);
    a.disconnect();
    Object.defineProperty(a.server, 'info', { value: info });
    a.connected();
    const error = await rejectionOf(redlock.acquire('r', TTL, NO_WAIT));
    expect(error).toMatchObject({ votes: [{ error: { code: 'IDENTITY_UNKNOWN' } }] });
    expect(String(error)).toContain('INFO failed (UNEXPECTED_REPLY: its reply shows no run_id');
  },
);

/** Three nodes of which the last two are one server. */
function twins() {
  const server = new TestServer();
  const [a, b, c] = [
    new TestNode('a'),
    new TestNode('b', { server }),
    new TestNode('c', { server }),
  ] as const;
  return { ...redlockOver([a, b, c]), a, b, c };
}

test('quarantine: two nodes that are one server have one vote between them, and the error names both', async () => {
  const { redlock, a, c, names } = twins();
  // Both are asked the first time, which raises their one counter twice.
  expect(await grants(redlock)).toBe(true);
  const lock = await redlock.acquire('r', TTL);
  await lock.extend();
  expect(await lock.release()).toBe(true);
  await settle();
  expect(names().filter((name) => name.startsWith('node'))).toEqual(['nodeFailed']);
  expect(c.extends).toBe(0);
  const { nodes } = await redlock.inspect('r');
  expect(nodes[2]).toMatchObject({ node: 'c', error: { code: 'DUPLICATE_SERVER' } });
  a.fail();
  const error = await rejectionOf(redlock.acquire('r', TTL, NO_WAIT));
  expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  expect(String(error)).toMatch(/c failed \(DUPLICATE_SERVER: .*is the same server as b/);
});

test('quarantine: two nodes that are one server count as two again when they are', async () => {
  const { redlock, a, b } = twins();
  expect(await grants(redlock)).toBe(true);
  Object.assign(b, { server: new TestServer() });
  b.disconnect();
  b.connected();
  await settle();
  // b is in quarantine, and until c is asked again it is not known to be alone.
  expect(await grants(redlock)).not.toBe(true);
  expect(await grants(redlock)).toBe(true);
  a.fail();
  const { nodes } = await redlock.inspect('r');
  expect(nodes[2]).not.toHaveProperty('error');
});
