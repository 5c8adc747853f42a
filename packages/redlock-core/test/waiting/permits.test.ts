import { expect, test } from '@jest/globals';
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
