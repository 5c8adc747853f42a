import { beforeAll, describe, expect, test } from '@jest/globals';
import { BATCH } from '../../packages/redlock-core/src/protocol/program.js';
import type { Wording } from '../../packages/redlock-core/test/support/operations.js';
import {
  channelOf,
  entryOf,
  memberOf,
  queueOf,
  queueUp,
  RESERVATION,
} from './support/queue-words.js';
import { ScriptHost } from './support/script-host.js';

const TTL = 600_000;
const STAND_BY = `stand by ${RESERVATION}`;

const host = ScriptHost.ofFile();

async function hold(keys: string): Promise<void> {
  expect(await host.ask('grant', keys, { token: 'one', ttl: TTL })).toBe(1);
}

function releaseOf(keys: string, entries?: readonly string[], token = 'one'): Wording {
  return { kind: 'release', resources: keys.split(' '), token, ...(entries && { entries }) };
}

async function release(keys: string, entries?: readonly string[], token?: string) {
  return host.batch(releaseOf(keys, entries, token));
}

/** Processes that wait for a key, by ticket, and hear what they are told. @returns what tells it, without the key */
async function waiting(key: string, ...processes: readonly string[]) {
  await queueUp(host, key, ...processes);
  return listening(key, ...processes);
}

async function listening(key: string, ...processes: readonly string[]) {
  const heard = await host.listenTo(...processes.map((process) => channelOf(key, process)));
  return async () => (await heard()).map((each) => each.replace(`${key}:called:`, ''));
}

