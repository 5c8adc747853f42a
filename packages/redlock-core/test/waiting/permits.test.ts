import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { processes, take, TTL } from '../support/seats.js';

test('a waiter gets a permit when another process releases one, and leaves no queue entry', async () => {
  const { seats, runtime, servers } = processes(2);
  const [first] = await take(seats(), 2);
  const start = runtime.now();
  const waiting = seats().semaphore.acquire(TTL);
  await runtime.advance(100);
  await first?.release();
  await runtime.advance(0);
  const lock = await waiting;
  expect(lock.permit).toBe(first?.permit);
  expect(runtime.now() - start).toBe(100);
  await runtime.advance(10);
  await lock.release();
  for (const server of servers) expect(await server.waitingFor('seats')).toBe(0);
});

test('waiters for a semaphore are in one queue, which is empty while a permit is free', async () => {
  const { seats, servers, runtime } = processes(3);
  await take(seats(), 2);
  await seats().semaphore.acquire(TTL);
  await runtime.advance(1000);
  expect(await servers[0]?.waitingFor('seats')).toBe(0);
  for (let count = 0; count < 3; count++) {
    void seats().semaphore.acquire(TTL);
    await runtime.advance(10);
  }
  expect((await seats().semaphore.inspect()).waiting).toBe(3);
  expect(await servers[0]?.waitingFor('seats')).toBe(3);
});

test('the number of commands of a hand-over in one process: one, for release and acquire', async () => {
  const { seats, runtime } = processes(2);
  await take(seats(), 1);
  const here = seats();
  const lock = await here.semaphore.acquire(TTL);
  const waiting = here.semaphore.acquire(TTL);
  await runtime.advance(100);
  const before = here.a.commandCount;
  await lock.release();
  expect((await waiting).permit).toBe(lock.permit);
  expect(here.a.commandCount).toBe(before + 1);
});

test('a waiter that gives up as it is notified leaves the permit to the next one at once', async () => {
  const { seats, runtime } = processes(1);
  const [lock] = await take(seats(), 1);
  const controller = new AbortController();
  const leaving = rejectionOf(seats().semaphore.acquire(TTL, { signal: controller.signal }));
  await runtime.advance(100);
  const staying = seats().semaphore.acquire(TTL);
  await runtime.advance(100);
  const start = runtime.now();
  const released = lock?.release();
  controller.abort();
  await released;
  await leaving;
  await runtime.advance(0);
  expect((await staying).permit).toBe(0);
  expect(runtime.now()).toBe(start);
});

test('waiters of several processes are served in the order of their arrival', async () => {
  const { seats, runtime } = processes(2);
  const locks = await take(seats(), 2);
  const served: number[] = [];
  for (let arrival = 0; arrival < 5; arrival++) {
    void seats()
      .semaphore.acquire(TTL)
      .then((lock) => served.push(arrival) && locks.push(lock));
    await runtime.advance(100);
  }
  while (served.length < 5) {
    await locks.shift()?.release();
    await runtime.advance(10);
  }
  expect(served).toEqual([0, 1, 2, 3, 4]);
});

test('a process hands a permit over to itself for 100 ms while another process waits', async () => {
  const { seats, runtime } = processes(1);
  const here = seats();
  const served: string[] = [];
  const locks = await take(here, 1);
  const join = async ({ semaphore }: typeof here, name: string, count: number): Promise<void> => {
    for (let left = count; left > 0; left--) {
      void semaphore.acquire(TTL).then((lock) => served.push(name) && locks.push(lock));
    }
    await runtime.advance(10);
  };
  await join(here, 'here', 3);
  await join(seats(), 'elsewhere', 1);
  await join(here, 'here', 37);
  while (served.length < 20) {
    await locks.shift()?.release();
    await runtime.advance(10);
  }
  expect(served.indexOf('elsewhere')).toBeGreaterThanOrEqual(3);
  expect(served.indexOf('elsewhere')).toBeLessThanOrEqual(13);
});
