import { expect } from '@jest/globals';
import { type Case, test } from '../support/case.js';
import { enqueue, listen, queue, queueKey } from '../support/queues.js';
import {
  denied,
  failed,
  FREE,
  granted,
  type Rest,
  Subject,
  TTL,
  WINDOW,
} from '../support/subject.js';

const SHARED = { mode: 'shared' } as const;
const PERMITS = { permits: 3 } as const;
const permit = (index: number): string => `{s}:permit:${index}`;

/** Requests keys for the process `me`, which is entered if it is denied. */
const wait = async (on: Subject, keys: string, ticket: number, rest: Rest = {}) =>
  on.acquire(keys, { token: 'mine', ticket, keep: 0, ...rest });

/** Holds all permits but these. */
async function holdPermits(on: Subject, ...free: readonly number[]): Promise<void> {
  for (const index of [0, 1, 2]) {
    if (!free.includes(index)) await on.server.set(permit(index), 'one', TTL);
  }
}

/** Queues of shared locks and of semaphores. */
export const queueModes: readonly Case[] = [
  test('queue: shared requests pass shared entries, and no exclusive one', async (on) => {
    const heard = await listen(on, 'reader', 'writer');
    await enqueue(on, 'a', 's:reader', 'writer');
    expect(await wait(on, 'a', 15, SHARED)).toEqual(granted());
    expect(await on.acquire('a', { ...SHARED, token: 'two' })).toEqual(
      denied({ a: [null, TTL, { rank: 2 }] }),
    );
    expect(await heard()).toEqual([]);
    expect(await wait(on, 'a', 25, SHARED)).toEqual(granted());
    await on.release('a', { ...SHARED, token: 'mine', quiet: true });
    expect(await wait(on, 'a', 25, SHARED)).toEqual(denied({ a: [null, WINDOW, { rank: 2 }] }));
    expect(await heard()).toEqual(['writer 20']);
    expect(await queue(on, 'a')).toBe('s:reader !writer s:me');
  }),

  test('queue: a release notifies all shared waiters up to the first exclusive one', async (on) => {
    const heard = await listen(on, 'p', 'q', 'r', 's', 'writer');
    await on.acquire('a');
    await enqueue(on, 'a', 's:p', 's:dead', '!s:q', 's:r', 'writer', 's:s');
    await on.release('a');
    expect(await heard()).toEqual(['p 10', 'r 40']);
    expect(await queue(on, 'a')).toBe('!s:p !s:q !s:r writer s:s');
    await on.server.delete(queueKey('a'));
    await enqueue(on, 'a', '!writer', 's:s');
    expect(await on.release('a')).toBe('absent');
    expect(await heard()).toHaveLength(2);
  }),

  test('queue: a release of a key that stays shared notifies shared waiters only', async (on) => {
    const heard = await listen(on, '1', 'writer');
    await on.acquire('a', SHARED);
    await on.acquire('a', { ...SHARED, token: 'two' });
    await enqueue(on, 'a', 's:1', 'writer');
    expect(await on.release('a', SHARED)).toBe('released');
    expect(await heard()).toEqual(['1 10']);
    await on.server.delete(queueKey('a'));
    await enqueue(on, 'a', 'writer');
    expect(await on.release('a', SHARED)).toBe('absent');
    expect(await heard()).toHaveLength(1);
    expect(await on.release('a', { ...SHARED, token: 'two' })).toBe('released');
    expect(await heard()).toEqual(['1 10', 'writer 10']);
  }),

  test('queue: a permit is granted if fewer waiters are ahead than permits are free', async (on) => {
    const heard = await listen(on, 'first', 'second');
    await holdPermits(on, 1, 2);
    await enqueue(on, permit(0), 'first/3', 'second/3');
    expect(await wait(on, permit(2), 15, PERMITS)).toEqual(granted());
    await on.release(permit(2), { ...PERMITS, token: 'mine', quiet: true });
    expect(await heard()).toEqual(['first 10 1']);
    expect(await wait(on, permit(2), 25, PERMITS)).toEqual(
      denied({ [permit(2)]: [null, WINDOW, { rank: 2 }, { free: '1 2', room: false }] }),
    );
    expect(await heard()).toEqual(['first 10 1', 'second 20 2']);
    expect(await queue(on, permit(0))).toBe('!first/3 !second/3 me/3');
  }),

  test('queue: a denial of a permit says whether another one would be granted', async (on) => {
    const heard = await listen(on, 'first');
    await holdPermits(on, 1);
    await enqueue(on, permit(0), 'first/3');
    expect(await wait(on, permit(0), 5, PERMITS)).toEqual(
      denied({ [permit(0)]: ['one', TTL, { free: '1', room: true }] }),
    );
    expect(await wait(on, permit(0), 15, { ...PERMITS, process: 'other' })).toEqual(
      denied({ [permit(0)]: ['one', WINDOW, { rank: 1 }, { free: '1', room: false }] }),
    );
    expect(await heard()).toEqual(['first 10 1']);
    await holdPermits(on);
    expect(await wait(on, permit(1), 25, PERMITS)).toEqual(
      denied({ [permit(1)]: ['one', TTL, { rank: 2 }] }),
    );
  }),

  test('queue: a waiter that can use none of the free permits is not ahead, and not notified', async (on) => {
    const heard = await listen(on, 'old', 'new');
    await holdPermits(on, 2);
    await enqueue(on, permit(0), 'old/2', 'new/3');
    expect(await wait(on, permit(2), 15, PERMITS)).toEqual(granted());
    await on.server.delete(permit(2));
    expect(await on.release(permit(2), PERMITS)).toBe('absent');
    expect(await heard()).toEqual(['new 20 2']);
    await on.server.delete(permit(1));
    expect(await on.release(permit(1), PERMITS)).toBe('absent');
    expect(await heard()).toEqual(['new 20 2', 'old 10 1']);
    expect(await on.release(permit(1), PERMITS)).toBe('absent');
    expect(await heard()).toHaveLength(2);
  }),

  test('queue: releases of permits notify one waiter for each permit', async (on) => {
    await holdPermits(on);
    await enqueue(on, permit(0), 'dead/3', 'first/3', '!busy/3', 'second/3');
    const heard = await listen(on, 'first', 'second', 'busy');
    const release = { verb: 'release', ...PERMITS } as const;
    await on.askAll({ ...release, keys: permit(0) }, { ...release, keys: permit(2) });
    expect(await heard()).toEqual(['first 20 0', 'second 40 2']);
    expect(await queue(on, permit(0))).toBe('!first/3 !busy/3 !second/3');
  }),
];

