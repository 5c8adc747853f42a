import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from './support/settle.js';
import type { TestNode } from './support/test-node.js';
import { held, TTL, world, type World } from './support/world.js';

/** How often each client was closed. */
function closes({ nodes }: World): number[] {
  return nodes.map((node) => node.closes);
}

/** How many commands a client had not answered when it was closed. */
function unansweredAtClose(node: TestNode): () => number {
  let unanswered = -1;
  const close = node.close.bind(node);
  node.close = async () => {
    unanswered = node.unanswered.length;
    await close();
  };
  return () => unanswered;
}

test('closing: a waiter is gone from queues and channels before its clients are closed', async () => {
  const other = await held('r', {}, 60_000);
  const { redlock, nodes } = other.process({ pollInterval: 50_000, wait: Infinity });
  const waiting = rejectionOf(redlock.acquire('r', TTL));
  await other.time.advance(100);
  expect(await other.redlock.inspect('r')).toMatchObject({ waiting: 1 });
  const unanswered = nodes.map(unansweredAtClose);
  await redlock.close();
  expect(await waiting).toMatchObject({ code: 'CLOSED', resources: ['r'] });
  expect(nodes.map(({ subscribedTo }) => subscribedTo)).toEqual([[], [], []]);
  expect(unanswered.map((count) => count())).toEqual([0, 0, 0]);
  expect(await other.redlock.inspect('r')).toMatchObject({ waiting: 0 });
});

test('closing: each client is closed when a release of the same tick is answered', async () => {
  const all = await held();
  const { redlock, nodes, lock, holders, everywhere } = all;
  for (const node of nodes) node.mode = 'hold';
  const releasing = lock.release();
  let closed = false;
  const closing = redlock.close().then(() => (closed = true));
  await settle();
  expect(closes(all)).toEqual([0, 0, 0]);
  nodes[0]?.answer();
  await settle();
  expect(closes(all)).toEqual([1, 0, 0]);
  expect(closed).toBe(false);
  for (const node of nodes) node.answer();
  await closing;
  expect(closes(all)).toEqual([1, 1, 1]);
  expect(await releasing).toBe(true);
  expect(await holders()).toEqual(everywhere(null));
});

test.each([
  { options: { nodeTimeout: 300 }, timeout: 300, release: false },
  { options: {}, timeout: 500, release: false },
  { options: { nodeTimeout: 300 }, timeout: 300, release: true },
])(
  'closing: close({ release: $release }) with $options takes at most $timeout ms',
  async ({ options, timeout, release }) => {
    const all = world(3, options);
    const lock = await all.redlock.acquire('r', TTL);
    for (const node of all.nodes) node.mode = 'hold';
    if (!release) void lock.release();
    const closing = all.redlock.close({ release });
    await all.time.advance(timeout - 1);
    expect(closes(all)).toEqual([0, 0, 0]);
    await all.time.advance(1);
    await closing;
    expect(closes(all)).toEqual([1, 1, 1]);
  },
);

test('closing: the clean-up of a failed attempt is awaited', async () => {
  const { redlock, nodes, servers, holders } = await held();
  for (const server of servers.slice(1)) await server.steal('s', 'another');
  for (const node of nodes) node.mode = 'hold';
  const trying = redlock.tryAcquire('s', TTL).catch(() => null);
  await settle();
  const unanswered = nodes.map(unansweredAtClose);
  const closing = redlock.close();
  for (const node of nodes) node.answer();
  await closing;
  await trying;
  expect(unanswered.map((count) => count())).toEqual([0, 0, 0]);
  expect(await holders('s')).toEqual([null, 'another', 'another']);
});

/** A held lock; the client of `c` stays open, because it is not of an adapter that closes it. */
async function lentClient() {
  const all = world();
  Object.assign(all.c, { close: undefined });
  const lock = await all.redlock.acquire('r', TTL);
  await settle();
  return { ...all, lock };
}

test.each([
  ['before close() that is not written', false],
  ['after close() that is unanswered', true],
  ['after close() that is not written', true],
])('closing: a release %s follows on the next connection', async (when, after) => {
  const { redlock, c, lock } = await lentClient();
  if (after) await redlock.close();
  if (when.endsWith('unanswered')) c.mode = 'hold';
  else c.disconnect();
  const releasing = lock.release();
  if (!after) await redlock.close();
  expect(await releasing).toBe(true);
  await settle();
  c.disconnect();
  await settle();
  c.mode = 'answer';
  c.connected();
  await settle();
  expect(await c.server.holderOf('r')).toBeNull();
  expect(c.listeners).toBe(0);
});

test.each(['is not written', 'is unanswered'])(
  'closing: over a client that close() leaves open, neither listener nor timer stays once the key of a release that %s has expired',
  async (what) => {
    const { redlock, time, c, lock } = await lentClient();
    if (what === 'is unanswered') c.mode = 'hold';
    else c.disconnect();
    await lock.release();
    const closing = redlock.close();
    await settle();
    c.disconnect();
    await closing;
    expect(c.listeners).toBe(1);
    await time.advance(20_000);
    expect(c.listeners).toBe(0);
    expect(time.pending).toEqual([]);
  },
);

test('closing: no listener stays after a release that its node does not need', async () => {
  const { redlock, c } = world();
  Object.assign(c, { close: undefined, ready: false });
  const lock = await redlock.acquire('r', TTL);
  await redlock.close();
  expect(await lock.release()).toBe(true);
  expect(c.listeners).toBe(0);
});

test.each(['acquire', 'release'] as const)(
  'closing: no listener stays after an %s whose script the server had lost',
  async (verb) => {
    const { redlock, c, lock } = await lentClient();
    const other = await redlock.acquire('s', TTL);
    await lock.release();
    await settle();
    c.server.flushScripts();
    c.mode = 'hold';
    if (verb === 'acquire') await redlock.acquire('t', TTL);
    else void other.release();
    await settle();
    const closing = redlock.close();
    await settle();
    c.answer();
    await closing;
    await settle();
    expect(c.listeners).toBe(0);
    if (verb === 'release') expect(await c.server.holderOf('s')).toBeNull();
  },
);
