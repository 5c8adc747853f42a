import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { TestNode } from '../support/test-node.js';
import { nodesNamed, redlockOver, TTL, world } from '../support/world.js';

const boom = (): never => {
  throw new Error('boom');
};

test('an adapter that throws, or rejects with no error, only fails its own vote', async () => {
  const { redlock, a, b } = world();
  a.call = boom;
  const lock = await redlock.acquire('r', TTL);
  expect(await lock.release()).toBe(true);
  b.call = () => Promise.reject({ name: 5, message: 5 });
  const error = await rejectionOf(redlock.tryAcquire('r', TTL));
  expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
});

test('an adapter whose connect rejects causes no unhandled rejection', async () => {
  const { redlock, a, time } = world();
  a.ready = false;
  // It is assignable to a function that returns nothing.
  Object.assign(a, { connect: () => Promise.reject(new Error('boom')) });
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);
  const lock = await redlock.acquire('r', TTL);
  await time.advance(10);
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
])('errors: a vote names the mistake of its adapter if %s', async (_, hurt, mistake) => {
  const nodes = nodesNamed(3);
  for (const node of nodes) hurt(node);
  const { redlock, runtime } = redlockOver(nodes);
  const tried = rejectionOf(redlock.tryAcquire('r', TTL));
  await runtime.advance(500);
  const error = { message: expect.stringMatching(`^not connected( within 500 ms)?: ${mistake}$`) };
  expect(await tried).toMatchObject({ votes: [{ error }, { error }] });
});

test.each(['ready', 'call', 'connect', 'onReady', 'subscribe'] as const)(
  'an adapter whose %s throws once fails its own vote, and votes again',
  async (member) => {
    const { a, redlock, time, holders, everywhere } = world();
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
    const other = await redlock.acquire('other', TTL);
    const waiting = redlock.acquire('other', TTL, { pollInterval: 100 });
    await time.advance(50);
    a.connected();
    await other.release();
    await time.advance(1000);
    await (await waiting).release();
    const lock = await redlock.acquire('r', TTL);
    await time.advance(10);
    expect(await holders()).toEqual(everywhere(lock.token));
    await redlock.close();
  },
);

test.each(Array.from({ length: 16 }, (_, mask) => mask.toString(2).padStart(4, '0')))(
  'clean-up: a release is sent although `ready` throws at some of its first reads: %s',
  async (reads) => {
    const { a, redlock, time, holders, everywhere } = world();
    const lock = await redlock.acquire('r', TTL);
    const own = Object.getOwnPropertyDescriptor(a, 'ready');
    if (!own) throw new Error('`ready` is no member of its own');
    let read = 0;
    Object.defineProperty(a, 'ready', {
      get: () => (reads[read++] === '1' ? boom() : (own.value as boolean)),
    });
    await lock.release();
    await time.advance(1000);
    expect(await holders()).toEqual(everywhere(null));
  },
);

test('an adapter all of whose members throw leaves the others to decide, and close() ends', async () => {
  const { redlock, a, time } = world();
  for (const member of ['ready', 'call', 'connect', 'onReady', 'reconnect'] as const) {
    Object.defineProperty(a, member, { get: () => (member === 'ready' ? boom() : boom) });
  }
  const lock = await redlock.acquire('r', TTL);
  await lock.extend();
  expect(await lock.release()).toBe(true);
  await time.advance(20_000);
  await redlock.close();
});

test.each<[string, () => Promise<void>]>([
  ['throws', boom],
  ['rejects', () => Promise.reject(new Error('boom'))],
])('closing: an adapter whose close %s does not keep close() from its end', async (_, close) => {
  const { redlock, a, time, names } = world();
  a.close = close;
  await redlock.acquire('r', TTL);
  await redlock.close();
  await time.advance(TTL);
  expect(names()).toEqual(['acquired']);
  expect(a.listeners).toBe(0);
});
