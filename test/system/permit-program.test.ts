import { beforeAll, describe, expect, test } from '@jest/globals';
import { BATCH } from '../../packages/redlock-core/src/protocol/program.js';
import type { Wording } from '../../packages/redlock-core/test/support/operations.js';
import { RESERVATION } from './support/queue-words.js';
import { ScriptHost } from './support/script-host.js';

const TTL = 600_000;
const QUEUE = '{s}:permits:waiting';
const PERMITS = 4;
const STAND_BY = `stand by ${RESERVATION}`;

const host = ScriptHost.ofFile();

function keyOf(permit: number): string {
  return `{s}:permit:${permit}`;
}

function channelOf(process: string): string {
  return `${QUEUE}:called:${process}`;
}

function memberOf(process: string): string {
  return `${RESERVATION}:${channelOf(process)}`;
}

function entryOf(process: string, ticket = 7): string {
  return `${ticket}:900000:${memberOf(process)}`;
}

/** A try for a permit, by a process that waits, or by one that does not. */
function tryFor(permit: number, token: string, entry?: string, fence?: number): Wording {
  return {
    kind: 'grant',
    resources: [keyOf(permit)],
    permits: PERMITS,
    token,
    ttl: TTL,
    fence,
    ...(entry !== undefined && { entries: [entry] }),
  };
}

function releaseOf(permit: number, token: string, entry = ''): Wording {
  const resources = [keyOf(permit)];
  return { kind: 'release', resources, permits: PERMITS, token, entries: [entry] };
}

/** Gives the permits from 0 on to tokens of their numbers, or keeps them for a process. */
async function hold(...values: readonly (string | null)[]): Promise<void> {
  for (const [permit, value] of values.entries()) {
    if (value !== null) await host.server.set(keyOf(permit), value, 'PX', TTL);
  }
}

async function queue(): Promise<string[]> {
  const members = await host.server.zrange(QUEUE, '0', '-1');
  return members.map((member) => member.replace(memberOf(''), ''));
}

async function listening(...processes: readonly string[]) {
  const heard = await host.listenTo(...processes.map(channelOf));
  return async () => (await heard()).map((each) => each.replace(channelOf(''), ''));
}

const REMAINING: unknown = expect.any(Number);

