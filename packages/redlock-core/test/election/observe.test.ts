import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { candidates, ROUND_TRIP, TTL, watch } from '../support/candidates.js';
import { outcomeOf } from '../support/outcome.js';

test('election: leader() is null if the nodes disagree, and has no label if the token has none', async () => {
  const { candidate, servers, steal } = candidates();
  const { election } = candidate('observer', { roundTrip: 0 });
  await servers[0]?.steal('e', 'x');
  await servers[1]?.steal('e', 'y');
  expect(await election.leader()).toBeNull();
  await steal('x');
  expect(await election.leader()).toEqual({ owner: null, expiresIn: expect.any(Number) });
});

test('errors: leader() rejects if too few nodes answer', async () => {
  const { candidate, steal } = candidates();
  const { election, a, b, c } = candidate('observer');
  await steal('x');
  for (const node of [a, b]) node.fail();
  c.mode = 'answer';
  expect(await rejectionOf(election.leader())).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    resources: ['e'],
    message: expect.stringContaining(
      'Cannot get the leader of "e": fewer than a quorum of nodes answered. Check',
    ),
    votes: [{ result: 'failed' }, { result: 'failed' }, { result: 'granted' }],
  });
});

test('election: an observer sees the present leader, and then each change once', async () => {
  const { candidate, time } = candidates();
  const observer = watch(candidate('observer').election);
  await time.advance(TTL);
  expect(observer.leaders).toEqual([null]);
  const { campaign } = candidate('first');
  const first = await campaign();
  await time.advance(5 * TTL);
  expect(observer.owners()).toEqual([null, 'first']);
  const late = watch(candidate('late').election);
  await time.advance(TTL);
  // The same owner, in a new term.
  void first.release();
  const again = await campaign();
  await time.advance(TTL);
  void again.release();
  await time.advance(5 * TTL);
  await candidate('second').campaign();
  await time.advance(5 * TTL);
  expect(observer.owners()).toEqual([null, 'first', 'first', null, 'second']);
  expect(late.owners()).toEqual(['first', 'first', null, 'second']);
  expect(observer.leaders.at(-1)).toEqual({ owner: 'second', expiresIn: expect.any(Number) });
});

test('election: an observer sees nothing while the nodes disagree or too few answer', async () => {
  const { candidate, time, servers, steal } = candidates();
  const own = candidate('observer');
  await steal('x');
  await servers[0]?.steal('e');
  await servers[1]?.steal('e', 'y');
  const observer = watch(own.election);
  await time.advance(TTL);
  expect(observer.leaders).toEqual([]);
  await steal('x');
  await time.advance(TTL);
  expect(observer.leaders).toHaveLength(1);
  for (const node of own.nodes) node.fail();
  await steal();
  await time.advance(TTL);
  expect(observer.leaders).toHaveLength(1);
  for (const node of own.nodes) node.mode = 'answer';
  await time.advance(TTL);
  expect(observer.owners()).toEqual([null, null]);
  expect(observer.leaders.at(-1)).toBeNull();
});

test.each([
  { ttl: 3000, interval: 300 },
  { ttl: 500, interval: 100 },
  { ttl: 3_600_000, interval: 1000 },
])('the number of commands of an observer: one every $interval ms with ttl $ttl', async (given) => {
  const { candidate, time } = candidates(given.ttl);
  const { election, a } = candidate('observer');
  watch(election);
  await time.advance(10 * (given.interval + ROUND_TRIP));
  expect(a.inspects).toBeGreaterThanOrEqual(10);
  expect(a.inspects).toBeLessThanOrEqual(11);
});

test('election: an observer sees the end of a leader as soon as its ttl has passed', async () => {
  const { candidate, time, servers } = candidates();
  const observer = watch(candidate('observer').election);
  const leadership = await candidate('first').campaign();
  leadership.detach();
  await time.advance(TTL / 2);
  while (await servers[0]?.holderOf('e')) await time.advance(1);
  expect(observer.owners()).toEqual([null, 'first']);
  await time.advance(ROUND_TRIP + 1);
  expect(observer.owners()).toEqual([null, 'first', null]);
});

test('election: an observation ends at once when its signal aborts', async () => {
  const { candidate, time } = candidates();
  const pausing = watch(candidate('observer').election);
  await time.advance(TTL);
  pausing.stop();
  expect(await pausing.watching).toBe('ended');
  const asking = watch(candidate('another').election);
  asking.stop();
  await time.advance(ROUND_TRIP);
  expect(await asking.watching).toBe('ended');
  expect(asking.leaders).toEqual([]);
});

test('election: an observation ends with its loop, without a timer or a command', async () => {
  const { candidate, time, answered } = candidates();
  const { election, a } = candidate('observer');
  const { signal } = new AbortController();
  const first = (async () => {
    for await (const leader of election.observe({ signal })) return leader;
    return 'none';
  })();
  expect(await answered(first)).toBeNull();
  const asked = a.commandCount;
  await time.advance(TTL);
  expect(a.commandCount).toBe(asked);
  expect(time.pending).toEqual([]);
});

test('closing: close() ends an observation with an error, and its timer never keeps the process alive', async () => {
  const { candidate, time } = candidates();
  const { redlock, election } = candidate('observer');
  const observer = watch(election);
  await time.advance(ROUND_TRIP + 5);
  // Its timer does not keep the process alive.
  expect(time.holding).toEqual([]);
  void redlock.close();
  expect(await rejectionOf(observer.watching)).toMatchObject({ code: 'CLOSED' });
  expect(await rejectionOf(election.leader())).toMatchObject({ code: 'CLOSED' });
});

test('election: an observer ends at once when its signal aborts while nodes are being connected', async () => {
  const { candidate, time } = candidates();
  const { election, nodes } = candidate('observer');
  for (const node of nodes) node.ready = false;
  const observer = watch(election);
  const watching = outcomeOf(observer.watching);
  await time.advance(100);
  observer.stop();
  await time.advance(0);
  expect(watching.value).toBe('ended');
});
