import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { processes, take, TTL, type Seats } from '../support/seats.js';

/** A node tells a process something. */
function tell(process: Seats, node: 'a' | 'b' | 'c', message: string): void {
  for (const subscription of process[node].subscriptions) subscription.tell(message);
}

/** The value of a permit that is kept for a process. */
function reserved(process: Seats): string {
  return `reserved:${process.a.subscribedTo[0]?.split(':').at(-1)}`;
}

/** A process is called for permit 0, which two of three nodes do not have for it. Permit 1 is free everywhere. */
async function calledInVain(refusal: 'held' | 'split') {
  const { seats, servers, runtime } = processes(2);
  await take(seats(), 2);
  const here = seats();
  const waiting = here.semaphore.acquire(TTL);
  await runtime.advance(100);
  for (const [index, server] of servers.entries()) {
    await server.steal('{seats}:permit:1');
    const holder = refusal === 'held' ? 'another' : `another-${index}`;
    await server.steal('{seats}:permit:0', index === 0 ? undefined : holder);
  }
  tell(here, 'a', 'called 0');
  return { here, waiting, runtime };
}

describe('who waits', () => {
  test('and was called may take a permit that is reserved for somebody else', async () => {
    const { seats, runtime, servers } = processes(2);
    const [first] = await take(seats(), 2);
    const here = seats();
    const waiting = here.semaphore.acquire(TTL);
    await runtime.advance(100);
    // Two nodes have paired another process with this permit.
    for (const server of servers.slice(1)) {
      await server.steal('{seats}:permit:0', 'reserved:another');
      await server.steal('{seats}:permit:1', 'reserved:another');
    }
    await first?.release();
    await runtime.advance(0);
    expect((await waiting).permit).toBe(first?.permit);
  });

  test('and was not called takes none that is reserved', async () => {
    const { seats, servers } = processes(1);
    for (const server of servers) await server.steal('{seats}:permit:0', 'reserved:another');
    expect(await seats().semaphore.tryAcquire(TTL)).toBeNull();
  });

  test('is not woken by a late call for a permit that its process has by now', async () => {
    const { seats, runtime } = processes(2);
    await take(seats(), 1);
    const here = seats();
    const lock = await here.semaphore.acquire(TTL);
    void here.semaphore.acquire(TTL);
    await runtime.advance(100);
    const before = here.a.given('acquire').length;
    tell(here, 'a', `called ${lock.permit}`);
    await runtime.advance(0);
    expect(here.a.given('acquire')).toHaveLength(before);
    tell(here, 'a', `called ${1 - lock.permit}`);
    await runtime.advance(0);
    expect(here.a.given('acquire')).toHaveLength(before + 1);
  });

  test('takes the permit for which nodes have called while the one before it took another', async () => {
    const { seats, servers, runtime } = processes(3);
    await take(seats(), 3);
    const here = seats();
    const waiting = [here.semaphore.acquire(TTL), here.semaphore.acquire(TTL)];
    await runtime.advance(100);
    for (const server of servers) {
      for (const permit of [0, 1]) await server.steal(`{seats}:permit:${permit}`, reserved(here));
    }
    const before = here.a.given('acquire').length;
    // A guess would be wrong.
    runtime.chance = 0.99;
    tell(here, 'a', 'called 0');
    tell(here, 'b', 'called 1');
    await runtime.advance(0);
    expect((await Promise.all(waiting)).map(({ permit }) => permit)).toEqual([0, 1]);
    expect(here.a.given('acquire')).toHaveLength(before + 2);
  });

  test('goes on with another permit that is free, and enters no queue in between', async () => {
    const { here, waiting, runtime } = await calledInVain('held');
    await runtime.advance(0);
    expect((await waiting).permit).toBe(1);
    expect(here.a.given('release').map(({ entries }) => entries)).toContainEqual(['=']);
    const entered = here.a
      .given('release')
      .filter(({ entries }) => /^[=+]./.test(entries[0] ?? ''));
    expect(entered).toEqual([]);
  });

  test('goes on with another permit that is free after a pause, if the votes were split', async () => {
    const { waiting, runtime } = await calledInVain('split');
    await runtime.advance(1000);
    expect((await waiting).permit).toBe(1);
  });

  // A node that has a permit to give enters nobody in its queue, and calls nobody.
  test.each(['held', 'split'] as const)(
    'asks again after a random pause if permits are free here and there, and its try was %s',
    async (refusal) => {
      const { seats, servers, runtime } = processes(3);
      await take(seats(), 3);
      const here = seats({ roundTrip: 10 });
      const waiting = here.semaphore.acquire(TTL);
      await runtime.advance(200);
      runtime.chance = 0.5;
      const [a, b, c] = servers;
      await a?.steal('{seats}:permit:0');
      await b?.steal('{seats}:permit:0', 'x');
      await c?.steal('{seats}:permit:0', refusal === 'held' ? 'x' : 'y');
      await b?.steal('{seats}:permit:1');
      await c?.steal('{seats}:permit:2');
      here.times.length = 0;
      tell(here, 'a', 'called 0');
      await runtime.advance(30);
      expect(here.times).toHaveLength(1);
      for (const server of servers) await server.steal('{seats}:permit:0');
      await runtime.advance(1000);
      const [first = 0, second = 0] = here.times;
      // The grant, its withdrawal, and half of eight round trips.
      expect(second - first).toBe(10 + 10 + 40);
      expect((await waiting).permit).toBe(0);
    },
  );

  test('and has gone passes a call on that comes too late', async () => {
    const { seats, servers, runtime } = processes(2);
    await take(seats(), 2);
    const here = seats();
    const controller = new AbortController();
    const leaving = rejectionOf(here.semaphore.acquire(TTL, { signal: controller.signal }));
    await runtime.advance(100);
    controller.abort();
    await leaving;
    await servers[0]?.steal('{seats}:permit:1', reserved(here));
    tell(here, 'a', 'called 1');
    await runtime.advance(0);
    expect(await servers[0]?.holderOf('{seats}:permit:1')).toBeNull();
  });
});
