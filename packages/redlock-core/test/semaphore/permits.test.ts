import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { processes, take, TTL } from '../support/seats.js';
import { world } from '../support/world.js';

test('permits are found although a dead process has left one of them on half of the nodes', async () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => memoryNode({ name }));
  const dead = new Redlock(nodes.slice(2));
  await dead.semaphore('seats', 2).acquire(TTL);
  const redlock = new Redlock(nodes);
  // The permit on half of the nodes is tried first in half of all cases.
  for (let left = 16; left > 0; left--) {
    const lock = await redlock.semaphore('seats', 2).tryAcquire(TTL);
    expect(lock).not.toBeNull();
    await lock?.release();
  }
});

test('adoption: permits can be inspected and adopted as locks, and wake a waiter when released', async () => {
  const { seats, runtime } = processes(1);
  const { redlock, semaphore } = seats({ keyPrefix: 'app:' });
  const lock = await semaphore.acquire(TTL);
  const [resource = ''] = lock.resources;
  expect(resource).toBe('{seats}:permit:0');
  const { nodes } = await redlock.inspect(resource);
  expect(nodes.map(({ token }) => token)).toEqual(Array(3).fill(lock.token));
  const waiting = seats({ keyPrefix: 'app:' }).semaphore.acquire(TTL);
  await runtime.advance(100);
  lock.detach();
  const heir = await semaphore.adopt(lock.permit, lock.token, TTL);
  expect(heir.permit).toBe(0);
  expect(heir.fencingToken).toBeGreaterThan(lock.fencingToken);
  const start = runtime.now();
  await heir.release();
  await runtime.advance(0);
  expect((await waiting).permit).toBe(0);
  expect(runtime.now()).toBe(start);
});

test('permits keep the hash tag of the name, and are apart from the lock of the same name', async () => {
  const { redlock } = world();
  const lock = await redlock.semaphore('a{b}', 1).acquire(TTL);
  expect(lock.resources).toEqual(['a{b}::permit:0']);
  await redlock.acquire('seats', TTL);
  expect(await redlock.semaphore('seats', 1).tryAcquire(TTL)).not.toBeNull();
});

test('permits have fencing tokens that grow with every grant, unless fencing is off', async () => {
  const { semaphore, seen } = processes(1).seats();
  const first = await semaphore.acquire(TTL);
  expect(seen).toEqual([['acquired', { lock: first, waited: 0, attempts: 1 }]]);
  await first.release();
  const second = await semaphore.acquire(TTL);
  expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
  await second.release();
  expect((await semaphore.acquire(TTL, { fencing: false })).fencingToken).toBe(0);
});

test('the chosen permit is the permit that this process released last', async () => {
  const { seats, runtime } = processes(5);
  const { semaphore } = seats();
  runtime.chance = 0.7;
  const first = await semaphore.acquire(TTL);
  await first.release();
  runtime.chance = 0.1;
  expect((await semaphore.acquire(TTL)).permit).toBe(first.permit);
});

test('the choice of a permit costs one acquire a node while this process knows which permits it holds', async () => {
  const { seats, runtime } = processes(5);
  const here = seats();
  runtime.chance = 0;
  await take(here, 5);
  expect(here.a.acquires).toBe(5);
});

test('the chosen permit differs between two calls of the same tick, which cost one acquire a node each', async () => {
  const { seats, runtime } = processes(5);
  const { semaphore, a } = seats();
  runtime.chance = 0;
  await (await semaphore.acquire(TTL)).release();
  runtime.chance = 0.99;
  const before = a.acquires;
  const both = await Promise.all([semaphore.tryAcquire(TTL), semaphore.tryAcquire(TTL)]);
  expect(both.map((lock) => lock?.permit)).toEqual([0, 4]);
  expect(a.acquires).toBe(before + 2);
});

test.each([true, false])(
  'the chosen permit is a free permit at once, with a second acquire, if the first was held (fencing: %s)',
  async (fencing) => {
    const { seats, runtime } = processes(3);
    runtime.chance = 0;
    await take(seats(), 2);
    const here = seats();
    const start = runtime.now();
    expect((await here.semaphore.tryAcquire(TTL, { fencing }))?.permit).toBe(2);
    expect(here.a.acquires).toBe(2);
    expect(runtime.now()).toBe(start);
  },
);

test('the chosen permit is no permit that is free on a minority of nodes only', async () => {
  const { seats, servers } = processes(2);
  await take(seats(), 2);
  await servers[0]?.steal('{seats}:permit:0');
  await servers[1]?.steal('{seats}:permit:1');
  const here = seats();
  expect(await here.semaphore.tryAcquire(TTL)).toBeNull();
  expect(here.a.acquires).toBe(1);
});

test('the chosen permit is another permit after a split vote, after a random pause', async () => {
  const { seats, servers, runtime } = processes(2);
  runtime.chance = 0.5;
  const here = seats({ roundTrip: 10 });
  await servers[0]?.steal('{seats}:permit:1', 'x');
  await servers[1]?.steal('{seats}:permit:1', 'y');
  const start = runtime.now();
  const trying = here.semaphore.tryAcquire(TTL);
  await runtime.advance(1000);
  expect((await trying)?.permit).toBe(0);
  const [, second] = here.times;
  // The acquire, its release, and half of eight round trips.
  expect((second ?? 0) - start).toBe(10 + 10 + 40);
});

test('the choice of a permit ends although a key that reads as free can never be granted', async () => {
  const here = processes(2).seats();
  for (const node of here.nodes) {
    node.mode = (command) => {
      const replies = command.operations.map(({ verb, keys: [key = ''] }) => {
        if (verb !== 'acquire') return 0;
        return [1, [0, '(not a string)', -1, 0, null, key.endsWith('0') ? '01' : '10', 1]];
      });
      command.replyWith(replies.length > 1 ? replies : replies[0]);
    };
  }
  expect(await here.semaphore.tryAcquire(TTL)).toBeNull();
});
