import { expect } from '@jest/globals';
import { type Case, test } from '../support/case.js';
import { enqueue, entriesOf, listen, queue, queueKey } from '../support/queues.js';
import {
  denied,
  FREE,
  granted,
  KEEP,
  LEASE,
  LONG,
  type Rest,
  Subject,
  TTL,
  WINDOW,
} from '../support/subject.js';

/** Requests keys for the process `me`, which is entered if it is denied. */
const wait = async (on: Subject, keys: string, ticket: number, rest: Rest = {}) =>
  on.acquire(keys, { token: 'mine', ticket, keep: 0, ...rest });

export const queues: readonly Case[] = [
  test('queue: a denied waiter is entered once, and its entry renews', async (on) => {
    await on.acquire('a');
    await enqueue(on, 'a', 'first', 'second');
    for (const _ of ['once', 'again']) {
      expect(await wait(on, 'a', 25)).toEqual(denied({ a: ['one', TTL, { rank: 2 }] }));
      expect(await entriesOf(on, 'a')).toEqual({ first: LONG, second: LONG, me: LEASE });
    }
    await wait(on, 'b', 1);
    expect(await on.existing('b')).toEqual(['b']);
    await on.server.delete(queueKey('a'));
    await wait(on, 'a', 25);
    expect(await on.server.remaining(queueKey('a'))).toBeLessThanOrEqual(LEASE);
  }),

  test('queue: the expiry of a queue is its latest entry', async (on) => {
    await on.acquire('a');
    await wait(on, 'a', 5);
    const [entry] = await on.server.members(queueKey('a'));
    const until = Number.parseInt(entry?.[0] ?? '', 10);
    expect(await on.server.expiresAt(queueKey('a'))).toBe(until);
    await enqueue(on, 'a', 'first');
    const expiry = await on.server.expiresAt(queueKey('a'));
    await wait(on, 'a', 5);
    expect(await on.server.expiresAt(queueKey('a'))).toBe(expiry);
  }),

  test('queue: a request that is not entered leaves the queue as it is', async (on) => {
    await on.acquire('a');
    await enqueue(on, 'a', 'first', 'me');
    expect(await on.acquire('a', { token: 'two', ticket: 20 })).toMatchObject({ denied: {} });
    expect(await on.acquire('a', { token: 'two' })).toEqual(
      denied({ a: ['one', TTL, { rank: 2 }] }),
    );
    expect(await entriesOf(on, 'a')).toEqual({ first: LONG, me: LONG });
  }),

  test('queue: a free key is denied while another waiter is ahead, which is notified', async (on) => {
    const heard = await listen(on, 'first', 'second');
    await enqueue(on, 'a', 'first', 'second');
    expect(await on.acquire('a')).toEqual(denied({ a: [null, WINDOW, { rank: 2 }] }));
    expect(await wait(on, 'a', 15)).toEqual(denied({ a: [null, WINDOW, { rank: 1 }] }));
    expect(await wait(on, 'a', 30, { process: 'other' })).toEqual(
      denied({ a: [null, WINDOW, { rank: 3 }] }),
    );
    expect(await heard()).toEqual(['first 10']);
    expect(await on.state('a')).toEqual([FREE]);
    expect(await queue(on, 'a')).toBe('!first me second other');
  }),

  test('queue: a waiter is granted ahead of higher tickets, and its entry is removed', async (on) => {
    const heard = await listen(on, 'first', 'second');
    await enqueue(on, 'a', 'first', '!me', 'second');
    expect(await wait(on, 'a', 5)).toEqual(granted());
    expect(await queue(on, 'a')).toBe('first !me second');
    await on.release('a', { token: 'mine', quiet: true });
    expect(await wait(on, 'a', 20)).toMatchObject({ denied: {} });
    await on.server.delete(queueKey('a'));
    await enqueue(on, 'a', '!me', 'second');
    const fence = await on.now();
    expect(await wait(on, 'a', 10, { fence })).toEqual(granted(fence));
    expect(await queue(on, 'a')).toBe('second');
    expect(await heard()).toEqual(['first 10']);
  }),

  test('queue: a request with a ticket that is not entered passes higher tickets', async (on) => {
    await enqueue(on, 'a', 'first');
    const fence = await on.now();
    expect(await on.acquire('a', { fence, ticket: 5 })).toEqual(granted(fence));
    expect(await queue(on, 'a')).toBe('first');
  }),

  test('queue: of equal tickets the lower channel is ahead, whatever the other fields are', async (on) => {
    await listen(on, 'b', 'z');
    await enqueue(on, 'a', 'b@50', 'z@50');
    expect(await wait(on, 'a', 50, { process: 'm' })).toEqual(
      denied({ a: [null, WINDOW, { rank: 1 }] }),
    );
    await on.server.delete(queueKey('a'));
    await enqueue(on, 'a', '!z@50', 'Z@50');
    expect(await wait(on, 'a', 50, { process: 'A' })).toEqual(granted());
    await on.release('a', { token: 'mine', quiet: true });
    expect(await wait(on, 'a', 50, { process: 'Y' })).toEqual(granted());
  }),

  test('queue: an entry of the same process with another ticket counts as any other', async (on) => {
    await listen(on, 'me');
    await enqueue(on, 'a', 'me');
    expect(await wait(on, 'a', 15)).toEqual(denied({ a: [null, WINDOW, { rank: 1 }] }));
    expect(await wait(on, 'a', 10)).toEqual(granted());
  }),

  test('queue: tickets are compared as numbers', async (on) => {
    await listen(on, 'late');
    await enqueue(on, 'a', 'late@1764000000000001');
    expect(await wait(on, 'a', 1_764_000_000_000_000)).toEqual(granted());
    await on.release('a', { token: 'mine', quiet: true });
    expect(await wait(on, 'a', 1_764_000_000_000_002)).toMatchObject({ denied: {} });
  }),

  test('queue: entries whose time has passed, and waiters that nobody reaches, are dropped', async (on) => {
    const heard = await listen(on, 'alive', 'next');
    await enqueue(on, 'a', '~late', 'dead', 'dead-too', 'alive', 'next');
    expect(await on.acquire('a')).toEqual(denied({ a: [null, WINDOW, { rank: 2 }] }));
    expect(await heard()).toEqual(['alive 40']);
    expect(await queue(on, 'a')).toBe('!alive next');
    await enqueue(on, 'b', 'dead');
    expect(await on.acquire('b')).toEqual(granted());
    expect(await on.existing('b')).toEqual(['b']);
  }),

  test('queue: once a notified waiter has not come back, all that are ahead are notified', async (on) => {
    const heard = await listen(on, 'p', 'q', 'r', 's');
    await enqueue(on, 'a', '!~dead', 'p', 'q', 'r', 's');
    expect(await wait(on, 'a', 45)).toEqual(denied({ a: [null, WINDOW, { rank: 3 }] }));
    expect(await heard()).toEqual(['p 20', 'q 30', 'r 40']);
    expect(await queue(on, 'a')).toBe('!p !q !r me s');
    expect(await wait(on, 'a', 45)).toEqual(denied({ a: [null, WINDOW, { rank: 3 }] }));
    expect(await heard()).toHaveLength(3);
  }),

  test('queue: a release notifies the first waiter, once', async (on) => {
    await on.acquire('a');
    await enqueue(on, 'a', 'dead', '~late', 'first', 'second');
    const heard = await listen(on, 'first', 'second');
    expect(await on.release('a')).toBe('released');
    expect(await on.release('a')).toBe('absent');
    expect(await heard()).toEqual(['first 30']);
    expect(await entriesOf(on, 'a')).toEqual({ '!first': WINDOW, second: LONG });
    expect(await on.state('a')).toEqual([FREE]);
  }),

  test('queue: a release that finds a key free notifies, one that finds it held does not', async (on) => {
    await enqueue(on, 'a', 'first');
    await enqueue(on, 'b', 'first');
    const heard = await listen(on, 'first');
    await on.server.set('b', 'another', TTL);
    expect(await on.release('a')).toBe('absent');
    expect(await on.release('b')).toBe('absent');
    expect(await heard()).toEqual(['first 10']);
  }),

  test('queue: a process has an entry for each of its tickets, also if they are entered at the same time', async (on) => {
    await on.acquire('a');
    const entering = { verb: 'acquire', keys: 'a', token: 'two', keep: 0 } as const;
    await on.askAll({ ...entering, ticket: 5 }, { ...entering, ticket: 6 });
    const members = await on.server.members(queueKey('a'));
    expect(members.map(([, ticket]) => ticket)).toEqual([5, 6]);
    const heard = await listen(on, 'me');
    await on.release('a', { tickets: [5] });
    expect(await heard()).toEqual(['me 6']);
  }),

  test('queue: a release removes the entries of its tickets before it notifies', async (on) => {
    const heard = await listen(on, 'me', 'first', 'second');
    await on.acquire('a');
    await enqueue(on, 'a', 'me@10', 'first@10', 'me@30', 'me@40', 'second@50');
    expect(await on.release('a', { tickets: [10, 40, 77] })).toBe('released');
    expect(await queue(on, 'a')).toBe('!first me second');
    expect(await heard()).toEqual(['first 10']);
    expect(await on.release('a', { token: 'none', process: 'first', tickets: [10] })).toBe(
      'absent',
    );
    expect(await queue(on, 'a')).toBe('!me second');
  }),

  test('queue: a quiet release, and one that leaves the key to another token, notify no waiter', async (on) => {
    await enqueue(on, 'a', 'first', 'me');
    const heard = await listen(on, 'first');
    await on.acquire('b');
    await on.server.set('a', 'one', TTL);
    expect(await on.release('a', { quiet: true })).toBe('released');
    await on.server.set('a', 'one', TTL);
    expect(await on.release('a', { successor: 'next', tickets: [20] })).toBe('released');
    expect(await heard()).toEqual([]);
    expect(await queue(on, 'a')).toBe('first');
  }),

  test('queue: a release notifies after the requests of its command, and only if the key is still free', async (on) => {
    await on.acquire('a b');
    await on.acquire('c');
    await enqueue(on, 'a', 'me', 'first');
    await enqueue(on, 'b', 'first');
    await enqueue(on, 'c', 'me');
    const heard = await listen(on, 'first', 'me');
    const outcomes = await on.askAll(
      { verb: 'release', keys: 'a b' },
      { verb: 'release', keys: 'c', tickets: [10] },
      { verb: 'acquire', keys: 'a', token: 'two', ticket: 10, keep: 0 },
    );
    expect(outcomes).toEqual(['released', 'released', granted()]);
    expect(await heard()).toEqual(['first 10']);
    expect(await Promise.all(['a', 'b', 'c'].map((key) => queue(on, key)))).toEqual([
      'first',
      '!first',
      '',
    ]);
  }),

  ...[0, KEEP].map((keep) =>
    test(`queue: a denied request for several keys keeps its turn on others for ${keep} ms`, async (on) => {
      const heard = await listen(on, 'next');
      await on.acquire('b', { token: 'two' });
      await enqueue(on, 'a', 'me', 'next');
      await enqueue(on, 'b', 'me');
      await enqueue(on, 'c', 'next');
      expect(await wait(on, 'a b', 10, { keep })).toEqual(denied({ b: ['two', TTL] }));
      expect(await entriesOf(on, 'b')).toEqual({ me: LEASE });
      const isKept = keep > 0;
      expect(await entriesOf(on, 'a')).toEqual(
        isKept ? { '!me': KEEP, next: LONG } : { '!next': WINDOW },
      );
      expect(await heard()).toEqual(isKept ? [] : ['next 20']);
      expect(await wait(on, 'b c', 5, { keep })).toEqual(denied({ b: ['two', TTL] }));
      expect(await queue(on, 'c')).toBe('next');
    }),
  ),

  test('queue: on a Cluster everybody counts as reached', async (on) => {
    const clustered = new Subject(on.server, { ...on.options, onCluster: true });
    await enqueue(on, 'a', 'silent', 'next');
    await enqueue(on, 'b', 'silent', 'next');
    expect(await clustered.acquire('a')).toEqual(denied({ a: [null, WINDOW, { rank: 2 }] }));
    expect(await queue(on, 'a')).toBe('!silent next');
    await clustered.release('b');
    expect(await queue(on, 'b')).toBe('!silent next');
  }),

  test('queue: adoptions, extensions and keys without a queue in their slot touch no queue', async (on) => {
    const heard = await listen(on, 'first');
    await on.acquire('a', { token: 'old' });
    await enqueue(on, 'a', 'first');
    await enqueue(on, 'b', 'first');
    await on.acquire('a', { replaces: 'old' });
    await on.extend('a b', { repair: true });
    await on.release('b', { quiet: true });
    expect(await on.acquire('b', { queued: false })).toEqual(granted());
    expect(await on.release('b', { queued: false })).toBe('released');
    expect(await on.inspect('a')).toMatchObject({ waiting: 1 });
    expect(await heard()).toEqual([]);
    expect([await queue(on, 'a'), await queue(on, 'b')]).toEqual(['first', 'first']);
  }),

  test('queue: the token that holds a key is granted again, whoever waits', async (on) => {
    await on.acquire('a', { fence: 1, token: 'mine' });
    await enqueue(on, 'a', 'first', 'me');
    const fence = await on.now();
    const [counter] = (await on.counters('a')) as [object];
    const value = Number(Object.keys(counter)[0]);
    expect(await on.acquire('a', { token: 'mine', fence })).toEqual(granted(value));
    expect(await wait(on, 'a', 20, { fence })).toEqual(granted(value));
    expect(await queue(on, 'a')).toBe('first');
  }),

  ...['with:colons', '{tag}', 'a%db', 'ünï\ncode', '7:8', 'permit:3', 'x:permits'].map((key) =>
    test(`queue: a waiter for the key ${JSON.stringify(key)} is notified and granted`, async (on) => {
      const heard = await listen(on, 'me');
      await on.acquire(key);
      await wait(on, key, 5);
      expect(await on.release(key)).toBe('released');
      expect(await heard()).toEqual(['me 5']);
      expect(await wait(on, key, 5)).toEqual(granted());
    }),
  ),
];
