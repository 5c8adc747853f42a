import { expect } from '@jest/globals';
import { type Case, test } from '../support/case.js';
import { denied, FOREVER, granted, Subject, TTL } from '../support/subject.js';

const PERMITS = 4;
const keyOf = (permit: number): string => `{s}:permit:${permit}`;

/** The numbers of a thousand permits. */
const ALL = Array.from({ length: 1000 }, (_, permit) => permit).join(' ');

/** Gives permits to tokens of their numbers. */
async function hold(on: Subject, ...permits: readonly number[]): Promise<void> {
  for (const permit of permits) await on.server.set(keyOf(permit), `${permit}`, TTL);
}

export const permits: readonly Case[] = [
  test('one-grant: a permit is granted with its own counter if its key is free', async (on) => {
    const fence = await on.now();
    await hold(on, 0);
    const request = { permits: PERMITS, fence };
    expect(await on.acquire(keyOf(2), request)).toEqual(granted(fence));
    expect(await on.acquire(keyOf(2), request)).toEqual(granted(fence));
    expect(await on.state(keyOf(2))).toEqual([{ one: TTL }]);
    expect(await on.existing(`${keyOf(0)} ${keyOf(2)}`)).toEqual([
      keyOf(0),
      keyOf(2),
      `${keyOf(2)}::fencing`,
    ]);
    expect(await on.release(keyOf(2), { permits: PERMITS })).toBe('released');
  }),

  test('one-grant: a permit that is held is denied with the states of all permits', async (on) => {
    await hold(on, 0, 3);
    expect(await on.acquire(keyOf(3), { permits: PERMITS })).toEqual(
      denied({ [keyOf(3)]: ['3', TTL, { free: '1 2', room: true }] }),
    );
    expect(await on.state(keyOf(3))).toEqual([{ 3: TTL }]);
  }),

  test('one-reply: requests for permits share a command with each other and with other requests', async (on) => {
    await hold(on, 0, 1, 3);
    const one = { verb: 'acquire', permits: PERMITS } as const;
    const outcomes = await on.askAll(
      { ...one, keys: keyOf(0) },
      { ...one, keys: keyOf(2), token: 'two' },
      { verb: 'acquire', keys: 'x' },
      { ...one, keys: keyOf(3) },
    );
    expect(outcomes).toEqual([
      denied({ [keyOf(0)]: ['0', TTL, { free: '2', room: true }] }),
      granted(),
      granted(),
      denied({ [keyOf(3)]: ['3', TTL] }),
    ]);
  }),

  test('one-grant: a denial has the states of a thousand permits', async (on) => {
    await hold(on, 0);
    expect(await on.acquire(keyOf(0), { permits: 1000 })).toEqual(
      denied({ [keyOf(0)]: ['0', TTL, { free: ALL.slice(2), room: true }] }),
    );
  }),
];

export const permitsOnRedis: readonly Case[] = [
  test('one-grant: the states of permits have the prefix that a client puts before keys', async (on) => {
    await on.redis.client.mset('app:{s}:permit:0', 'x', 'app:{s}:permit:2', 'x');
    const prefixed = new Subject(on.redis.withPrefix('app:'), on.options);
    expect(await prefixed.acquire(keyOf(0), { permits: PERMITS })).toEqual(
      denied({ [keyOf(0)]: ['x', FOREVER, { free: '1 3', room: true }] }),
    );
  }),
];
