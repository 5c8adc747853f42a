import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { processes, take, TTL } from '../support/seats.js';

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
