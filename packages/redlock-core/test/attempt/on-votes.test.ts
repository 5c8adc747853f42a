import { expect, test } from '@jest/globals';
import type { Vote } from 'redlock-core';
import { after, heldElsewhere, TTL, world } from '../support/world.js';

test('onVotes has the votes of all nodes in their order, also late ones, once an attempt', async () => {
  const { redlock, time, a } = world();
  a.mode = after(time, 30);
  const calls: (readonly Vote[])[] = [];
  await redlock.acquire('r', TTL, { onVotes: (votes) => calls.push(votes) });
  expect(calls).toEqual([]);
  await time.advance(30);
  expect(calls).toEqual([
    [
      { node: 'a', result: 'granted', duration: 30 },
      { node: 'b', result: 'granted', duration: 0 },
      { node: 'c', result: 'granted', duration: 0 },
    ],
  ]);
});

test('onVotes is called for each attempt of a caller that waits, with its denials and failures', async () => {
  const { redlock, time, c } = await heldElsewhere('r', { subscribers: 0 });
  time.chance = 0;
  c.fail();
  const results: string[] = [];
  const onVotes = (votes: readonly Vote[]): void => {
    results.push(votes.map(({ result }) => result).join());
  };
  const tried = redlock.acquire('r', TTL, { wait: 300, onVotes }).catch(() => null);
  await time.advance(300);
  await tried;
  expect(results).toEqual(['denied,denied,failed', 'denied,denied,failed']);
});

test('an error of onVotes disturbs nothing', async () => {
  const { redlock } = world(3, {
    onVotes: () => {
      throw new Error('the listener');
    },
  });
  const lock = await redlock.acquire('r', TTL);
  expect(await lock.release()).toBe(true);
});
