import { beforeEach, describe, expect, test } from '@jest/globals';
import { enqueue, entriesOf, listen, queue, queueKey } from './support/queues.js';
import { redisOfFile } from './support/redis-server.js';
import { LocalServer } from './support/server.js';
import {
  denied,
  failed,
  FREE,
  granted,
  KEEP,
  LEASE,
  LONG,
  type Rest,
  Subject,
  TTL,
  WINDOW,
} from './support/subject.js';

// The rules of waiting on one node. The memory server does the same in every other situation (memory-twin.test.ts), and
// the tests of the core say what waiters make of it.

const SHARED = { mode: 'shared' } as const;
const PERMITS = { permits: 3 } as const;
const permit = (index: number): string => `{s}:permit:${index}`;

const redis = redisOfFile();
const memory = new LocalServer();

describe.each([
  { where: 'a real server, by small scripts', way: 'small', server: redis },
  { where: 'a real server, by the large script', way: 'large', server: redis },
  { where: 'a real server, in a batch', way: 'batched', server: redis },
  { where: 'the memory server, by small scripts', way: 'small', server: () => memory },
  { where: 'the memory server, by the large script', way: 'large', server: () => memory },
] as const)('on $where:', ({ way, server }) => {
  let on: Subject;

  beforeEach(async () => {
    on = new Subject(server(), { way });
    await on.server.clear();
  });

  /** Requests keys for the process `me`, which is entered if it is denied. */
  const wait = async (keys: string, ticket: number, rest: Rest = {}) =>
    on.acquire(keys, { token: 'mine', ticket, keep: 0, ...rest });
  /** Holds permits, all but these. */
  const holdPermits = async (...free: readonly number[]) => {
    for (const index of [0, 1, 2]) {
      if (!free.includes(index)) await on.server.set(permit(index), 'one', TTL);
    }
  };

  test('queue: a denied waiter is entered once, and its entry renews', async () => {
    await on.acquire('a');
    await enqueue(on, 'a', 'first', 'second');
    for (const _ of ['once', 'again']) {
      expect(await wait('a', 25)).toEqual(denied({ a: ['one', TTL, { rank: 2 }] }));
      expect(await entriesOf(on, 'a')).toEqual({ first: LONG, second: LONG, me: LEASE });
    }
    await wait('b', 1);
    expect(await on.existing('b')).toEqual(['b']);
    await on.server.delete(queueKey('a'));
    await wait('a', 25);
    expect(await on.server.remaining(queueKey('a'))).toBeLessThanOrEqual(LEASE);
  });

  test('queue: the expiry of a queue is its latest entry', async () => {
    await on.acquire('a');
    await wait('a', 5);
    const [[member]] = (await on.server.members(queueKey('a'))) as [[string]];
    expect(await on.server.expiresAt(queueKey('a'))).toBe(Number.parseInt(member, 10));
    await enqueue(on, 'a', 'first');
    const expiry = await on.server.expiresAt(queueKey('a'));
    await wait('a', 5);
    expect(await on.server.expiresAt(queueKey('a'))).toBe(expiry);
  });

  test('queue: a request that is not entered leaves the queue as it is', async () => {
    await on.acquire('a');
    await enqueue(on, 'a', 'first', 'me');
    expect(await on.acquire('a', { token: 'two', ticket: 20 })).toMatchObject({ denied: {} });
    expect(await on.acquire('a', { token: 'two' })).toEqual(
      denied({ a: ['one', TTL, { rank: 2 }] }),
    );
    expect(await entriesOf(on, 'a')).toEqual({ first: LONG, me: LONG });
  });

  test('queue: a free key is denied while another waiter is ahead, which is notified', async () => {
    const heard = await listen(on, 'first', 'second');
    await enqueue(on, 'a', 'first', 'second');
    expect(await on.acquire('a')).toEqual(denied({ a: [null, WINDOW, { rank: 2 }] }));
    expect(await wait('a', 15)).toEqual(denied({ a: [null, WINDOW, { rank: 1 }] }));
    expect(await wait('a', 30, { process: 'other' })).toEqual(
      denied({ a: [null, WINDOW, { rank: 3 }] }),
    );
    expect(await heard()).toEqual(['first 10']);
    expect(await on.state('a')).toEqual([FREE]);
    expect(await queue(on, 'a')).toBe('!first me second other');
  });

  test('queue: a waiter is granted ahead of higher tickets, and its entry is removed', async () => {
    const heard = await listen(on, 'first', 'second');
    await enqueue(on, 'a', 'first', '!me', 'second');
    expect(await wait('a', 5)).toEqual(granted());
    expect(await queue(on, 'a')).toBe('first !me second');
    await on.release('a', { token: 'mine', quiet: true });
    expect(await wait('a', 20)).toMatchObject({ denied: {} });
    await on.server.delete(queueKey('a'));
    await enqueue(on, 'a', '!me', 'second');
    const fence = await on.now();
    expect(await wait('a', 10, { fence })).toEqual(granted(fence));
    expect(await queue(on, 'a')).toBe('second');
    expect(await heard()).toEqual(['first 10']);
  });

  test('queue: a request with a ticket that is not entered passes higher tickets', async () => {
    await enqueue(on, 'a', 'first');
    const fence = await on.now();
    expect(await on.acquire('a', { fence, ticket: 5 })).toEqual(granted(fence));
    expect(await queue(on, 'a')).toBe('first');
  });

  test('queue: of equal tickets the lower channel is ahead, whatever the other fields are', async () => {
    await listen(on, 'b', 'z');
    await enqueue(on, 'a', 'b@50', 'z@50');
    expect(await wait('a', 50, { process: 'm' })).toEqual(
      denied({ a: [null, WINDOW, { rank: 1 }] }),
    );
    await on.server.delete(queueKey('a'));
    await enqueue(on, 'a', '!z@50', 'Z@50');
    expect(await wait('a', 50, { process: 'A' })).toEqual(granted());
    await on.release('a', { token: 'mine', quiet: true });
    expect(await wait('a', 50, { process: 'Y' })).toEqual(granted());
  });

  test('queue: an entry of the same process with another ticket counts as any other', async () => {
    await listen(on, 'me');
    await enqueue(on, 'a', 'me');
    expect(await wait('a', 15)).toEqual(denied({ a: [null, WINDOW, { rank: 1 }] }));
    expect(await wait('a', 10)).toEqual(granted());
  });

  test('queue: tickets are compared as numbers', async () => {
    await listen(on, 'late');
    await enqueue(on, 'a', 'late@1764000000000001');
    expect(await wait('a', 1_764_000_000_000_000)).toEqual(granted());
    await on.release('a', { token: 'mine', quiet: true });
    expect(await wait('a', 1_764_000_000_000_002)).toMatchObject({ denied: {} });
  });

  test('queue: entries whose time has passed, and waiters that nobody reaches, are dropped', async () => {
    const heard = await listen(on, 'alive', 'next');
    await enqueue(on, 'a', '~late', 'dead', 'dead-too', 'alive', 'next');
    expect(await on.acquire('a')).toEqual(denied({ a: [null, WINDOW, { rank: 2 }] }));
    expect(await heard()).toEqual(['alive 40']);
    expect(await queue(on, 'a')).toBe('!alive next');
    await enqueue(on, 'b', 'dead');
    expect(await on.acquire('b')).toEqual(granted());
    expect(await on.existing('b')).toEqual(['b']);
  });

  test('queue: once a notified waiter has not come back, all that are ahead are notified', async () => {
    const heard = await listen(on, 'p', 'q', 'r', 's');
    await enqueue(on, 'a', '!~dead', 'p', 'q', 'r', 's');
    expect(await wait('a', 45)).toEqual(denied({ a: [null, WINDOW, { rank: 3 }] }));
    expect(await heard()).toEqual(['p 20', 'q 30', 'r 40']);
    expect(await queue(on, 'a')).toBe('!p !q !r me s');
    expect(await wait('a', 45)).toEqual(denied({ a: [null, WINDOW, { rank: 3 }] }));
    expect(await heard()).toHaveLength(3);
  });

  test('queue: a release notifies the first waiter, once', async () => {
    await on.acquire('a');
    await enqueue(on, 'a', 'dead', '~late', 'first', 'second');
    const heard = await listen(on, 'first', 'second');
    expect(await on.release('a')).toBe('released');
    expect(await on.release('a')).toBe('absent');
    expect(await heard()).toEqual(['first 30']);
    expect(await entriesOf(on, 'a')).toEqual({ '!first': WINDOW, second: LONG });
    expect(await on.state('a')).toEqual([FREE]);
  });

  test('queue: a release that finds a key free notifies, one that finds it held does not', async () => {
    await enqueue(on, 'a', 'first');
    await enqueue(on, 'b', 'first');
    const heard = await listen(on, 'first');
    await on.server.set('b', 'another', TTL);
    expect(await on.release('a')).toBe('absent');
    expect(await on.release('b')).toBe('absent');
    expect(await heard()).toEqual(['first 10']);
  });

  test('queue: a process has an entry for each of its tickets, also if they are entered at the same time', async () => {
    await on.acquire('a');
    const entering = { verb: 'acquire', keys: 'a', token: 'two', keep: 0 } as const;
    await on.askAll({ ...entering, ticket: 5 }, { ...entering, ticket: 6 });
    const members = await on.server.members(queueKey('a'));
    expect(members.map(([, ticket]) => ticket)).toEqual([5, 6]);
    const heard = await listen(on, 'me');
    await on.release('a', { tickets: [5] });
    expect(await heard()).toEqual(['me 6']);
  });

  test('queue: a release removes the entries of its tickets before it notifies', async () => {
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
  });

  test('queue: a quiet release, and one that leaves the key to another token, notify no waiter', async () => {
    await enqueue(on, 'a', 'first', 'me');
    const heard = await listen(on, 'first');
    await on.acquire('b');
    await on.server.set('a', 'one', TTL);
    expect(await on.release('a', { quiet: true })).toBe('released');
    await on.server.set('a', 'one', TTL);
    expect(await on.release('a', { successor: 'next', tickets: [20] })).toBe('released');
    expect(await heard()).toEqual([]);
    expect(await queue(on, 'a')).toBe('first');
  });

  test('queue: a release notifies after the requests of its command, and only if the key is still free', async () => {
    await on.acquire('a b');
    await on.acquire('c');
    await enqueue(on, 'a', 'me', 'first');
    await enqueue(on, 'b', 'first');
    await enqueue(on, 'c', 'first');
    const heard = await listen(on, 'first', 'me');
    const outcomes = await on.askAll(
      { verb: 'release', keys: 'a b' },
      { verb: 'release', keys: 'c', process: 'first', tickets: [10] },
      { verb: 'acquire', keys: 'a', token: 'two', ticket: 10, keep: 0 },
    );
    expect(outcomes).toEqual(['released', 'released', granted()]);
    expect(await heard()).toEqual(['first 10']);
    expect(await Promise.all(['a', 'b', 'c'].map((key) => queue(on, key)))).toEqual([
      'first',
      '!first',
      '',
    ]);
  });

  test.each([0, KEEP])(
    'queue: a denied request for several keys keeps its turn on others for %d ms',
    async (keep) => {
      const heard = await listen(on, 'next');
      await on.acquire('b', { token: 'two' });
      await enqueue(on, 'a', 'me', 'next');
      await enqueue(on, 'b', 'me');
      await enqueue(on, 'c', 'next');
      expect(await wait('a b', 10, { keep })).toEqual(denied({ b: ['two', TTL] }));
      expect(await entriesOf(on, 'b')).toEqual({ me: LEASE });
      const isKept = keep > 0;
      expect(await entriesOf(on, 'a')).toEqual(
        isKept ? { '!me': KEEP, next: LONG } : { '!next': WINDOW },
      );
      expect(await heard()).toEqual(isKept ? [] : ['next 20']);
      expect(await wait('b c', 5, { keep })).toEqual(denied({ b: ['two', TTL] }));
      expect(await queue(on, 'c')).toBe('next');
    },
  );

  test('queue: shared requests pass shared entries, and no exclusive one', async () => {
    const heard = await listen(on, 'reader', 'writer');
    await enqueue(on, 'a', 's:reader', 'writer');
    expect(await wait('a', 15, SHARED)).toEqual(granted());
    expect(await on.acquire('a', { ...SHARED, token: 'two' })).toEqual(
      denied({ a: [null, TTL, { rank: 2 }] }),
    );
    expect(await heard()).toEqual([]);
    expect(await wait('a', 25, SHARED)).toEqual(granted());
    await on.release('a', { ...SHARED, token: 'mine', quiet: true });
    expect(await wait('a', 25, SHARED)).toEqual(denied({ a: [null, WINDOW, { rank: 2 }] }));
    expect(await heard()).toEqual(['writer 20']);
    expect(await queue(on, 'a')).toBe('s:reader !writer s:me');
  });

  test('queue: a release notifies all shared waiters up to the first exclusive one', async () => {
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
  });

  test('queue: a release of a key that stays shared notifies shared waiters only', async () => {
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
  });

  test('queue: a permit is granted if fewer waiters are ahead than permits are free', async () => {
    const heard = await listen(on, 'first', 'second');
    await holdPermits(1, 2);
    await enqueue(on, permit(0), 'first/3', 'second/3');
    expect(await wait(permit(2), 15, PERMITS)).toEqual(granted());
    await on.release(permit(2), { ...PERMITS, token: 'mine', quiet: true });
    expect(await heard()).toEqual(['first 10 1']);
    expect(await wait(permit(2), 25, PERMITS)).toEqual(
      denied({ [permit(2)]: [null, WINDOW, { rank: 2 }, { free: '1 2', room: false }] }),
    );
    expect(await heard()).toEqual(['first 10 1', 'second 20 2']);
    expect(await queue(on, permit(0))).toBe('!first/3 !second/3 me/3');
  });

  test('queue: a denial of a permit says whether another one would be granted', async () => {
    const heard = await listen(on, 'first');
    await holdPermits(1);
    await enqueue(on, permit(0), 'first/3');
    expect(await wait(permit(0), 5, PERMITS)).toEqual(
      denied({ [permit(0)]: ['one', TTL, { free: '1', room: true }] }),
    );
    expect(await wait(permit(0), 15, { ...PERMITS, process: 'other' })).toEqual(
      denied({ [permit(0)]: ['one', WINDOW, { rank: 1 }, { free: '1', room: false }] }),
    );
    expect(await heard()).toEqual(['first 10 1']);
    await holdPermits();
    expect(await wait(permit(1), 25, PERMITS)).toEqual(
      denied({ [permit(1)]: ['one', TTL, { rank: 2 }] }),
    );
  });

  test('queue: a waiter that can use none of the free permits is not ahead, and not notified', async () => {
    const heard = await listen(on, 'old', 'new');
    await holdPermits(2);
    await enqueue(on, permit(0), 'old/2', 'new/3');
    expect(await wait(permit(2), 15, PERMITS)).toEqual(granted());
    await on.server.delete(permit(2));
    expect(await on.release(permit(2), PERMITS)).toBe('absent');
    expect(await heard()).toEqual(['new 20 2']);
    await on.server.delete(permit(1));
    expect(await on.release(permit(1), PERMITS)).toBe('absent');
    expect(await heard()).toEqual(['new 20 2', 'old 10 1']);
    expect(await on.release(permit(1), PERMITS)).toBe('absent');
    expect(await heard()).toHaveLength(2);
  });

  test('queue: releases of permits notify one waiter for each permit', async () => {
    await holdPermits();
    await enqueue(on, permit(0), 'dead/3', 'first/3', '!busy/3', 'second/3');
    const heard = await listen(on, 'first', 'second', 'busy');
    const release = { verb: 'release', ...PERMITS } as const;
    await on.askAll({ ...release, keys: permit(0) }, { ...release, keys: permit(2) });
    expect(await heard()).toEqual(['first 20 0', 'second 40 2']);
    expect(await queue(on, permit(0))).toBe('!first/3 !busy/3 !second/3');
  });

  test('queue: on a Cluster everybody counts as reached', async () => {
    const clustered = new Subject(on.server, { ...on.options, onCluster: true });
    await enqueue(on, 'a', 'silent', 'next');
    await enqueue(on, 'b', 'silent', 'next');
    expect(await clustered.acquire('a')).toEqual(denied({ a: [null, WINDOW, { rank: 2 }] }));
    expect(await queue(on, 'a')).toBe('!silent next');
    await clustered.release('b');
    expect(await queue(on, 'b')).toBe('!silent next');
  });

  test('queue: adoptions, extensions and keys without a queue in their slot touch no queue', async () => {
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
  });

  test('queue: the token that holds a key is granted again, whoever waits', async () => {
    await on.acquire('a', { fence: 1, token: 'mine' });
    await enqueue(on, 'a', 'first', 'me');
    const fence = await on.now();
    const [counter] = (await on.counters('a')) as [object];
    const value = Number(Object.keys(counter)[0]);
    expect(await on.acquire('a', { token: 'mine', fence })).toEqual(granted(value));
    expect(await wait('a', 20, { fence })).toEqual(granted(value));
    expect(await queue(on, 'a')).toBe('first');
  });

  test.each(['with:colons', '{tag}', 'a%db', 'ünï\ncode', '7:8', 'permit:3', 'x:permits'])(
    'queue: a waiter for the key %j is entered, notified and granted',
    async (key) => {
      const heard = await listen(on, 'me');
      await on.acquire(key);
      await wait(key, 5);
      expect(await on.release(key)).toBe('released');
      expect(await heard()).toEqual(['me 5']);
      expect(await wait(key, 5)).toEqual(granted());
    },
  );
});

describe.each(['small', 'large'] as const)('on a real server (%s scripts):', (way) => {
  test('queue: a user without rights to channels can release, and the entries are dropped', async () => {
    const on = new Subject(redis(), { way });
    await on.server.clear();
    const mute = new Subject(await redis().asUser('~*', '+@all', 'resetchannels'), on.options);
    await enqueue(on, 'a', 'first', 'second');
    const heard = await listen(on, 'first');
    await on.acquire('b');
    await on.server.set('a', 'one', TTL);
    expect(await mute.release('a')).toBe('released');
    expect(await heard()).toEqual([]);
    expect(await on.existing('a')).toEqual([]);
  });

  test('queue: a queue of another type fails requests for its key only, and no release', async () => {
    const server = redis();
    const on = new Subject(server, { way });
    await server.clear();
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
  });

  test('queue: a server out of memory denies with an error what it cannot enter', async () => {
    const server = redis();
    const on = new Subject(server, { way });
    await server.clear();
    await on.acquire('b');
    await server.whileFull(async () => {
      expect(await on.acquire('b', { token: 'two', ticket: 5, keep: 0 })).toEqual(failed('OOM'));
    });
    expect(await on.existing('b')).toEqual(['b']);
  });
});
