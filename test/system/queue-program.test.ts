import { beforeAll, describe, expect, test } from '@jest/globals';
import { BATCH } from '../../packages/redlock-core/src/protocol/program.js';
import { entryOf, EXPIRY, memberOf, queueOf, queueUp } from './support/queue-words.js';
import { ScriptHost } from './support/script-host.js';

const TTL = 600_000;
/** What is left of an expiry is more than that: no test takes so long. */
const SPENT = 100_000;
const SECOND = 1_000_000;

const host = ScriptHost.ofFile();

/** The reply to a grant for `me`, who waits for keys. */
async function ask(keys: string, tickets: number | string[] = 0, fence?: number): Promise<unknown> {
  const entries =
    typeof tickets === 'number'
      ? keys.split(' ').map((key) => entryOf(key, 'me', tickets))
      : tickets;
  return host.ask('grant', keys, { token: 'mine', ttl: TTL, entries, fence });
}

/** Somebody holds keys. */
async function hold(keys: string): Promise<void> {
  expect(await host.ask('grant', keys, { token: 'theirs', ttl: TTL })).toBe(1);
}

/** The part of a denial that does not depend on time: position, value, rank. */
function denials(reply: unknown): unknown[] {
  const all = reply as [number, string, number, number?, number?][];
  return all.map(([position, value, , ticket, rank]) =>
    ticket === undefined ? [position, value] : [position, value, ticket, rank],
  );
}

async function reserve(key: string, process: string): Promise<void> {
  await host.server.set(key, `reserved:${process}`, 'PX', 2 * TTL);
}

