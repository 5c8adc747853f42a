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

export const acquire: readonly Case[] = [
  test('one-grant: a free key is granted for the ttl', async (on) => {
    expect(await on.acquire('a')).toEqual(granted());
    expect(await on.state('a')).toEqual([{ one: TTL }]);
    expect(await on.existing('a')).toEqual(['a']);
  }),

  test('one-grant: a key that another token holds is denied and stays as it is', async (on) => {
    await on.acquire('a', { token: 'two', ttl: SHORT });
    expect(await on.acquire('a')).toMatchObject({ denied: { a: ['two', expect.anything()] } });
    expect(await on.state('a')).toEqual([{ two: SHORT }]);
  }),

  test('one-grant: a command takes all its keys or none, and says which are held', async (on) => {
    await on.acquire('b', { token: 'two', ttl: SHORT });
    await on.acquire('d', { token: 'three' });
    expect(await on.acquire('a b c d', { fence: await on.now() })).toEqual(
      denied({ b: ['two', SHORT], d: ['three', TTL] }),
    );
    expect(await on.state('a b c')).toEqual([FREE, { two: SHORT }, FREE]);
    expect(await on.existing('a b c d')).toEqual(['b', 'd']);
  }),

  test('one-grant: a denial shows the first 64 bytes of a value', async (on) => {
    await on.acquire('a', { token: 'x'.repeat(100) });
    expect(await on.acquire('a b')).toEqual(denied({ a: ['x'.repeat(64), TTL] }));
    expect(await on.acquire('a')).toMatchObject({
      denied: { a: ['x'.repeat(64), expect.anything()] },
    });
  }),

  test('one-grant: the token that holds a key is granted again, and the key keeps its expiry', async (on) => {
    await on.acquire('a', { ttl: SHORT });
    expect(await on.acquire('a', { ttl: LONG })).toEqual(granted());
    expect(await on.state('a')).toEqual([{ one: SHORT }]);
    expect(await on.acquire('a b')).toEqual(granted());
    expect(await on.state('a b')).toEqual([{ one: SHORT }, { one: TTL }]);
  }),

  test('owner-only: an adoption takes the keys that the given token holds, all or none, with the expiry that they have', async (on) => {
    await on.acquire('a', { token: 'old', ttl: LONG });
    await on.acquire('b', { token: 'two', ttl: SHORT });
    const rest = { replaces: 'old', fence: await on.now() };
    expect(await on.acquire('a b c', rest)).toEqual(
      denied({ b: ['two', SHORT], c: ['', FOREVER] }),
    );
    expect(await on.existing('a b c')).toEqual(['a', 'b']);
    expect(await on.state('a b')).toEqual([{ old: LONG }, { two: SHORT }]);
    await on.acquire('c', { token: 'old', ttl: SHORT });
    expect(await on.acquire('a c', { replaces: 'old' })).toEqual(adopted(0, SHORT));
    expect(await on.state('a c')).toEqual([{ one: LONG }, { one: SHORT }]);
    expect(await on.acquire('a c', { replaces: 'old' })).toEqual(adopted(0, SHORT));
    expect(await on.extend('a', { token: 'old' })).toBe('absent');
  }),

  test('owner-only: an inspection says who holds a key, and for how long', async (on) => {
    await on.acquire('a');
    const holders = [['one', TTL, 'exclusive']];
    expect(await on.inspect('a')).toEqual({ holders, waiting: 0 });
    expect(await on.inspect('b')).toEqual({ holders: [], waiting: 0 });
  }),
];

export const acquireOnRedis: readonly Case[] = [
  test('one-grant: a foreign value without expiry is denied and stays as it is', async (on) => {
    await on.redis.client.set('a', 'data');
    await on.redis.client.set('b', '');
    expect(await on.acquire('a')).toEqual(denied({ a: ['data', FOREVER] }));
    expect(await on.acquire('b')).toEqual(denied({ b: ['', FOREVER] }));
    expect(await on.state('a b')).toEqual([{ data: FOREVER }, { '': FOREVER }]);
  }),

  test('one-grant: a key that is no string is denied and stays as it is', async (on) => {
    await on.redis.client.rpush('list', 'x');
    expect(await on.acquire('list')).toEqual(denied({ list: ['(not a string)', FOREVER] }));
    expect(await on.acquire('a list')).toEqual(denied({ list: ['(not a string)', FOREVER] }));
    expect(await on.redis.client.lrange('list', 0, -1)).toEqual(['x']);
    expect(await on.state('a')).toEqual([FREE]);
  }),

  test('owner-only: an adoption leaves a key without expiry as it is, and a key that is no string', async (on) => {
    await on.redis.client.set('a', 'old');
    await on.redis.client.rpush('list', 'x');
    const rest = { replaces: 'old' };
    expect(await on.acquire('a', rest)).toEqual(denied({ a: ['old', FOREVER] }));
    expect(await on.acquire('list', rest)).toEqual(denied({ list: ['(not a string)', FOREVER] }));
    expect(await on.state('a')).toEqual([{ old: FOREVER }]);
  }),

  test('owner-only: an inspection of a key that is no string is an error', async (on) => {
    await on.redis.client.set('a', 'data');
    await on.redis.client.rpush('list', 'x');
    const holders = [['data', FOREVER, 'exclusive']];
    expect(await on.inspect('a')).toEqual({ holders, waiting: 0 });
    expect(await on.inspect('list')).toEqual(failed('WRONGTYPE'));
  }),
];
