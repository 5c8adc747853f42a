import { expect } from '@jest/globals';
import { type Case, test } from '../support/case.js';
import {
  adopted,
  failed,
  FREE,
  GRACE,
  granted,
  LONG,
  SHORT,
  type Subject,
  TTL,
} from '../support/subject.js';

const SECOND = 1_000_000;

/** The counter of a grant. Throws if the request was not granted. */
async function counterOf(on: Subject, keys: string, fence: number, token = 'one'): Promise<number> {
  const outcome = await on.acquire(keys, { fence, token });
  if (typeof outcome === 'object' && 'granted' in outcome) return outcome.granted;
  throw new Error(`Not granted: ${JSON.stringify(outcome)}`);
}

export const counter: readonly Case[] = [
  test('counter: a grant sets the counter to the proposal, or else above its last value', async (on) => {
    const now = await on.now();
    const grantAndRelease = async (fence: number): Promise<number> => {
      const value = await counterOf(on, 'a', fence);
      expect(await on.counters('a')).toEqual([{ [value]: TTL + GRACE }]);
      await on.release('a');
      return value;
    };
    expect(await grantAndRelease(now)).toBe(now);
    expect(await grantAndRelease(now)).toBe(now + 1);
    expect(await grantAndRelease(now - 5)).toBe(now + 2);
    expect(await grantAndRelease(now + 9)).toBe(now + 9);
  }),

  test('counter: several keys get one counter, above the highest of theirs', async (on) => {
    const now = await on.now();
    await counterOf(on, 'b', now);
    await on.release('b');
    expect(await counterOf(on, 'a b c', now - 5)).toBe(now + 1);
    const each = { [now + 1]: TTL + GRACE };
    expect(await on.counters('a b c')).toEqual([each, each, each]);
  }),

  ...['a', 'a b'].map((keys) =>
    test(`counter: the counter of ${keys} stays within a second of the server's clock`, async (on) => {
      const before = await on.now();
      const low = await counterOf(on, keys, 1);
      await on.release(keys);
      const high = await counterOf(on, keys, before + 9 * SECOND);
      const duration = (await on.now()) - before;
      expect(low).toBeGreaterThan(before - SECOND);
      expect(low).toBeLessThanOrEqual(before - SECOND + duration + 1);
      expect(high).toBeGreaterThanOrEqual(before + SECOND);
      expect(high).toBeLessThanOrEqual(before + SECOND + duration);
    }),
  ),

  test('counter: a grant to the token that holds the key leaves the counter as it is', async (on) => {
    const now = await on.now();
    await counterOf(on, 'a', now);
    expect(await counterOf(on, 'a', now)).toBe(now);
    expect(await counterOf(on, 'a', now + 5)).toBe(now);
    expect(await on.counters('a')).toEqual([{ [now]: TTL + GRACE }]);
  }),

  test('counter: an adoption raises the counters as a grant does, once', async (on) => {
    const now = await on.now();
    await counterOf(on, 'a b', now, 'old');
    const adopt = { replaces: 'old', ttl: LONG };
    const reply = adopted(now + 1, TTL);
    expect(await on.acquire('a b', { ...adopt, fence: now })).toEqual(reply);
    expect(await on.acquire('a b', { ...adopt, fence: now + 9 })).toEqual(reply);
    const each = { [now + 1]: LONG + GRACE };
    expect(await on.counters('a b')).toEqual([each, each]);
  }),

  test('counter: an extension below the counter renews the keys and is superseded', async (on) => {
    const now = await on.now();
    await on.acquire('a b', { ttl: SHORT, fence: now });
    expect(await on.extend('a b', { fence: now - 1 })).toBe('superseded');
    expect(await on.state('a b')).toEqual([{ one: TTL }, { one: TTL }]);
    expect(await on.counters('a')).toEqual([{ [now]: SHORT + GRACE }]);
  }),

  test('counter: a write-back raises all counters and shortens no expiry', async (on) => {
    const now = await on.now();
    await on.acquire('a', { fence: now });
    await on.acquire('b', { fence: now, ttl: LONG });
    expect(await on.extend('a b', { fence: now + 3 })).toBe('acknowledged');
    expect(await on.counters('a b')).toEqual([
      { [now + 3]: TTL + GRACE },
      { [now + 3]: LONG + GRACE },
    ]);
    expect(await on.state('a b')).toEqual([{ one: TTL }, { one: LONG }]);
  }),

  test('counter: a write-back is refused where a key is missing or another token holds it', async (on) => {
    const now = await on.now();
    await on.acquire('a', { fence: now });
    await on.acquire('b', { fence: now, token: 'two' });
    expect(await on.extend('a none', { fence: now + 3 })).toBe('absent');
    expect(await on.extend('a b', { fence: now + 3 })).toBe('absent');
    expect(await on.counters('a none')).toEqual([{ [now]: TTL + GRACE }, FREE]);
  }),

  test('counter: a write-back is superseded where a counter is higher', async (on) => {
    const now = await on.now();
    await on.acquire('a', { fence: now });
    await on.acquire('b', { fence: now + 9 });
    expect(await on.extend('a b', { fence: now + 8 })).toBe('superseded');
    expect(await on.counters('a b')).toEqual([{ [now]: TTL + GRACE }, { [now + 9]: TTL + GRACE }]);
    expect(await on.extend('a b', { fence: now + 9 })).toBe('acknowledged');
  }),

  test('counter: a grant to the token that holds the key sets no counter that is missing', async (on) => {
    const fence = await on.now();
    await on.acquire('a b');
    expect(await on.acquire('a', { fence })).toEqual(granted(0));
    expect(await on.acquire('a b', { fence })).toEqual(granted(0));
    expect(await on.counters('a b')).toEqual([FREE, FREE]);
  }),

  test('counter: a repair sets missing counters, and is refused where a counter is higher', async (on) => {
    const now = await on.now();
    await on.acquire('b', { token: 'two', fence: now });
    await on.release('b', { token: 'two' });
    expect(await on.extend('a b', { repair: true, fence: now - 1 })).toBe('refused');
    expect(await on.state('a b')).toEqual([FREE, FREE]);
    expect(await on.extend('a b', { repair: true, fence: now })).toBe('acknowledged');
    expect(await on.counters('a b')).toEqual([{ [now]: TTL + GRACE }, { [now]: TTL + GRACE }]);
  }),
];

export const counterOnRedis: readonly Case[] = [
  test('counter: a counter that is no number is replaced', async (on) => {
    const now = await on.now();
    await on.redis.client.set('{a}:fencing', 'not a number');
    expect(await counterOf(on, 'a', now)).toBe(now);
    expect(await on.extend('a', { fence: now })).toBe('acknowledged');
    expect(await on.counters('a')).toEqual([{ [now]: TTL + GRACE }]);
  }),

  test('one-reply: a counter of another type fails only its own operations, which change nothing', async (on) => {
    const fence = await on.now();
    await on.redis.client.hset('{a}:fencing', 'field', 'value');
    await on.acquire('b');
    const wrong = failed('WRONGTYPE');
    expect(await on.acquire('a', { fence })).toEqual(wrong);
    expect(await on.acquire('a c', { fence })).toEqual(wrong);
    const outcomes = await on.askAll(
      { verb: 'acquire', keys: 'a', fence },
      { verb: 'acquire', keys: 'd', fence },
      { verb: 'extend', keys: 'b' },
    );
    expect(outcomes).toEqual([wrong, granted(fence), 'acknowledged']);
    expect(await on.state('a c')).toEqual([FREE, FREE]);
  }),
];
