import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import { candidates, ROUND_TRIP, TTL } from '../support/candidates.js';

/** A candidate waits behind a leader. */
async function behindLeader() {
  const all = candidates();
  const [first, second] = [all.candidate('first'), all.candidate('second')];
  const leadership = await first.campaign();
  const campaigning = second.election.campaign();
  let next: Lock | undefined;
  void campaigning.then(
    (lock) => (next = lock),
    () => {},
  );
  await all.time.advance(1000);
  return { ...all, first, second, leadership, campaigning, next: () => next };
}

test('election: leadership is the lock on the name, and is extended until it is released', async () => {
  const { candidate, time, servers, answered, leader } = candidates();
  const leadership = await candidate('first').campaign();
  expect(leadership.resources).toEqual(['e']);
  await time.advance(10 * TTL);
  expect(leadership.remaining()).toBeGreaterThan(TTL / 2);
  for (const server of servers) expect(await server.holderOf('e')).toBe(leadership.token);
  expect(await answered(leadership.release())).toBe(true);
  expect(await leader()).toBeNull();
});

test('election: a campaign waits without end unless `wait` is given, until the leader resigns', async () => {
  const { time, second, leadership, next } = await behindLeader();
  const hasty = rejectionOf(second.election.campaign({ wait: 100 }));
  await time.advance(100_000);
  expect(await hasty).toMatchObject({ code: 'RESOURCE_LOCKED', owners: ['first'] });
  expect(next()).toBeUndefined();
  void leadership.release();
  await time.advance(3 * ROUND_TRIP);
  expect(next()?.fencingToken).toBeGreaterThan(leadership.fencingToken);
});

test('election: leadership is exclusive, fenced and extended, whatever the defaults are', async () => {
  const { candidate, time } = candidates();
  const defaults = { fencing: false, autoExtend: false, wait: 0 } as const;
  const leadership = await candidate('first', defaults).campaign();
  expect(leadership.mode).toBe('exclusive');
  expect(leadership.fencingToken).toBeGreaterThan(0);
  await time.advance(3 * TTL);
  expect(leadership.remaining()).toBeGreaterThan(0);
});

test('election: leadership is not re-entered from a reentrant routine that holds the lock', async () => {
  const { candidate, time } = candidates();
  const { redlock, election } = candidate('first', { reentrant: true });
  const using = redlock.using('e', TTL, () => rejectionOf(election.campaign({ wait: 100 })));
  await time.advance(TTL);
  expect(await using).toMatchObject({ code: 'RESOURCE_LOCKED' });
});

test('closing: close() ends a campaign', async () => {
  const { second, campaigning } = await behindLeader();
  void second.redlock.close();
  expect(await rejectionOf(campaigning)).toMatchObject({ code: 'CLOSED', resources: ['e'] });
  expect(await rejectionOf(second.election.campaign())).toMatchObject({ code: 'CLOSED' });
});