export const queuesOnRedis: readonly Case[] = [
  test('queue: a user without rights to channels can release, and the entries are dropped', async (on) => {
    const mute = new Subject(await on.redis.asUser('~*', '+@all', 'resetchannels'), on.options);
    await enqueue(on, 'a', 'first', 'second');
    const heard = await listen(on, 'first');
    await on.acquire('b');
    await on.server.set('a', 'one', TTL);
    expect(await mute.release('a')).toBe('released');
    expect(await heard()).toEqual([]);
    expect(await on.existing('a')).toEqual([]);
  }),

  test('queue: a queue of another type fails requests for its key only, and no release', async (on) => {
    const server = on.redis;
    await server.client.set('{a}:waiting', 'no queue');
    const wrong = failed('WRONGTYPE');
    const fence = await on.now();
    expect(await on.acquire('a', { fence })).toEqual(wrong);
    const outcomes = await on.askAll(
      { verb: 'acquire', keys: 'a', token: 'two', ticket: 5, keep: 0 },
      { verb: 'acquire', keys: 'b', ticket: 5, keep: 0 },
      { verb: 'inspect', keys: 'a' },
    );
    expect(outcomes).toEqual([wrong, granted(), wrong]);
    await server.set('a', 'one', TTL);
    expect(await on.release('a', { tickets: [5] })).toBe('released');
    expect(await on.state('a')).toEqual([FREE]);
  }),

  test('queue: a server out of memory denies with an error what it cannot enter', async (on) => {
    const server = on.redis;
    await on.acquire('b');
    await server.whileFull(async () => {
      expect(await on.acquire('b', { token: 'two', ticket: 5, keep: 0 })).toEqual(failed('OOM'));
    });
    expect(await on.existing('b')).toEqual(['b']);
  }),
];
