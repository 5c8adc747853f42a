import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { ManualRuntime } from '../support/manual-runtime.js';
import { threeServers } from '../support/processes.js';
import { TestNode } from '../support/test-node.js';
import { redlockOver, threeNodes } from '../support/three-nodes.js';

const boom = (): never => {
  throw new Error('boom');
};

test('an adapter that throws, or rejects with anything at all, only fails its own vote', async () => {
  const { redlock, a, b } = threeNodes();
  a.call = () => {
    throw new Error('boom');
  };
  const lock = await redlock.acquire('r', 10_000);
  expect(await lock.release()).toBe(true);
  b.call = () => Promise.reject({ name: 5, message: 5 });
  const error = await rejectionOf(redlock.tryAcquire('r', 10_000));
  expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
});

test('an adapter whose connect rejects, though it should return nothing, does not end the process', async () => {
  const { redlock, a, runtime } = threeNodes();
  a.ready = false;
  // It is assignable to a function that returns nothing.
  Object.assign(a, { connect: () => Promise.reject(new Error('boom')) });
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);
  const lock = await redlock.acquire('r', 10_000);
  await runtime.advance(10);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
  expect(await lock.release()).toBe(true);
});

test.each<[string, (node: TestNode) => void, string]>([
  ['onReady throws', (node) => (node.onReady = boom), 'boom'],
  [
    'onReady returns nothing',
    (node) => (node.onReady = () => undefined as unknown as () => void),
    'onReady must return a function that ends the notices',
  ],
  ['ready throws', (node) => Object.defineProperty(node, 'ready', { get: boom }), 'boom'],
  ['connect throws', (node) => Object.assign(node, { connect: boom, ready: false }), 'boom'],
])('a node says what is wrong with its adapter if %s', async (_, hurt, mistake) => {
  const runtime = new ManualRuntime();
  const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name));
  for (const node of nodes) hurt(node);
  const { redlock } = redlockOver(nodes, {}, runtime);
  const tried = rejectionOf(redlock.tryAcquire('r', 10_000));
  await runtime.advance(500);
  const error = { message: `not connected within 500 ms: ${mistake}` };
  expect(await tried).toMatchObject({ votes: [{ error }, { error }] });
});

describe('an adapter with a member that throws', () => {
  test.each(['ready', 'call', 'connect', 'onReady', 'subscribe'] as const)(
    'once, %s: only that node fails, and it votes again',
    async (member) => {
      const three = threeServers().process();
      const { a, nodes, redlock, runtime } = three;
      const own = Object.getOwnPropertyDescriptor(a, member);
      if (member === 'connect') a.ready = false;
      Object.defineProperty(a, member, {
        configurable: true,
        get: () => {
          if (own) Object.defineProperty(a, member, own);
          else Reflect.deleteProperty(a, member);
          return member === 'ready' ? boom() : boom;
        },
      });
      const other = await three.redlock.acquire('other', 10_000);
      const waiting = redlock.acquire('other', 10_000, { retryDelay: 100 });
      await runtime.advance(50);
      a.connected();
      await other.release();
      await runtime.advance(1000);
      await (await waiting).release();
      const lock = await redlock.acquire('r', 10_000);
      await runtime.advance(10);
      for (const { server } of nodes) expect(await server.holderOf('r')).toBe(lock.token);
      await redlock.close();
    },
  );

  test('always, all of them: the others decide, and close() ends', async () => {
    const { redlock, a, runtime } = threeNodes();
    for (const member of ['ready', 'call', 'connect', 'onReady', 'reconnect'] as const) {
      Object.defineProperty(a, member, { get: () => (member === 'ready' ? boom() : boom) });
    }
    const lock = await redlock.acquire('r', 10_000);
    await lock.extend();
    expect(await lock.release()).toBe(true);
    await runtime.advance(20_000);
    await redlock.close();
  });
});
