import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Redlock } from 'redlock-core';
import { Actor, Deployment, pace } from 'test-kit';
import { timed } from './support/timed.js';
import { untilWaiting } from './support/waiters.js';

const TTL = 60_000;
/** Waiters are woken by notifications, not by polls. */
const patient = { wait: 2 * pace.limit, pollInterval: 10 * pace.limit };
/** Polls come once a second. */
const polling = { wait: 2 * pace.limit };

/** Takes locks for 5 ms each, again and again, until the signal aborts; returns how many. */
async function work(
  redlock: Redlock,
  resources: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  let locks = 0;
  while (!signal.aborted) {
    await redlock.using(resources, TTL, () => sleep(5));
    locks++;
  }
  return locks;
}

test.each([2, 20])('%i processes that contend get the lock in turn', async (count) => {
  await using deployment = await Deployment.start(3);
  const redlocks = await Promise.all(
    Array.from({ length: count }, () => deployment.redlock(polling)),
  );
  let inside = 0;
  let locks = 0;
  const end = new AbortController();
  const counts = await Promise.all(
    redlocks.map(async (redlock) => {
      let own = 0;
      while (!end.signal.aborted) {
        await redlock.using('r', TTL, async () => {
          expect(++inside).toBe(1);
          await sleep(5);
          inside--;
        });
        own++;
        if (++locks >= 6 * count) end.abort();
      }
      return own;
    }),
  );
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
  expect(Math.max(...counts)).toBeLessThanOrEqual(12);
});

test('a process that wants three resources, each of which others want all the time, gets its share', async () => {
  await using deployment = await Deployment.start(3);
  const end = new AbortController();
  const [all, ...singles] = await Promise.all(
    Array.from({ length: 7 }, () => deployment.redlock(polling)),
  );
  const works = singles.map((redlock, index) => {
    return work(redlock, ['abc'.charAt(index % 3)], end.signal);
  });
  const locks = 10;
  for (let count = 0; count < locks; count++) {
    await all?.using(['a', 'b', 'c'], TTL, () => sleep(5));
  }
  end.abort();
  const others = await Promise.all(works);
  const mean = others.reduce((sum, each) => sum + each, 0) / others.length;
  expect(locks / mean).toBeGreaterThan(0.2);
});

test.each([2, 5])(
  'behind %i stopped processes a waiter gets the lock after a few requests',
  async (count) => {
    await using deployment = await Deployment.start(3);
    const holder = await deployment.redlock();
    const held = await holder.acquire('r', TTL);
    const stopped = await Promise.all(
      Array.from({ length: count }, () => Actor.start(deployment, { options: patient })),
    );
    for (const [index, actor] of stopped.entries()) {
      void actor.acquire('r', TTL).catch(() => {});
      await untilWaiting(holder, 'r', index + 1);
    }
    for (const actor of stopped) actor.stop();
    const waiter = await deployment.redlock(polling);
    const waiting = waiter.acquire('r', TTL);
    await untilWaiting(holder, 'r', count + 1);
    let denied = 0;
    waiter.on('contended', () => denied++);
    expect(await held.release()).toBe(true);
    expect(await timed(waiting)).toBeLessThan(pace.prompt);
    // The next poll notifies all that are ahead; when their windows have passed, the waiter is first.
    expect(denied).toBeLessThanOrEqual(8);
    expect(await (await waiting).release()).toBe(true);
  },
);
