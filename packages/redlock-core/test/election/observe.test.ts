import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { candidates, ROUND_TRIP, TTL, watch } from '../support/candidates.js';

const DOWN = new Error('connect ECONNREFUSED');

describe('leader', () => {
  test('tells the label and the remaining time of the leader, and null if there is none', async () => {
    const { candidate, runtime } = candidates();
    const observer = candidate('observer');
    const leader = async (): Promise<unknown> => {
      const asking = observer.election.leader();
      await runtime.advance(ROUND_TRIP);
      return asking;
    };
    expect(await leader()).toBeNull();
    const leadership = await candidate('first').campaign();
    expect(await leader()).toEqual({ owner: 'first', ttl: expect.any(Number) });
    leadership.detach();
    await runtime.advance(TTL);
    expect(await leader()).toBeNull();
  });

  test('is null if the nodes name none, and has no label if the leader has none', async () => {
    const { candidate, servers, steal } = candidates();
    const { election } = candidate('observer', { roundTrip: 0 });
    await servers[0]?.steal('e', 'x');
    await servers[1]?.steal('e', 'y');
    expect(await election.leader()).toBeNull();
    await steal('x');
    expect(await election.leader()).toEqual({ owner: null, ttl: expect.any(Number) });
  });

  test('rejects if too few nodes answer to know it', async () => {
    const { candidate, steal } = candidates();
    const { election, a, b, c } = candidate('observer');
    await steal('x');
    for (const node of [a, b]) node.mode = DOWN;
    c.mode = 'answer';
    const error = await rejectionOf(election.leader());
    expect(error).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      resources: ['e'],
      message: expect.stringContaining(
        'Fewer than a quorum of nodes could say who leads "e"; check',
      ),
      votes: [{ vote: 'failed' }, { vote: 'failed' }, { vote: 'granted' }],
    });
  });
});

describe('observe', () => {
  test('tells the present state first, and then each change once', async () => {
    const { candidate, runtime } = candidates();
    const observer = watch(candidate('observer').election);
    await runtime.advance(TTL);
    expect(observer.told).toEqual([null]);
    const first = await candidate('first').campaign();
    await runtime.advance(5 * TTL);
    expect(observer.owners()).toEqual([null, 'first']);
    const late = watch(candidate('late').election);
    void first.release();
    await runtime.advance(5 * TTL);
    expect(observer.owners()).toEqual([null, 'first', null]);
    expect(late.owners()).toEqual(['first', null]);
    await candidate('second').campaign();
    await runtime.advance(5 * TTL);
    expect(observer.owners()).toEqual([null, 'first', null, 'second']);
    expect(observer.told[3]).toEqual({ owner: 'second', ttl: expect.any(Number) });
  });

  test('a leader that is elected anew is a change', async () => {
    const { candidate, runtime } = candidates();
    const { campaign } = candidate('first');
    const observer = watch(candidate('observer').election);
    const leadership = await campaign();
    await runtime.advance(TTL);
    void leadership.release();
    await campaign();
    await runtime.advance(TTL);
    expect(observer.owners()).toEqual([null, 'first', 'first']);
  });

  test('tells nothing while the nodes disagree or too few answer, and goes on then', async () => {
    const { candidate, runtime, servers, steal } = candidates();
    const own = candidate('observer');
    await steal('x');
    await servers[0]?.steal('e');
    await servers[1]?.steal('e', 'y');
    const observer = watch(own.election);
    await runtime.advance(TTL);
    expect(observer.told).toEqual([]);
    await steal('x');
    await runtime.advance(TTL);
    expect(observer.told).toHaveLength(1);
    for (const node of own.nodes) node.mode = DOWN;
    await steal();
    await runtime.advance(TTL);
    expect(observer.told).toHaveLength(1);
    for (const node of own.nodes) node.mode = 'answer';
    await runtime.advance(TTL);
    expect(observer.owners()).toEqual([null, null]);
    expect(observer.told.at(-1)).toBeNull();
  });

  test.each([
    { ttl: 3000, interval: 300 },
    { ttl: 500, interval: 100 },
    { ttl: 3_600_000, interval: 1000 },
  ])('asks every $interval ms with a ttl of $ttl ms', async ({ ttl, interval }) => {
    const { candidate, runtime } = candidates(ttl);
    const { election, a } = candidate('observer');
    watch(election);
    await runtime.advance(10 * (interval + ROUND_TRIP));
    expect(a.all('inspect').length).toBeGreaterThanOrEqual(10);
    expect(a.all('inspect').length).toBeLessThanOrEqual(11);
  });

  test('asks when the ttl of the leader ends, so that its end is told at once', async () => {
    const { candidate, runtime, servers } = candidates();
    const observer = watch(candidate('observer').election);
    const leadership = await candidate('first').campaign();
    leadership.detach();
    await runtime.advance(TTL / 2);
    while (await servers[0]?.holderOf('e')) await runtime.advance(1);
    expect(observer.owners()).toEqual([null, 'first']);
    await runtime.advance(ROUND_TRIP + 1);
    expect(observer.owners()).toEqual([null, 'first', null]);
  });

  test('ends when the signal aborts, at once in its pause and without telling what comes then', async () => {
    const { candidate, runtime } = candidates();
    const observer = watch(candidate('observer').election);
    await runtime.advance(TTL);
    observer.stop();
    expect(await observer.watching).toBe('over');
    const asking = watch(candidate('another').election);
    asking.stop();
    await runtime.advance(ROUND_TRIP);
    expect(await asking.watching).toBe('over');
    expect(asking.told).toEqual([]);
  });

  test('ends with the loop that consumes it', async () => {
    const { candidate, runtime } = candidates();
    const { election, a } = candidate('observer');
    const { signal } = new AbortController();
    const first = (async () => {
      for await (const leader of election.observe({ signal })) return leader;
      return 'none';
    })();
    await runtime.advance(ROUND_TRIP);
    expect(await first).toBeNull();
    const asked = a.all('inspect').length;
    await runtime.advance(TTL);
    expect(a.all('inspect')).toHaveLength(asked);
    expect(runtime.pending).toEqual([]);
  });

  test('does not keep the process alive by its timers', async () => {
    const { candidate, runtime } = candidates();
    watch(candidate('observer').election);
    await runtime.advance(ROUND_TRIP + 5);
    expect(runtime.pending).toHaveLength(1);
    expect(runtime.holding).toEqual([]);
  });

  test('throws when the Redlock is closed', async () => {
    const { candidate, runtime } = candidates();
    const { redlock, election } = candidate('observer');
    const observer = watch(election);
    await runtime.advance(ROUND_TRIP + 5);
    void redlock.close();
    expect(await rejectionOf(observer.watching)).toMatchObject({ code: 'CLOSED' });
    expect(await rejectionOf(election.leader())).toMatchObject({ code: 'CLOSED' });
  });
});
