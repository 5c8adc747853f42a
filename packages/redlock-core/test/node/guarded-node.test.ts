import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'testbed/rejection';
import { threeServers } from '../support/processes.js';
import { threeNodes } from '../support/three-nodes.js';

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

const boom = (): never => {
  throw new Error('boom');
};

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
