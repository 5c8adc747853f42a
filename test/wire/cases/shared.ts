import { expect } from '@jest/globals';
import { type Case, test } from '../support/case.js';
import {
  adopted,
  denied,
  failed,
  FOREVER,
  FREE,
  granted,
  LONG,
  SHORT,
  TTL,
} from '../support/subject.js';

const SHARED = { mode: 'shared' } as const;
const TWO = { ...SHARED, token: 'two' } as const;

export const shared: readonly Case[] = [
  test('one-grant: shared holders hold a key together, until the last of them', async (on) => {
    expect(await on.acquire('a', { ...SHARED, ttl: LONG })).toEqual(granted());
    expect(await on.acquire('a', TWO)).toEqual(granted());
    expect(await on.shared('a')).toEqual(['one two', LONG]);
    expect(await on.release('a', SHARED)).toBe('released');
    expect(await on.shared('a')).toEqual(['two', TTL]);
    expect(await on.release('a', TWO)).toBe('released');
    expect(await on.existing('a')).toEqual([]);
  }),

  test('one-grant: shared holders deny an exclusive grant, which names those that are alive', async (on) => {
    await on.acquire('a', SHARED);
    for (let dead = 0; dead < 30; dead++) await on.addHolder('a', `dead ${dead}`, 1);
    expect(await on.acquire('a b', { token: 'two' })).toEqual(
      denied({ a: ['shared by one', TTL] }),
    );
    expect(await on.state('b')).toEqual([FREE]);
  }),

  test('one-grant: an exclusive holder denies a shared grant, of all keys', async (on) => {
    await on.acquire('b');
    expect(await on.acquire('a b', TWO)).toEqual(denied({ b: ['one', TTL] }));
    expect(await on.existing('a b')).toEqual(['b']);
  }),

  test('never-shorter: a shared grant to a token that holds the key keeps its expiry', async (on) => {
    await on.acquire('a', { ...SHARED, ttl: LONG });
    expect(await on.acquire('a', SHARED)).toEqual(granted());
    expect(await on.shared('a')).toEqual(['one', LONG]);
  }),

  test('owner-only: an expired shared holder is absent, and the next grant removes it', async (on) => {
    await on.acquire('a', SHARED);
    await on.addHolder('a', 'dead', 1);
    expect(await on.extend('a', { ...SHARED, token: 'dead' })).toBe('absent');
    expect(await on.release('a', { ...SHARED, token: 'dead' })).toBe('absent');
    await on.acquire('a', TWO);
    expect(await on.shared('a')).toEqual(['one two', TTL]);
  }),

  test('one-grant: a shared key whose set is missing stays held until it expires', async (on) => {
    await on.server.set('a', 'shared', TTL);
    const held = denied({ a: ['shared', TTL] });
    expect(await on.acquire('a')).toEqual(held);
    expect(await on.acquire('a b', { fence: await on.now() })).toEqual(held);
    expect(await on.acquire('a', SHARED)).toEqual(held);
    expect(await on.extend('a', { ...SHARED, repair: true })).toBe('refused');
    expect(await on.release('a', SHARED)).toBe('absent');
    expect(await on.inspect('a')).toEqual({ holders: [], waiting: 0 });
    expect(await on.existing('a b')).toEqual(['a']);
  }),

  test('owner-only: a holder in the set of a key that is missing holds nothing', async (on) => {
    await on.acquire('a', SHARED);
    await on.server.delete('a');
    expect(await on.extend('a', SHARED)).toBe('absent');
    expect(await on.release('a', SHARED)).toBe('absent');
    expect(await on.acquire('a', TWO)).toEqual(granted());
    expect(await on.shared('a')).toEqual(['two', TTL]);
  }),

  test('owner-only: a holder in the set of a key with a foreign value holds nothing', async (on) => {
    await on.acquire('a', SHARED);
    await on.server.set('a', 'foreign', TTL);
    expect(await on.extend('a', { ...SHARED, ttl: LONG })).toBe('absent');
    expect(await on.extend('a', { ...SHARED, repair: true })).toBe('refused');
    expect(await on.release('a', SHARED)).toBe('absent');
    expect(await on.state('a')).toEqual([{ foreign: TTL }]);
  }),

  test('never-shorter: a shared extension prolongs its own time, and never shortens it', async (on) => {
    await on.acquire('a', SHARED);
    await on.acquire('a', TWO);
    for (const ttl of [LONG, TTL]) {
      expect(await on.extend('a', { ...SHARED, ttl })).toBe('acknowledged');
      expect(await on.shared('a')).toEqual(['one two', LONG]);
    }
    await on.release('a', SHARED);
    expect(await on.shared('a')).toEqual(['two', TTL]);
  }),

  test('owner-only: a shared extension renews nothing where the token is missing', async (on) => {
    await on.acquire('a', SHARED);
    for (const keys of ['b', 'a b'])
      expect(await on.extend(keys, { ...SHARED, ttl: LONG })).toBe('absent');
    expect(await on.extend('a', { ...TWO, ttl: LONG })).toBe('absent');
    expect(await on.shared('a')).toEqual(['one', TTL]);
  }),

  test('one-grant: a repair makes a shared holder hold the key again, beside others', async (on) => {
    expect(await on.extend('a', { ...SHARED, repair: true })).toBe('acknowledged');
    expect(await on.extend('a', { ...TWO, repair: true })).toBe('acknowledged');
    expect(await on.shared('a')).toEqual(['one two', TTL]);
  }),

  test('owner-only: a shared adoption replaces a holder, and a failed one gives its time back', async (on) => {
    await on.acquire('a', { ...SHARED, ttl: SHORT });
    await on.acquire('a', { ...TWO, ttl: LONG });
    const heir = { ...SHARED, token: 'heir' };
    for (const _ of ['once', 'again']) {
      expect(await on.acquire('a', { ...heir, replaces: 'one' })).toEqual(adopted(0, SHORT));
      expect(await on.shared('a')).toEqual(['heir two', LONG]);
    }
    expect(await on.acquire('a', { ...SHARED, token: 'three', replaces: 'one' })).toEqual(
      denied({ a: ['shared by heir two', LONG] }),
    );
    expect(await on.acquire('a', { token: 'three', replaces: 'two' })).toEqual(
      denied({ a: ['shared', LONG] }),
    );
    const until = Math.floor((await on.now()) / 1000) + TTL;
    expect(await on.release('a', { ...heir, successor: 'one', until })).toBe('released');
    await on.release('a', TWO);
    expect(await on.shared('a')).toEqual(['one', TTL]);
  }),

  test('owner-only: a shared release with keepFor leaves the key to a successor for that time', async (on) => {
    await on.acquire('a', { ...SHARED, ttl: LONG });
    for (const keepFor of [TTL, LONG]) {
      expect(await on.release('a', { ...SHARED, successor: 'next', keepFor })).toBe('released');
      expect(await on.shared('a')).toEqual(['next', TTL]);
    }
  }),

  test('owner-only: an inspection lists the shared holders of a key', async (on) => {
    await on.acquire('a', SHARED);
    await on.acquire('a', { ...TWO, ttl: LONG });
    const holders = [
      ['one', TTL, 'shared'],
      ['two', LONG, 'shared'],
    ];
    expect(await on.inspect('a')).toEqual({ holders, waiting: 0 });
  }),
];