describe.each([
  ['the program that the core chooses', undefined],
  ['the program for batches', BATCH],
])('grant or enter, by %s:', (_, chosen) => {
  beforeAll(() => {
    host.program = chosen;
  });

  test('takes a key that is free, and leaves its queue', async () => {
    await queueUp(host, 'a', 'me', 'other');
    const fence = await host.clock();
    expect([1, fence]).toContain(await ask('a', 5, fence));
    expect(await host.server.get('a')).toBe('mine');
    expect(await host.server.get('{a}:fencing')).toBe(`${fence}`);
    expect(await queueOf(host, 'a')).toEqual(['other']);
  });

  test('takes several keys, and leaves all their queues', async () => {
    await queueUp(host, 'a', 'me');
    await queueUp(host, 'b', 'me', 'other');
    expect(await ask('a b', 5)).toBe(1);
    expect(await host.server.mget('a', 'b')).toEqual(['mine', 'mine']);
    expect([await queueOf(host, 'a'), await queueOf(host, 'b')]).toEqual([[], ['other']]);
  });

  test.each([
    { what: 'the clock', relative: 0 },
    { what: 'the clock less the time that it has waited', relative: -9 * SECOND },
  ])('that is denied enters the queue with a ticket by $what', async ({ relative }) => {
    await hold('a');
    const before = await host.clock();
    const [[, value, remaining, ticket, rank]] = (await ask('a', relative)) as [unknown[]];
    const after = await host.clock();
    expect(value).toBe('theirs');
    expect(remaining).toBeGreaterThan(TTL - SPENT);
    expect(ticket).toBeGreaterThanOrEqual(before + relative);
    expect(ticket).toBeLessThanOrEqual(after + relative);
    expect(rank).toBe(0);
    expect(await host.server.zscore('{a}:waiting', memberOf('a', 'me'))).toBe(String(ticket));
  });

  test('that is denied enters with the ticket that it has, instead of its former one', async () => {
    await hold('a');
    await queueUp(host, 'a', 'me', 'first', 'second');
    expect(denials(await ask('a', 4))).toEqual([[0, 'theirs', 4, 2]]);
    expect(await queueOf(host, 'a')).toEqual(['first', 'second', 'me']);
    const late = 1_700_000_000_000_001;
    expect(denials(await ask('a', late))).toEqual([[0, 'theirs', late, 2]]);
    expect(await host.server.zscore('{a}:waiting', memberOf('a', 'me'))).toBe(String(late));
  });

  test('that comes twice is in the queue once', async () => {
    await hold('a');
    expect(denials(await ask('a', 4))).toEqual([[0, 'theirs', 4, 0]]);
    expect(denials(await ask('a', 4))).toEqual([[0, 'theirs', 4, 0]]);
    expect(await queueOf(host, 'a')).toEqual(['me']);
  });

  test('that comes twice finds its own token, and is in no queue', async () => {
    expect(await ask('a', 4)).toBe(1);
    expect(await ask('a', 4)).toBe(1);
    expect(await host.server.keys('*')).toEqual(['a']);
  });

  test('enters the queue of the first key that is held, and no other', async () => {
    await hold('b c');
    const entries = ['a', 'b', 'c'].map((key) => entryOf(key, 'me', 7));
    expect(denials(await ask('a b c', entries, await host.clock()))).toEqual([
      [1, 'theirs', 7, 0],
      [2, 'theirs'],
    ]);
    expect((await host.server.keys('*')).toSorted()).toEqual(['b', 'c', '{b}:waiting']);
    expect(await queueOf(host, 'b')).toEqual(['me']);
  });

  test('enters the queue of a key that is held, rather than of one before it that is only reserved', async () => {
    await reserve('a', 'other');
    await hold('b');
    expect(denials(await ask('a b', 7))).toEqual([
      [0, 'reserved:other'],
      [1, 'theirs', 7, 0],
    ]);
    expect([await queueOf(host, 'a'), await queueOf(host, 'b')]).toEqual([[], ['me']]);
  });

  test('enters the queue of the first key if all are only reserved', async () => {
    await reserve('a', 'other');
    await reserve('b', 'another');
    expect(denials(await ask('a b', 7))).toEqual([
      [0, 'reserved:other', 7, 0],
      [1, 'reserved:another'],
    ]);
    expect([await queueOf(host, 'a'), await queueOf(host, 'b')]).toEqual([['me'], []]);
  });

  test('takes a key that is reserved for its process, for the ttl, and raises its counter', async () => {
    await reserve('a', 'me');
    const fence = await host.clock();
    expect([1, fence]).toContain(await ask('a b', 5, fence));
    expect(await host.server.mget('a', 'b')).toEqual(['mine', 'mine']);
    expect(await host.server.pttl('a')).toBeLessThanOrEqual(TTL);
    expect(await host.server.mget('{a}:fencing', '{b}:fencing')).toEqual([`${fence}`, `${fence}`]);
  });

  test('is denied by a key that is reserved for another process, as is a plain grant', async () => {
    await reserve('a', 'other');
    expect(denials(await ask('a', 5))).toEqual([[0, 'reserved:other', 5, 0]]);
    const plain = await host.ask('grant', 'a', { token: 'mine', ttl: TTL });
    expect(denials(plain)).toEqual([[0, 'reserved:other']]);
    expect(await host.server.get('a')).toBe('reserved:other');
  });

  test('that is denied by one of its keys leaves another reserved for its process', async () => {
    await reserve('a', 'me');
    await hold('b');
    expect(denials(await ask('a b', 5))).toEqual([[1, 'theirs', 5, 0]]);
    expect(await host.server.get('a')).toBe('reserved:me');
    expect(await host.server.pttl('a')).toBeGreaterThan(2 * TTL - SPENT);
  });

  test('makes the queue live as long as its longest entry needs', async () => {
    await hold('a');
    await ask('a', [entryOf('a', 'me', 1, EXPIRY)]);
    expect(await host.server.pttl('{a}:waiting')).toBeGreaterThan(EXPIRY - SPENT);
    await ask('a', [entryOf('a', 'other', 1, 2 * EXPIRY)]);
    await ask('a', [entryOf('a', 'me', 1, EXPIRY)]);
    expect(await host.server.pttl('{a}:waiting')).toBeGreaterThan(2 * EXPIRY - SPENT);
    expect(await host.server.pttl('{a}:waiting')).toBeLessThanOrEqual(2 * EXPIRY);
  });

  test('goes without a queue where the key of the queue is something else', async () => {
    await host.server.rpush('{a}:waiting', 'x');
    await hold('a');
    expect(denials(await ask('a', 5))).toEqual([[0, 'theirs']]);
    await host.server.del('a');
    expect(await ask('a', 5)).toBe(1);
    expect(await host.server.type('{a}:waiting')).toBe('list');
  });

  test('on a server that is out of memory is an error, and enters no queue', async () => {
    await hold('a');
    await host.server.config('SET', 'maxmemory', '1');
    try {
      for (const key of ['a', 'b']) expect(await ask(key, 5)).toMatch(/^OOM /);
    } finally {
      await host.server.config('SET', 'maxmemory', '0');
    }
    expect(await host.server.keys('*')).toEqual(['a']);
  });

  test('shares a batch with others', async () => {
    await hold('a');
    const grant = { kind: 'grant' as const, token: 'mine', ttl: TTL };
    const [first, second, third] = (await host.batch(
      { ...grant, resources: ['a'], entries: [entryOf('a', 'me', 3)] },
      { ...grant, resources: ['a'], entries: [entryOf('a', 'other', 2)] },
      { ...grant, resources: ['b'], entries: [entryOf('b', 'me', 2)] },
    )) as unknown[];
    expect([denials(first), denials(second), third]).toEqual([
      [[0, 'theirs', 3, 0]],
      [[0, 'theirs', 2, 0]],
      1,
    ]);
    expect(await queueOf(host, 'a')).toEqual(['other', 'me']);
  });

  test('is counted by an inspection, unless the key of the queue is something else', async () => {
    await queueUp(host, 'a', 'one', 'two');
    expect(await host.ask('inspect', 'a', {})).toEqual([null, -2, 2]);
    await host.server.rpush('{b}:waiting', 'x');
    expect(await host.ask('inspect', 'b', {})).toEqual([null, -2, 0]);
  });
});