describe.each([
  ['the program that the core chooses', undefined],
  ['the program for batches', BATCH],
])('a permit, by %s:', (_, chosen) => {
  beforeAll(() => {
    host.program = chosen;
  });

  test('is granted with its own counter if its key is free', async () => {
    const now = await host.clock();
    expect(await host.batch(tryFor(2, 'one', undefined, now))).toBe(1);
    expect(await host.server.get(keyOf(2))).toBe('one');
    expect(await host.server.get('{s}:permit:2::fencing')).toBe(String(now));
    expect((await host.server.keys('*')).toSorted()).toEqual([keyOf(2), `${keyOf(2)}::fencing`]);
    expect(await host.server.pttl(keyOf(2))).toBeLessThanOrEqual(TTL);
  });

  test('counts as granted where its token is already', async () => {
    const now = await host.clock();
    expect(await host.batch(tryFor(2, 'one', undefined, now))).toBe(1);
    expect(await host.batch(tryFor(2, 'one', undefined, now))).toBe(1);
  });

  test('is denied with the state of every permit', async () => {
    await hold('zero', null, 'reserved:somebody', 'three');
    expect(await host.batch(tryFor(3, 'one'))).toEqual([
      [0, 'three', REMAINING, null, null, null, '0120'],
    ]);
  });

  test('is denied to a process that waits without a place in the queue, while one is free', async () => {
    await hold('zero', null, 'two', 'three');
    expect(await host.batch(tryFor(0, 'one', entryOf('me')))).toEqual([
      [0, 'zero', REMAINING, null, null, null, '0100'],
    ]);
    expect(await queue()).toEqual([]);
  });

  test('is denied to a process that waits with a place in the one queue, if none is free', async () => {
    await hold('zero', 'one', 'reserved:somebody', 'three');
    await host.server.zadd(QUEUE, 3, memberOf('other'));
    for (const permit of [0, 3]) {
      expect(await host.batch(tryFor(permit, 'mine', entryOf('me')))).toEqual([
        [0, permit === 0 ? 'zero' : 'three', REMAINING, 7, 1, null, '0020'],
      ]);
    }
    expect(await queue()).toEqual(['other', 'me']);
  });

  test('takes a process that is granted out of the queue', async () => {
    await host.server.zadd(QUEUE, 3, memberOf('me'));
    expect(await host.batch(tryFor(0, 'one', entryOf('me')))).toBe(1);
    expect(await queue()).toEqual([]);
  });

  test.each([
    ['for the process itself', 'reserved:me', entryOf('me'), true],
    ['for another, if the process was called', 'reserved:other', `*${entryOf('me')}`, true],
    ['for another, if the process was not called', 'reserved:other', entryOf('me'), false],
    ['for another, if the process does not wait', 'reserved:other', '', false],
  ])('that is kept %s', async (__, value, entry, isGranted) => {
    await hold(value);
    const reply = await host.batch(tryFor(0, 'one', entry));
    expect(reply === 1).toBe(isGranted);
    expect(await host.server.get(keyOf(0))).toBe(isGranted ? 'one' : value);
  });

  test('that is held is not granted to a process that was called', async () => {
    await hold('zero');
    expect(await host.batch(tryFor(0, 'one', `*${entryOf('me')}`))).toEqual([
      [0, 'zero', REMAINING, null, null, null, '0111'],
    ]);
  });

  test('that is released calls the first in the one queue, says which permit it is, and keeps it', async () => {
    await hold('zero', 'one', 'two', 'three');
    await host.server.zadd(QUEUE, 1, memberOf('first'), 2, memberOf('second'));
    const heard = await listening('first', 'second');
    expect(await host.batch(releaseOf(2, 'two'))).toBe(1 + 2);
    expect(await heard()).toEqual(['first called 2', `second ${STAND_BY}`]);
    expect(await host.server.get(keyOf(2))).toBe('reserved:first');
    expect(await queue()).toEqual(['second']);
  });

  test('that is released together with another calls one process for each', async () => {
    await hold('zero', 'one', 'two', 'three');
    await host.server.zadd(QUEUE, 1, memberOf('first'), 2, memberOf('second'));
    const heard = await listening('first', 'second');
    await host.batch(releaseOf(1, 'one'), releaseOf(3, 'three'));
    expect(await heard()).toEqual(['first called 1', `second ${STAND_BY}`, 'second called 3']);
    expect(await host.server.get(keyOf(1))).toBe('reserved:first');
    expect(await host.server.get(keyOf(3))).toBe('reserved:second');
  });

  test('that is released and taken in one command calls nobody', async () => {
    await hold('zero', 'one', 'two', 'three');
    await host.server.zadd(QUEUE, 1, memberOf('first'));
    const heard = await listening('first');
    await host.batch(releaseOf(1, 'one'), tryFor(1, 'next'));
    expect(await heard()).toEqual([]);
    expect(await host.server.get(keyOf(1))).toBe('next');
  });

  test('has keys that a client prefixes, also those that are derived', async () => {
    await host.server.set('app:{s}:permit:0', 'zero', 'PX', TTL);
    await host.server.set('app:{s}:permit:2', 'two', 'PX', TTL);
    const client = host.connect();
    client.options.keyPrefix = 'app:';
    expect(await host.batchBy(client, tryFor(0, 'one'))).toEqual([
      [0, 'zero', REMAINING, null, null, null, '0101'],
    ]);
  });

  test('shares a command with others of its kind and of other kinds', async () => {
    await hold('zero', 'one', null, 'three');
    expect(
      await host.batch(
        tryFor(0, 'a', entryOf('me')),
        tryFor(2, 'b'),
        { kind: 'grant', resources: ['x'], token: 'c', ttl: TTL },
        tryFor(3, 'd', entryOf('me')),
      ),
    ).toEqual([
      [[0, 'zero', REMAINING, null, null, null, '0010']],
      1,
      1,
      [[0, 'three', REMAINING, 7, 0, null, '0000']],
    ]);
  });
});

test('of a thousand permits each has its state', async () => {
  host.program = undefined;
  const permits = 1000;
  await host.server.mset(
    ...Array.from({ length: permits - 1 }, (_, permit) => [keyOf(permit), 'x']).flat(),
  );
  const wording = { ...tryFor(0, 'one', entryOf('me')), permits };
  expect(await host.batch(wording)).toEqual([
    [0, 'x', -1, null, null, null, `${'0'.repeat(permits - 1)}1`],
  ]);
});