export const sharedOnRedis: readonly Case[] = [
  test('one-grant: a shared grant or repair leaves a key that is no string as it is', async (on) => {
    await on.redis.client.rpush('list', 'x');
    expect(await on.acquire('list', SHARED)).toEqual(denied({ list: ['(not a string)', FOREVER] }));
    expect(await on.extend('list', { ...SHARED, repair: true })).toBe('refused');
    expect(await on.redis.client.lrange('list', 0, -1)).toEqual(['x']);
    expect(await on.redis.client.pttl('list')).toBe(-1);
  }),

  test('one-reply: a shared key whose set has another type fails only its own operations', async (on) => {
    await on.acquire('mine');
    await on.acquire('broken', TWO);
    await on.redis.client.set('{broken}:shared', 'no set');
    const outcomes = await on.askAll(
      { verb: 'acquire', keys: 'broken', ...SHARED, token: 'three' },
      { verb: 'extend', keys: 'mine', ttl: LONG },
      { verb: 'release', keys: 'broken', ...TWO },
      { verb: 'inspect', keys: 'mine' },
    );
    const holders = [['one', LONG, 'exclusive']];
    const wrong = failed('WRONGTYPE');
    expect(outcomes).toEqual([wrong, 'acknowledged', wrong, { holders, waiting: 0 }]);
  }),
];
