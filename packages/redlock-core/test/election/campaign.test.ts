import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import { candidates, ROUND_TRIP, TTL } from '../support/candidates.js';

/** A candidate waits behind a leader. */
async function behindLeader() {
  const { candidate, runtime, ...rest } = candidates();
  const [first, second] = [candidate('first'), candidate('second')];
  const leadership = await first.campaign();
  const campaigning = second.election.campaign();
  let next: Lock | undefined;
  void campaigning.then(
    (lock) => (next = lock),
    () => {},
  );
  await runtime.advance(1000);
  return { ...rest, candidate, runtime, first, second, leadership, campaigning, next: () => next };
}

test('leadership is the lock on the name of the election, and is extended until it is given back', async () => {
  const { candidate, runtime } = candidates();
  const { campaign, election, redlock } = candidate('first');
  const leadership = await campaign();
  expect(leadership.resources).toEqual(['e']);
  await runtime.advance(10 * TTL);
  expect(leadership.remaining()).toBeGreaterThan(TTL / 2);
  const inspecting = redlock.inspect('e');
  await runtime.advance(ROUND_TRIP);
  expect((await inspecting).holders).toMatchObject([{ token: leadership.token }]);
  const resigned = leadership.release();
  await runtime.advance(ROUND_TRIP);
  expect(await resigned).toBe(true);
  const asking = election.leader();
  await runtime.advance(ROUND_TRIP);
  expect(await asking).toBeNull();
});

test('a candidate waits for as long as it takes, unless told otherwise', async () => {
  const { runtime, second, next } = await behindLeader();
  const hasty = rejectionOf(second.election.campaign({ wait: 100 }));
  await runtime.advance(100_000);
  expect(await hasty).toMatchObject({ code: 'RESOURCE_LOCKED', owners: ['first'] });
  expect(next()).toBeUndefined();
});

test('when a leader resigns, the next one leads within three round trips, with a higher term', async () => {
  const { runtime, leadership, next } = await behindLeader();
  void leadership.release();
  await runtime.advance(3 * ROUND_TRIP);
  expect(next()?.fencingToken).toBeGreaterThan(leadership.fencingToken);
});

test('when a leader is killed, the next one leads within its ttl and three round trips, and not while it believes to', async () => {
  const { runtime, first, leadership, next } = await behindLeader();
  while (first.a.kinds.at(-1) !== 'extend') await runtime.advance(1);
  // Its last extension is executed as it dies, so its whole ttl is left.
  await runtime.advance(ROUND_TRIP);
  first.kill();
  const killedAt = runtime.now();
  while (leadership.remaining() > 0) {
    expect(next()).toBeUndefined();
    await runtime.advance(1);
  }
  await runtime.advance(killedAt + TTL + 3 * ROUND_TRIP - runtime.now());
  expect(next()?.fencingToken).toBeGreaterThan(leadership.fencingToken);
});

test('no two believe to lead at once, while leaders resign, hang and die', async () => {
  const { candidate, runtime } = candidates();
  const terms: Lock[] = [];
  const met: number[] = [];
  const run = async (number: number): Promise<void> => {
    const { election, kill } = candidate(`c${number}`);
    for (let term = 0; term < 4; term++) {
      const leadership = await election.campaign();
      if (terms.some((other) => other.remaining() > 0)) met.push(number);
      terms.push(leadership);
      if (term + number === 4) return kill();
      await new Promise((resolve) => runtime.setTimeout(() => resolve(null), 100 * number));
      if (term === number) leadership.detach();
      else await leadership.release();
    }
  };
  for (const number of [1, 2, 3, 4]) void run(number);
  await runtime.advance(20 * TTL);
  expect(terms).toHaveLength(10);
  expect(met).toEqual([]);
  const fencing = terms.map(({ fencingToken }) => fencingToken);
  expect(fencing).toEqual(fencing.toSorted((a, b) => a - b));
});

test('leadership has a term and is extended, whatever the defaults of the Redlock are', async () => {
  const { candidate, runtime } = candidates();
  const defaults = { fencing: false, autoExtend: false, wait: 0, mode: 'shared' } as const;
  const leadership = await candidate('first', defaults).campaign();
  expect(leadership.mode).toBe('exclusive');
  expect(leadership.fencingToken).toBeGreaterThan(0);
  await runtime.advance(3 * TTL);
  expect(leadership.remaining()).toBeGreaterThan(0);
});

test('leadership is shared with nobody, also within a reentrant routine that holds the lock', async () => {
  const { candidate, runtime } = candidates();
  const { redlock, election } = candidate('first', { reentrant: true });
  const using = redlock.using('e', TTL, () => rejectionOf(election.campaign({ wait: 100 })));
  await runtime.advance(TTL);
  expect(await using).toMatchObject({ code: 'RESOURCE_LOCKED' });
});

test('close ends a campaign', async () => {
  const { second, campaigning } = await behindLeader();
  void second.redlock.close();
  expect(await rejectionOf(campaigning)).toMatchObject({ code: 'CLOSED', resources: ['e'] });
  expect(await rejectionOf(second.election.campaign())).toMatchObject({ code: 'CLOSED' });
});
