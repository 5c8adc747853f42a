import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { AcquireOptions } from 'redlock-core';
import { threeServers } from '../support/processes.js';
import { settle } from '../support/settle.js';
import { threeNodes } from '../support/three-nodes.js';

const TTL = 9000;

async function detached(options: AcquireOptions = {}) {
  const three = threeNodes();
  const lock = await three.redlock.acquire('r', TTL, options);
  await settle();
  const { signal } = lock;
  lock.detach();
  return { ...three, lock, signal };
}

describe('detach', () => {
  test('ends the handle, at once', async () => {
    const { lock, names } = await detached();
    expect(lock.remaining()).toBe(0);
    expect(await lock.release()).toBe(false);
    expect(await lock.release({ keepFor: 1000 })).toBe(false);
    expect(await rejectionOf(lock.extend())).toMatchObject({
      code: 'LOCK_LOST',
      cause: { code: 'RELEASED' },
      resources: ['r'],
    });
    lock.detach();
    expect(names()).toEqual(['acquired']);
  });

  test('sends nothing, then or later, and sets no timer', async () => {
    const { lock, nodes, runtime } = await detached({ autoExtend: true });
    await lock.release();
    await runtime.advance(10);
    expect(runtime.pending).toEqual([]);
    await runtime.advance(60_000);
    for (const node of nodes) expect(node.kinds).toEqual(['grant']);
  });

  test('leaves the key to its ttl', async () => {
    const { process, servers, runtime } = threeServers();
    for (const server of servers) server.expiry = runtime.now;
    const { redlock } = process();
    const other = process();
    (await redlock.acquire('r', TTL, { autoExtend: true })).detach();
    await runtime.advance(TTL - 1);
    expect(await other.redlock.tryAcquire('r', TTL)).toBeNull();
    await runtime.advance(1);
    expect(await other.redlock.tryAcquire('r', TTL)).not.toBeNull();
  });

  test('does not abort the signal, nor emit anything', async () => {
    const { lock, signal, runtime, names } = await detached();
    await runtime.advance(60_000);
    expect(signal.aborted).toBe(false);
    expect(lock.signal.aborted).toBe(false);
    expect(names()).toEqual(['acquired']);
  });

  test('with an extension under way: that rejects as RELEASED, and no other follows', async () => {
    const { redlock, nodes, a, runtime } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    for (const node of nodes) node.mode = 'hold';
    const extensions = [lock.extend(), lock.extend()].map(rejectionOf);
    await settle();
    lock.detach();
    for (const node of nodes) node.answer();
    for (const extension of extensions) {
      expect(await extension).toMatchObject({ cause: { code: 'RELEASED' } });
    }
    await runtime.advance(60_000);
    expect(a.kinds).toEqual(['grant', 'extend']);
  });

  test('heals no node whose answer to the last extension comes late', async () => {
    const { redlock, nodes, c, runtime } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    await c.server.steal('r');
    c.mode = 'hold';
    await lock.extend();
    lock.detach();
    c.answer();
    await runtime.advance(1000);
    expect(nodes.map(({ kinds }) => kinds)).toEqual([
      ['grant', 'extend'],
      ['grant', 'extend'],
      ['grant', 'extend'],
    ]);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('of a lock that is released changes nothing', async () => {
    const { redlock, names, nodes } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    const releasing = lock.release();
    lock.detach();
    expect(await releasing).toBe(true);
    expect(await lock.release()).toBe(true);
    await settle();
    for (const { server } of nodes) expect(await server.holderOf('r')).toBeNull();
    expect(names()).toEqual(['acquired', 'released']);
  });

  test('of a lock that is lost changes nothing', async () => {
    const { redlock, runtime, names } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    await runtime.advance(TTL);
    lock.detach();
    expect(await lock.release()).toBe(false);
    expect(names()).toEqual(['acquired', 'lost']);
  });

  test('welcomes a grant that comes late: it is part of the lock that stays', async () => {
    const { redlock, c, runtime } = threeNodes();
    c.mode = 'hold';
    const lock = await redlock.acquire('r', TTL);
    lock.detach();
    c.answer();
    await runtime.advance(1000);
    expect(await c.server.holderOf('r')).toBe(lock.token);
    expect(c.kinds).toEqual(['grant']);
  });

  test('in a routine is no loss: `using` resolves', async () => {
    const { redlock, a, runtime } = threeNodes();
    expect(
      await redlock.using('r', TTL, (_signal, lock) => {
        lock.detach();
        return 'done';
      }),
    ).toBe('done');
    await runtime.advance(60_000);
    expect(a.kinds).toEqual(['grant']);
  });

  test('wakes one who waits in this process, who finds it held and waits on', async () => {
    const { redlock, a, runtime } = threeNodes({ retryDelay: 20_000, retryJitter: 0 });
    const lock = await redlock.acquire('r', TTL);
    const rejected = rejectionOf(redlock.acquire('r', TTL, { wait: 3000 }));
    await runtime.advance(1000);
    expect(a.all('grant')).toHaveLength(2);
    lock.detach();
    await runtime.advance(0);
    expect(a.all('grant')).toHaveLength(3);
    await runtime.advance(2000);
    expect(await rejected).toMatchObject({ code: 'RESOURCE_LOCKED' });
    expect(a.all('grant')).toHaveLength(3);
    expect(a.all('release').every(({ token }) => token !== lock.token)).toBe(true);
  });

  test('hands on to whoever adopts it', async () => {
    const { redlock, lock, runtime } = await detached();
    const adopted = await redlock.adopt('r', lock.token, TTL);
    expect(adopted.fencingToken).toBeGreaterThan(lock.fencingToken);
    expect(lock.remaining()).toBe(0);
    await runtime.advance(1000);
    await adopted.extend();
    expect(await adopted.release()).toBe(true);
  });
});
