import { expect } from '@jest/globals';
import { type Case, test } from '../support/case.js';
import {
  denied,
  failed,
  FREE,
  granted,
  LONG,
  type Request,
  SHORT,
  Subject,
  TTL,
} from '../support/subject.js';

const OOM = failed('OOM');
const SHARED = { mode: 'shared' } as const;
const RELEASE: Request = { verb: 'release', keys: 'a' };

/** What several requests do in one command, and what a server does if it refuses some or all of them. */
export const refusals: readonly Case[] = [
  test('one-reply: a command executes releases first, and has a reply for each operation', async (on) => {
    await on.acquire('a', { ttl: SHORT });
    const fence = await on.now();
    const outcomes = await on.askAll(
      { verb: 'acquire', keys: 'a', token: 'two' },
      { verb: 'extend', keys: 'a', ttl: LONG },
      RELEASE,
      { verb: 'acquire', keys: 'b c', fence },
      { verb: 'acquire', keys: 'a', token: 'three' },
      { verb: 'inspect', keys: 'none' },
      { verb: 'release', keys: 'a b' },
    );
    expect(outcomes).toEqual([
      granted(),
      'absent',
      'released',
      granted(fence),
      denied({ a: ['two', TTL] }),
      { holders: [], waiting: 0 },
      'absent',
    ]);
  }),

  test('one-reply: a command that is executed throughout has a reply for each operation', async (on) => {
    const fence = await on.now();
    const outcomes = await on.askAll(
      { verb: 'acquire', keys: 'a' },
      { verb: 'acquire', keys: 'b', fence },
      { verb: 'acquire', keys: 'c', fence, token: 'two' },
    );
    expect(outcomes).toEqual([granted(), granted(fence), granted(fence)]);
  }),

  test('one-grant: a server that does not know the digest of a script executes nothing until it gets the script', async (on) => {
    await on.server.forgetScripts();
    const short = new Subject(on.server, { ...on.options, byDigest: true });
    const fence = await on.now();
    expect(await short.acquire('a', { fence })).toEqual(failed('NOSCRIPT'));
    expect(await on.existing('a')).toEqual([]);
    expect(await on.acquire('a', { fence })).toEqual(granted(fence));
    expect(await short.acquire('b', { fence })).toEqual(granted(fence));
  }),
];

export const refusalsOnRedis: readonly Case[] = [
  test('one-reply: an operation that fails disturbs no other operation of its command', async (on) => {
    await on.acquire('a b c');
    await on.redis.client.rpush('list', 'x');
    await on.redis.whileFull(async () => {
      const outcomes = await on.askAll(
        { verb: 'acquire', keys: 'new' },
        { verb: 'inspect', keys: 'list' },
        { verb: 'release', keys: 'c', successor: 'next', keepFor: SHORT },
        { verb: 'release', keys: 'c', successor: 'next', until: 2e12 },
        { verb: 'extend', keys: 'b', ttl: LONG },
        RELEASE,
      );
      const [taken, ...others] = outcomes;
      // Redis lets a script that has written go on writing.
      expect([OOM, granted()]).toContainEqual(taken);
      expect(others).toEqual([failed('WRONGTYPE'), OOM, OOM, 'acknowledged', 'released']);
    });
    expect(await on.state('a b c')).toEqual([FREE, { one: LONG }, { one: TTL }]);
  }),

  test('one-reply: a full server executes releases and extensions', async (on) => {
    const fence = await on.now();
    await on.acquire('a b', { fence });
    await on.acquire('s', SHARED);
    await on.redis.whileFull(async () => {
      expect(await on.extend('a b', { ttl: LONG, fence })).toBe('acknowledged');
      expect(await on.extend('s', { ...SHARED, ttl: LONG })).toBe('acknowledged');
      expect(await on.shared('s')).toEqual(['one', LONG]);
      expect(await on.release('a')).toBe('released');
      expect(await on.release('s', SHARED)).toBe('released');
    });
    expect(await on.existing('a b s')).toEqual(['{a}:fencing', 'b', '{b}:fencing']);
    expect(await on.state('b')).toEqual([{ one: LONG }]);
  }),

  test('one-grant: a full server refuses grants, adoptions, write-backs and repairs, and keeps its keys', async (on) => {
    const fence = await on.now();
    await on.acquire('a', { token: 'old', fence });
    await on.acquire('s', SHARED);
    await on.redis.whileFull(async () => {
      expect(await on.acquire('b c', { fence })).toEqual(OOM);
      expect(await on.acquire('b')).toEqual(OOM);
      expect(await on.acquire('b', SHARED)).toEqual(OOM);
      expect(await on.acquire('a', { replaces: 'old' })).toEqual(OOM);
      expect(await on.extend('a', { token: 'old', fence: fence + 1 })).toEqual(OOM);
      expect(await on.extend('b', { repair: true, fence })).toEqual(OOM);
      expect(await on.extend('b', { repair: true })).toEqual(OOM);
      // A command that needs no memory may come before one that does.
      expect([OOM, granted()]).toContainEqual(await on.acquire('s', SHARED));
    });
    expect(await on.state('a b c')).toEqual([{ old: TTL }, FREE, FREE]);
    expect(await on.counters('a')).toMatchObject([{ [fence]: expect.anything() }]);
    expect(await on.existing('b c')).toEqual([]);
    expect(await on.shared('s')).toEqual(['one', TTL]);
  }),

  test('one-reply: a full server executes a release that comes before a grant in one command', async (on) => {
    await on.acquire('a');
    await on.redis.whileFull(async () => {
      const [released, taken] = await on.askAll(RELEASE, { verb: 'acquire', keys: 'b' });
      expect(released).toBe('released');
      // Redis lets a script that has written go on writing.
      expect([OOM, granted()]).toContainEqual(taken);
      const state = 'granted' in Object(taken) ? { one: TTL } : FREE;
      expect(await on.state('a b')).toEqual([FREE, state]);
    });
  }),

  test('one-grant: a command of a user who lacks a right to one of its keys changes nothing', async (on) => {
    const limited = new Subject(
      await on.redis.asUser('~a', '~{a}*', '~unrelated', '~{unrelated}*', '+@all'),
      on.options,
    );
    expect(await limited.acquire('a')).toEqual(granted());
    const outcomes = await limited.askAll(RELEASE, { verb: 'acquire', keys: 'theirs' });
    expect(outcomes).toEqual([failed('NOPERM'), failed('NOPERM')]);
    expect(await on.state('a theirs')).toEqual([{ one: TTL }, FREE]);
  }),
];
