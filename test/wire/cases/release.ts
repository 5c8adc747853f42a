import { expect } from '@jest/globals';
import { type Case, test } from '../support/case.js';
import { FREE, LONG, type Request, SHORT, TTL } from '../support/subject.js';

export const release: readonly Case[] = [
  test('owner-only: a release deletes the keys that hold its token, and says whether all did', async (on) => {
    await on.acquire('a b');
    await on.acquire('c', { token: 'two' });
    expect(await on.release('c')).toBe('absent');
    expect(await on.release('a c')).toBe('absent');
    expect(await on.state('a b c')).toEqual([FREE, { one: TTL }, { two: TTL }]);
    expect(await on.release('b')).toBe('released');
    expect(await on.release('b')).toBe('absent');
    expect(await on.existing('a b c')).toEqual(['c']);
  }),

  test('owner-only: a release that a batch contains twice finds nothing the second time', async (on) => {
    await on.acquire('a');
    const releasing: Request = { verb: 'release', keys: 'a' };
    expect(await on.askAll(releasing, releasing)).toEqual(['released', 'absent']);
  }),

  test('owner-only: a release with keepFor leaves the keys to a successor for that time', async (on) => {
    await on.acquire('a', { ttl: SHORT });
    await on.acquire('b', { ttl: LONG });
    expect(await on.release('a b', { successor: 'next', keepFor: TTL })).toBe('released');
    const kept = { next: TTL };
    expect(await on.state('a b')).toEqual([kept, kept]);
    expect(await on.release('a b', { successor: 'next', keepFor: LONG })).toBe('released');
    expect(await on.state('a b')).toEqual([kept, kept]);
  }),

  test('owner-only: a release that restores a former token gives it the expiry that it had', async (on) => {
    await on.acquire('a', { ttl: LONG });
    const now = Math.floor((await on.now()) / 1000);
    const restoring = { successor: 'old', until: now + SHORT };
    for (const _ of ['once', 'again']) {
      expect(await on.release('a', restoring)).toBe('released');
      expect(await on.state('a')).toEqual([{ old: SHORT }]);
    }
    await on.acquire('b');
    expect(await on.release('b', { successor: 'old', until: now - 1 })).toBe('released');
    expect(await on.existing('b')).toEqual([]);
  }),

  ...[{ keepFor: SHORT }, { until: 2e12 }].map((rest) =>
    test(`owner-only: a release with ${Object.keys(rest).join('')} takes no key that is free or held by another`, async (on) => {
      await on.acquire('a', { ttl: SHORT });
      await on.acquire('b', { token: 'two' });
      expect(await on.release('a b c', { successor: 'next', ...rest })).toBe('absent');
      expect(await on.state('b c')).toEqual([{ two: TTL }, FREE]);
      expect(await on.server.get('a')).toBe('next');
    }),
  ),
];

export const releaseOnRedis: readonly Case[] = [
  test('owner-only: a release leaves a key that is no string as it is', async (on) => {
    await on.acquire('a');
    await on.redis.client.rpush('list', 'x');
    expect(await on.release('a list')).toBe('absent');
    expect(await on.redis.client.keys('*')).toEqual(['list']);
  }),
];
