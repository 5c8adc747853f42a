import { expect, test } from '@jest/globals';
import { ResourceLockedError } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { TTL, world } from '../support/world.js';

const ROUND_TRIP = 10;

/** Three nodes, ten ms away, of which three contenders have one each. */
async function splitVotes() {
  const three = world(3, { roundTrip: ROUND_TRIP });
  await three.b.server.steal('r', 'one rival');
  await three.c.server.steal('r', 'another rival');
  return three;
}

test('decision: a split vote is tried again, a random part of 8 round trips later', async () => {
  const { redlock, time, a, b, holders, names } = await splitVotes();
  time.chance = 0.25;
  const trying = redlock.tryAcquire('r', TTL);
  await time.advance(2 * ROUND_TRIP);
  expect(await a.server.holderOf('r')).toBeNull();
  await b.server.steal('r');
  await time.advance(0.25 * 8 * ROUND_TRIP - 1);
  expect(a.acquires).toBe(1);
  await time.advance(1 + ROUND_TRIP);
  const lock = await trying;
  expect(lock?.remaining()).toBeGreaterThan(0);
  expect(names()).toEqual(['contended', 'acquired']);
  expect(await holders()).toEqual([lock?.token, lock?.token, 'another rival']);
});

test('decision: a split vote is given up after five more tries, each within twice the time', async () => {
  const { redlock, time, a, names } = await splitVotes();
  const trying = redlock.tryAcquire('r', TTL);
  await time.advance(5000);
  expect(await trying).toBeNull();
  expect(a.acquires).toBe(6);
  expect(names()).toEqual(Array.from({ length: 6 }, () => 'contended'));
  expect(time.delays).toEqual(expect.arrayContaining([40, 80, 160, 320, 640]));
});

test.each([1, 100])(
  'decision: a split vote is tried as often by a caller that waits for %d ms, too short for the pauses',
  async (wait) => {
    const { redlock, time, a } = await splitVotes();
    const refused = rejectionOf(redlock.acquire('r', TTL, { wait }));
    await time.advance(5000);
    expect(await refused).toBeInstanceOf(ResourceLockedError);
    expect(a.acquires).toBeGreaterThanOrEqual(6);
  },
);
