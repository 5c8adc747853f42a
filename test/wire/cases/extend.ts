import { expect } from '@jest/globals';
import { type Case, test } from '../support/case.js';
import { FOREVER, FREE, GRACE, LONG, type Request, SHORT, TTL } from '../support/subject.js';

export const extend: readonly Case[] = [
  test('never-shorter: an extension prolongs keys, unless they stay longer, and leaves a counter that is right', async (on) => {
    const now = await on.now();
    await on.acquire('a', { fence: now, ttl: SHORT });
    await on.acquire('b', { fence: now, ttl: LONG });
    expect(await on.extend('a b', { fence: now })).toBe('acknowledged');
    expect(await on.state('a b')).toEqual([{ one: TTL }, { one: LONG }]);
    expect(await on.counters('a b')).toEqual([{ [now]: SHORT + GRACE }, { [now]: LONG + GRACE }]);
  }),

  test('owner-only: an extension renews nothing where a key is missing or another token holds it', async (on) => {
    await on.acquire('a', { ttl: SHORT });
    await on.acquire('b', { token: 'two', ttl: SHORT });
    for (const keys of ['b', 'a b', 'none b', 'a none', 'none']) {
      expect(await on.extend(keys)).toBe('absent');
    }
    expect(await on.state('a b none')).toEqual([{ one: SHORT }, { two: SHORT }, FREE]);
  }),

  test('never-shorter: a repair sets missing keys and prolongs the others', async (on) => {
    const now = await on.now();
    await on.acquire('a', { fence: now, ttl: SHORT });
    await on.acquire('b', { fence: now, ttl: LONG });
    expect(await on.extend('a b c', { repair: true, fence: now + 3 })).toBe('acknowledged');
    expect(await on.state('a b c')).toEqual([{ one: TTL }, { one: LONG }, { one: TTL }]);
    expect(await on.counters('a b c')).toEqual([
      { [now + 3]: TTL + GRACE },
      { [now + 3]: LONG + GRACE },
      { [now + 3]: TTL + GRACE },
    ]);
  }),

  test('owner-only: a repair sets no key where another token holds one', async (on) => {
    await on.acquire('b', { token: 'two', ttl: SHORT });
    expect(await on.extend('a b', { repair: true })).toBe('refused');
    expect(await on.state('a b')).toEqual([FREE, { two: SHORT }]);
  }),

  test('owner-only: a repair of a lock without fencing sets no counter', async (on) => {
    expect(await on.extend('a b', { repair: true })).toBe('acknowledged');
    expect(await on.existing('a b')).toEqual(['a', 'b']);
  }),

  test('never-shorter: a command of a held lock that is executed again, at any later time, changes nothing', async (on) => {
    const now = await on.now();
    const keys = 'a b';
    const requests: Request[] = [
      { verb: 'acquire', keys, token: 'old', fence: now },
      { verb: 'extend', keys, token: 'old', fence: now + 1, ttl: TTL },
      { verb: 'extend', keys, token: 'old', fence: now + 1, ttl: LONG },
      { verb: 'extend', keys, token: 'old', fence: now + 1, ttl: SHORT },
      { verb: 'extend', keys, token: 'old', fence: now + 1, repair: true },
      { verb: 'acquire', keys, token: 'new', fence: now + 2, replaces: 'old' },
      { verb: 'extend', keys, token: 'new', fence: now + 2, ttl: LONG },
      { verb: 'release', keys, token: 'new', successor: 'kept', keepFor: TTL },
    ];
    const sent: Request[] = [];
    for (const request of requests) {
      await on.ask(request);
      sent.push(request);
      const before = [await on.state(keys), await on.counters(keys)];
      for (const again of sent) await on.ask(again);
      expect([await on.state(keys), await on.counters(keys)]).toEqual(before);
    }
    expect(await on.state(keys)).toEqual([{ kept: TTL }, { kept: TTL }]);
  }),
];

export const extendOnRedis: readonly Case[] = [
  test('never-shorter: an extension leaves a key without expiry as it is', async (on) => {
    await on.redis.client.set('a', 'one');
    expect(await on.extend('a')).toBe('acknowledged');
    expect(await on.state('a')).toEqual([{ one: FOREVER }]);
  }),

  test('owner-only: a repair leaves a key that is no string as it is', async (on) => {
    await on.redis.client.rpush('list', 'x');
    await on.extend('list', { repair: true });
    expect(await on.redis.client.lrange('list', 0, -1)).toEqual(['x']);
  }),
];