describe.each([
  ['the program that the core chooses', undefined],
  ['the program for batches', BATCH],
])('a release, by %s:', (_, chosen) => {
  beforeAll(() => {
    host.program = chosen;
  });

  test('calls the first, keeps the key for it, and tells the second to stand by', async () => {
    const heard = await waiting('a', 'first', 'second', 'third');
    await hold('a');
    expect(await release('a')).toBe(1 + 3);
    expect(await heard()).toEqual(['first called', `second ${STAND_BY}`]);
    expect(await host.server.get('a')).toBe('reserved:first');
    const left = await host.server.pttl('a');
    expect(left).toBeLessThanOrEqual(RESERVATION);
    expect(left).toBeGreaterThan(TTL);
    expect(await queueOf(host, 'a')).toEqual(['second', 'third']);
  });

  test('says 1, and leaves no key, where nobody waits', async () => {
    await hold('a');
    expect(await release('a')).toBe(1);
    expect(await host.server.keys('*')).toEqual([]);
  });

  test('passes over those whom nobody hears, and takes them out of the queue', async () => {
    await queueUp(host, 'a', 'dead', 'dead too', 'alive', 'next');
    await host.server.zadd('{a}:waiting', 0, 'no member of ours');
    const heard = await listening('a', 'alive', 'next');
    await hold('a');
    expect(await release('a')).toBe(1 + 5);
    expect(await heard()).toEqual(['alive called', `next ${STAND_BY}`]);
    expect(await host.server.get('a')).toBe('reserved:alive');
    expect(await queueOf(host, 'a')).toEqual(['next']);
  });

  test('leaves the key free if nobody in the queue is heard', async () => {
    await queueUp(host, 'a', 'dead', 'dead too');
    await hold('a');
    expect(await release('a')).toBe(1 + 2);
    expect(await host.server.keys('*')).toEqual([]);
  });

  test('calls also where it finds the key free', async () => {
    const heard = await waiting('a', 'first');
    expect(await release('a')).toBe(0);
    expect(await heard()).toEqual(['first called']);
    expect(await host.server.get('a')).toBe('reserved:first');
  });

  test.each(['another', 'reserved:another'])('calls nobody for a key with %p', async (value) => {
    const heard = await waiting('a', 'first');
    await host.server.set('a', value, 'PX', TTL);
    expect(await release('a')).toBe(0);
    expect(await heard()).toEqual([]);
    expect(await host.server.get('a')).toBe(value);
    expect(await queueOf(host, 'a')).toEqual(['first']);
  });

  test('that comes twice calls only one', async () => {
    const heard = await waiting('a', 'first', 'second');
    await hold('a');
    expect(await release('a')).toBe(1 + 2);
    expect(await release('a')).toBe(0);
    expect(await heard()).toEqual(['first called', `second ${STAND_BY}`]);
  });

  test('takes its own process out of the queue before it calls', async () => {
    const heard = await waiting('a', 'me', 'next');
    await hold('a');
    expect(await release('a', [`-${memberOf('a', 'me')}`])).toBe(1 + 1);
    expect(await heard()).toEqual(['next called']);
  });

  test('passes a key on that is reserved for its own process', async () => {
    const heard = await waiting('a', 'next');
    await host.server.set('a', 'reserved:me', 'PX', TTL);
    expect(await release('a', [`-${memberOf('a', 'me')}`], 'of nobody')).toBe(0);
    expect(await heard()).toEqual(['next called']);
    expect(await host.server.get('a')).toBe('reserved:next');
  });

  test('of a key that another holds takes its process out of the queue all the same', async () => {
    await host.server.set('a', 'another', 'PX', TTL);
    await queueUp(host, 'a', 'me', 'next');
    expect(await release('a', [`-${memberOf('a', 'me')}`], 'of nobody')).toBe(0);
    expect(await queueOf(host, 'a')).toEqual(['next']);
    expect(await host.server.get('a')).toBe('another');
  });

  test('puts the next waiter of its process into the queue before it calls', async () => {
    const heard = await waiting('a', 'first', 'second');
    await hold('a');
    expect(await release('a', [`+${entryOf('a', 'me', 5)}`])).toBe(1 + 3);
    expect(await queueOf(host, 'a')).toEqual(['second', 'me']);
    expect(await heard()).toEqual(['first called', `second ${STAND_BY}`]);
  });

  test('calls its own process where that has the lowest ticket', async () => {
    const heard = await listening('a', 'me', 'first');
    await queueUp(host, 'a', 'first');
    await host.server.set('a', 'reserved:me', 'PX', TTL);
    expect(await release('a', [`+${entryOf('a', 'me', -60_000_000)}`], 'of nobody')).toBe(0);
    // A ticket by the clock is behind one of the year 1970.
    expect(await heard()).toEqual(['first called', `me ${STAND_BY}`]);
    await host.server.del('a');
    expect(await release('a', [`+${entryOf('a', 'me', 1)}`], 'of nobody')).toBe(0);
    expect(await host.server.get('a')).toBe('reserved:me');
  });

  test('that is quiet enters its process again, frees the key, and calls nobody', async () => {
    const heard = await waiting('a', 'first');
    await hold('a');
    expect(await release('a', [`=${entryOf('a', 'me', 5)}`])).toBe(1);
    expect(await heard()).toEqual([]);
    expect(await host.server.get('a')).toBeNull();
    expect(await queueOf(host, 'a')).toEqual(['first', 'me']);
  });

  test('that is quiet and enters nobody leaves the queue as it is', async () => {
    const heard = await waiting('a', 'first');
    await hold('a');
    expect(await release('a', ['='])).toBe(1);
    expect(await heard()).toEqual([]);
    expect(await host.server.get('a')).toBeNull();
    expect(await queueOf(host, 'a')).toEqual(['first']);
  });

  test('of several keys does for each what its entry says, and tells the longest queue', async () => {
    const heard = [
      await waiting('a', 'first'),
      await waiting('b', 'me', 'second', 'third'),
      await waiting('c', 'fourth'),
    ];
    await hold('a b c');
    const entries = ['=', `-${memberOf('b', 'me')}`, ''];
    expect(await release('a b c', entries)).toBe(1 + 2);
    expect(await Promise.all(heard.map((each) => each()))).toEqual([
      [],
      ['second called', `third ${STAND_BY}`],
      ['fourth called'],
    ]);
    expect(await host.server.mget('a', 'b', 'c')).toEqual([
      null,
      'reserved:second',
      'reserved:fourth',
    ]);
  });

  test('calls the next for the keys that are free, if another holds one of them', async () => {
    const heard = [await waiting('a', 'first'), await waiting('b', 'second')];
    await hold('a');
    await host.server.set('b', 'another', 'PX', TTL);
    expect(await release('a b')).toBe(0);
    expect(await Promise.all(heard.map((each) => each()))).toEqual([['first called'], []]);
  });

  test('calls nobody if a grant of the same batch takes the key again, and counts all the same', async () => {
    const heard = await waiting('a', 'first');
    await hold('a b');
    const replies = await host.batch(
      releaseOf('a'),
      releaseOf('b'),
      { kind: 'grant', resources: ['a'], token: 'two', ttl: TTL },
      { kind: 'release', resources: ['none'], token: 'one' },
    );
    expect(replies).toEqual([2, 1, 1, 0]);
    expect(await heard()).toEqual([]);
    expect(await host.server.get('a')).toBe('two');
    expect(await queueOf(host, 'a')).toEqual(['first']);
  });

  test('calls if the grant of the same batch is denied', async () => {
    const heard = await waiting('a', 'first');
    await hold('a');
    await host.server.set('b', 'another', 'PX', TTL);
    const grant: Wording = { kind: 'grant', resources: ['a', 'b'], token: 'two', ttl: TTL };
    expect(await host.batch(releaseOf('a'), grant)).toEqual([
      2,
      [[1, 'another', expect.anything()]],
    ]);
    expect(await heard()).toEqual(['first called']);
  });

  // It calls the second process too, which the key is not kept for.
  test('calls one process where a batch has two releases of a key', async () => {
    const heard = await waiting('a', 'first', 'second', 'third');
    await hold('a');
    await host.batch(releaseOf('a'), releaseOf('a', [''], 'of nobody'));
    expect(await heard()).toEqual(['first called', `second ${STAND_BY}`]);
    expect(await queueOf(host, 'a')).toEqual(['second', 'third']);
  });

  test('by a user without rights to channels calls nobody, and leaves the queue as it is', async () => {
    const rights = ['~*', '+@all', 'resetchannels'];
    await host.server.call('ACL', 'SETUSER', 'mute', 'on', 'nopass', ...rights);
    const mute = host.connect('mute');
    const heard = await waiting('a', 'first', 'second');
    await hold('a');
    expect(await host.batchBy(mute, releaseOf('a'))).toBe(1 + 2);
    expect(await heard()).toEqual([]);
    expect(await host.server.get('a')).toBeNull();
    expect(await queueOf(host, 'a')).toEqual(['first', 'second']);
  });

  test('frees the key where the key of the queue is something else', async () => {
    await host.server.rpush('{a}:waiting', 'x');
    await hold('a');
    expect(await release('a', [`+${entryOf('a', 'me')}`])).toBe(1);
    await hold('a');
    expect(await release('a', [`-${memberOf('a', 'me')}`])).toBe(1);
    expect(await host.server.keys('*')).toEqual(['{a}:waiting']);
  });

  test.each(['with:colons', '{tag}', 'a%db', 'ünï\ncode', '7:8'])(
    'calls for the key %j',
    async (key) => {
      const channel = channelOf(key, 'me');
      const heard = await host.listenTo(channel);
      const resources = [key];
      await host.batch({ kind: 'grant', resources, token: 'one', ttl: TTL });
      const entries = [entryOf(key, 'me', 5)];
      await host.batch({ kind: 'grant', resources, token: 'mine', ttl: TTL, entries });
      expect(await host.batch({ kind: 'release', resources, token: 'one' })).toBe(2);
      expect(await heard()).toEqual([`${channel} called`]);
      expect(await host.server.get(key)).toBe('reserved:me');
      expect(await host.batch({ kind: 'grant', resources, token: 'mine', ttl: TTL, entries })).toBe(
        1,
      );
    },
  );

  test.each([
    ['keeps the keys', { successor: 'two', keepFor: TTL }],
    ['swaps the token back', { successor: 'two' }],
  ])('that %s calls nobody', async (__, rest) => {
    const heard = await waiting('a', 'first');
    await hold('a');
    expect(await host.batch({ ...releaseOf('a'), ...rest })).toBe(1);
    expect(await heard()).toEqual([]);
  });

  test('of no lock, by which a process leaves the queue, passes its call on', async () => {
    const heard = await waiting('a', 'me', 'next');
    await host.server.set('a', 'reserved:me', 'PX', TTL);
    const entries = [`-${memberOf('a', 'me')}`];
    expect(await host.batch({ kind: 'leave', resources: ['a'], token: 'none', entries })).toBe(0);
    expect(await heard()).toEqual(['next called']);
    expect(await queueOf(host, 'a')).toEqual([]);
  });
});
