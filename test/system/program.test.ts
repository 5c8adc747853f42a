import { beforeAll, describe, expect, test } from '@jest/globals';
import { BATCH } from '../../packages/redlock-core/src/protocol/program.js';
import type { Wording } from '../../packages/redlock-core/test/support/operations.js';
import { ScriptHost } from './support/script-host.js';

/** In ms. All are multiples of a step, to which what is left of them is rounded up: no test takes so long. */
const STEP = 100_000;
const SHORT = 6 * STEP;
const TTL = 12 * STEP;
const LONG = 18 * STEP;
/** How much longer than its lock a counter lives. */
const GRACE = 3 * STEP;
const SECOND = 1_000_000;

type Rest = Omit<Wording, 'kind' | 'resources'>;

const host = ScriptHost.ofFile();

/** The reply to an operation: by the token `one` for the ttl, unless `rest` says something else. */
async function ask(kind: Wording['kind'], resources: string, rest: Rest = {}): Promise<unknown> {
  return host.ask(kind, resources, { token: 'one', ttl: TTL, ...rest });
}

/** Takes keys, and sets the counters, if there is a proposal, to that. */
async function grant(resources: string, rest: Rest = {}): Promise<void> {
  expect([1, rest.fence]).toContain(await ask('grant', resources, rest));
}

/** The values of keys, and what is left of their expiries. */
async function keys(...names: readonly string[]): Promise<unknown[]> {
  return Promise.all(
    names.map(async (name) => [await host.server.get(name), left(await host.server.pttl(name))]),
  );
}

/** The same of the counters of resources. */
async function counters(...resources: readonly string[]): Promise<unknown[]> {
  return keys(...resources.map((resource) => `{${resource}}:fencing`));
}

/** A reply that denies, with what is left rounded. */
function denials(reply: unknown): unknown[] {
  return (reply as [number, string, number][]).map(([position, value, pttl]) => [
    position,
    value,
    left(pttl),
  ]);
}

function left(pttl: number): number {
  return pttl < 0 ? pttl : Math.ceil(pttl / STEP) * STEP;
}

/** The server refuses what needs memory meanwhile. */
async function whileFull(routine: () => Promise<void>): Promise<void> {
  await host.server.config('SET', 'maxmemory-policy', 'noeviction');
  await host.server.config('SET', 'maxmemory', '1');
  try {
    await routine();
  } finally {
    await host.server.config('SET', 'maxmemory', '0');
  }
}

describe.each([
  ['the program that the core chooses', undefined],
  ['the program for batches', BATCH],
])('by %s:', (_, chosen) => {
  beforeAll(() => {
    host.program = chosen;
  });

  describe('grant', () => {
    test('takes a free key for the ttl', async () => {
      expect(await ask('grant', 'a')).toBe(1);
      expect(await keys('a')).toEqual([['one', TTL]]);
      expect(await host.server.keys('*')).toEqual(['a']);
    });

    test('takes all keys or none, and says who is in the way', async () => {
      await grant('b', { token: 'two', ttl: SHORT });
      await host.server.set('d', 'without expiry');
      expect(denials(await ask('grant', 'a b c d', { fence: await host.clock() }))).toEqual([
        [1, 'two', SHORT],
        [3, 'without expiry', -1],
      ]);
      expect((await host.server.keys('*')).toSorted()).toEqual(['b', 'd']);
      expect(await keys('b')).toEqual([['two', SHORT]]);
    });

    test('is denied by a key that is no string, and shows the start only of one that is long', async () => {
      await host.server.rpush('list', 'x');
      await grant('long', { token: 'x'.repeat(100) });
      expect(denials(await ask('grant', 'list long'))).toEqual([
        [0, '(not a string)', -1],
        [1, 'x'.repeat(64), TTL],
      ]);
      expect(await host.server.type('list')).toBe('list');
    });

    test('that comes twice finds its own token, and changes neither expiry nor counter', async () => {
      const fence = await host.clock();
      await grant('a', { fence });
      expect(await ask('grant', 'a', { fence, ttl: LONG })).toBe(1);
      expect(await ask('grant', 'a', { fence: fence + 5, ttl: LONG })).toBe(fence);
      expect(await keys('a')).toEqual([['one', TTL]]);
      expect(await counters('a')).toEqual([[`${fence}`, TTL + GRACE]]);
    });

    test('that comes twice sets a counter that is gone', async () => {
      await grant('a');
      const fence = await host.clock();
      expect(await ask('grant', 'a', { fence })).toBe(fence);
      expect(await counters('a')).toEqual([[`${fence}`, TTL + GRACE]]);
    });

    test('takes what it lacks of keys that it has in part', async () => {
      await grant('a', { ttl: SHORT });
      await grant('a b');
      expect(await keys('a', 'b')).toEqual([
        ['one', SHORT],
        ['one', TTL],
      ]);
    });

    test('sets the counter to the proposal, or above what it was', async () => {
      const fence = await host.clock();
      await grant('a', { fence });
      expect(await counters('a')).toEqual([[`${fence}`, TTL + GRACE]]);
      await ask('release', 'a');
      expect(await ask('grant', 'a', { fence, ttl: SHORT })).toBe(fence + 1);
      expect(await counters('a')).toEqual([[`${fence + 1}`, SHORT + GRACE]]);
      await ask('release', 'a');
      await grant('a', { fence: fence + 2 });
    });

    test('raises the counters of several resources to one value', async () => {
      const fence = await host.clock();
      await grant('b', { fence });
      await ask('release', 'b');
      expect(await ask('grant', 'a b c', { fence: fence - 5 })).toBe(fence + 1);
      const counter = [`${fence + 1}`, TTL + GRACE];
      expect(await counters('a', 'b', 'c')).toEqual([counter, counter, counter]);
    });

    test.each(['a', 'a b'])(
      'keeps the counters of %p within a second of the clock',
      async (names) => {
        const before = await host.clock();
        const low = Number(await ask('grant', names, { fence: 1 }));
        await ask('release', names);
        const high = Number(await ask('grant', names, { fence: before + 9 * SECOND }));
        const took = (await host.clock()) - before;
        expect(low).toBeGreaterThan(before - SECOND);
        expect(low).toBeLessThanOrEqual(before - SECOND + took + 1);
        expect(high).toBeGreaterThanOrEqual(before + SECOND);
        expect(high).toBeLessThanOrEqual(before + SECOND + took);
      },
    );

    test.each(['not a number', null])('replaces a counter of %p', async (value) => {
      await (value === null
        ? host.server.rpush('{a}:fencing', 'x')
        : host.server.set('{a}:fencing', value));
      const fence = await host.clock();
      expect([1, fence]).toContain(await ask('grant', 'a', { fence }));
      expect(await counters('a')).toEqual([[`${fence}`, TTL + GRACE]]);
    });

    test('on a server that is out of memory is an error, and leaves nothing', async () => {
      await whileFull(async () => {
        expect(await ask('grant', 'a b', { fence: await host.clock() })).toMatch(/^OOM /);
      });
      expect(await host.server.keys('*')).toEqual([]);
    });
  });

  describe('adopt', () => {
    test('takes keys from the token that they hold, and never shortens their expiry', async () => {
      await grant('a', { token: 'old', ttl: SHORT });
      await grant('b', { token: 'old', ttl: LONG });
      await host.server.set('c', 'old');
      expect(await ask('adopt', 'a b c', { from: 'old' })).toBe(1);
      expect(await keys('a', 'b', 'c')).toEqual([
        ['one', TTL],
        ['one', LONG],
        ['one', -1],
      ]);
    });

    test('takes all keys or none, and says what is in the way', async () => {
      await grant('a', { token: 'old' });
      await grant('b', { token: 'x'.repeat(100), ttl: SHORT });
      const reply = await ask('adopt', 'a b c', { from: 'old', fence: await host.clock() });
      expect(denials(reply)).toEqual([
        [1, 'x'.repeat(64), SHORT],
        [2, '', -2],
      ]);
      expect(await keys('a', 'c')).toEqual([
        ['old', TTL],
        [null, -2],
      ]);
      expect(await counters('a')).toEqual([[null, -2]]);
    });

    test('raises the counters as a grant does', async () => {
      const fence = await host.clock();
      await grant('a b', { token: 'old', fence });
      expect(await ask('adopt', 'a b', { from: 'old', fence, ttl: LONG })).toBe(fence + 1);
      const counter = [`${fence + 1}`, LONG + GRACE];
      expect(await counters('a', 'b')).toEqual([counter, counter]);
    });

    test('that comes twice finds its own token, and leaves the counter as it is', async () => {
      const fence = await host.clock();
      await grant('a', { token: 'old', fence });
      expect(await ask('adopt', 'a', { from: 'old', fence: fence + 9 })).toBe(1);
      expect(await ask('adopt', 'a', { from: 'old', fence: fence + 9 })).toBe(1);
      expect(await ask('adopt', 'a', { from: 'old', fence: fence + 10 })).toBe(fence + 9);
      expect(await counters('a')).toEqual([[`${fence + 9}`, TTL + GRACE]]);
    });

    test('on a server that is out of memory is an error', async () => {
      await grant('a', { token: 'old' });
      await whileFull(async () => {
        expect(await ask('adopt', 'a', { from: 'old' })).toMatch(/^OOM /);
      });
      expect(await keys('a')).toEqual([['old', TTL]]);
    });
  });

  describe('extend', () => {
    test('prolongs keys and counters that live shorter, and no others', async () => {
      const fence = await host.clock();
      await grant('a', { ttl: SHORT, fence });
      await grant('b', { ttl: LONG, fence });
      expect(await ask('extend', 'a b', { fence })).toBe(1);
      expect(await keys('a', 'b')).toEqual([
        ['one', TTL],
        ['one', LONG],
      ]);
      expect(await counters('a', 'b')).toEqual([
        [`${fence}`, TTL + GRACE],
        [`${fence}`, LONG + GRACE],
      ]);
    });

    test('leaves a key without an expiry as it is', async () => {
      await host.server.set('a', 'one');
      expect(await ask('extend', 'a')).toBe(1);
      expect(await keys('a')).toEqual([['one', -1]]);
    });

    test('tells keys of another from missing ones, and changes neither', async () => {
      await grant('a', { ttl: SHORT });
      await grant('b', { token: 'two', ttl: SHORT });
      expect(await ask('extend', 'a b')).toBe(0);
      expect(await ask('extend', 'none b')).toBe(0);
      expect(await ask('extend', 'a none')).toBe(-1);
      expect(await keys('a', 'b', 'none')).toEqual([
        ['one', SHORT],
        ['two', SHORT],
        [null, -2],
      ]);
    });

    test('under a counter above its own prolongs, and says that it does not count', async () => {
      const fence = await host.clock();
      await grant('a b', { ttl: SHORT, fence });
      expect(await ask('extend', 'a b', { fence: fence - 1 })).toBe(2);
      expect(await keys('a', 'b')).toEqual([
        ['one', TTL],
        ['one', TTL],
      ]);
    });
  });

  describe('confirm', () => {
    test('gives all counters the fencing token, and does not shorten their expiry', async () => {
      const fence = await host.clock();
      await grant('a', { fence, ttl: SHORT });
      await grant('b', { fence, ttl: LONG });
      expect(await ask('confirm', 'a b', { fence: fence + 3 })).toBe(1);
      expect(await counters('a', 'b')).toEqual([
        [`${fence + 3}`, TTL + GRACE],
        [`${fence + 3}`, LONG + GRACE],
      ]);
      expect(await keys('a')).toEqual([['one', SHORT]]);
    });

    test('refuses where a key is missing or another holds it', async () => {
      const fence = await host.clock();
      await grant('a', { fence });
      await grant('b', { token: 'two', fence });
      expect(await ask('confirm', 'a none', { fence: fence + 3 })).toBe(0);
      expect(await ask('confirm', 'a b', { fence: fence + 3 })).toBe(0);
      expect(await counters('a', 'none')).toEqual([
        [`${fence}`, TTL + GRACE],
        [null, -2],
      ]);
    });

    test('refuses where a counter is above the fencing token', async () => {
      const fence = await host.clock();
      await grant('a', { fence });
      await grant('b', { fence: fence + 9 });
      expect(await ask('confirm', 'a b', { fence: fence + 8 })).toBe(0);
      expect(await ask('confirm', 'a b', { fence: fence + 9 })).toBe(1);
    });

    test('on a server that is out of memory is an error', async () => {
      const fence = await host.clock();
      await grant('a', { fence });
      await whileFull(async () => {
        expect(await ask('confirm', 'a', { fence: fence + 3 })).toMatch(/^OOM /);
      });
      expect(await counters('a')).toEqual([[`${fence}`, TTL + GRACE]]);
    });
  });

  describe('heal', () => {
    test('puts missing keys back, prolongs the others, and sets the counters', async () => {
      const fence = await host.clock();
      await grant('a', { fence, ttl: SHORT });
      await grant('b', { fence, ttl: LONG });
      expect(await ask('heal', 'a b c', { fence: fence + 3 })).toBe(1);
      expect(await keys('a', 'b', 'c')).toEqual([
        ['one', TTL],
        ['one', LONG],
        ['one', TTL],
      ]);
      expect(await counters('a', 'b', 'c')).toEqual([
        [`${fence + 3}`, TTL + GRACE],
        [`${fence + 3}`, LONG + GRACE],
        [`${fence + 3}`, TTL + GRACE],
      ]);
    });

    test('without fencing sets no counter', async () => {
      expect(await ask('heal', 'a b')).toBe(1);
      expect((await host.server.keys('*')).toSorted()).toEqual(['a', 'b']);
    });

    test('refuses where another holds a key, or a counter is above the fencing token', async () => {
      const fence = await host.clock();
      await grant('b', { token: 'two', fence });
      expect(await ask('heal', 'a b', { fence })).toBe(0);
      await ask('release', 'b', { token: 'two' });
      expect(await ask('heal', 'a b', { fence: fence - 1 })).toBe(0);
      expect(await keys('a', 'b')).toEqual([
        [null, -2],
        [null, -2],
      ]);
      expect(await ask('heal', 'a b', { fence })).toBe(1);
    });

    test('does not replace a key that is no string', async () => {
      await host.server.rpush('list', 'x');
      await ask('heal', 'list');
      expect(await host.server.type('list')).toBe('list');
    });

    test('on a server that is out of memory is an error', async () => {
      await whileFull(async () => {
        expect(await ask('heal', 'a', { fence: await host.clock() })).toMatch(/^OOM /);
        expect(await ask('heal', 'a')).toMatch(/^OOM /);
      });
      expect(await host.server.keys('*')).toEqual([]);
    });
  });

  describe('release', () => {
    test('deletes the keys that hold the token, and says whether all did', async () => {
      await grant('a b');
      await grant('c', { token: 'two' });
      await host.server.rpush('list', 'x');
      expect(await ask('release', 'a c list')).toBe(0);
      expect(await ask('release', 'b')).toBe(1);
      expect(await ask('release', 'b')).toBe(0);
      expect((await host.server.keys('*')).toSorted()).toEqual(['c', 'list']);
    });

    test('that is in a batch twice finds nothing the second time', async () => {
      await grant('a');
      const release: Wording = { kind: 'release', resources: ['a'], token: 'one' };
      expect(await host.batch(release, release)).toEqual([1, 0]);
    });

    test('is done by a user without rights to the channel, and on a server that is out of memory', async () => {
      await host.server.call(
        'ACL',
        'SETUSER',
        'mute',
        'on',
        'nopass',
        '~*',
        '+@all',
        'resetchannels',
      );
      const mute = host.connect('mute');
      await grant('a b');
      const releasing: Wording = { kind: 'release', resources: ['a'], token: 'one' };
      expect(await host.batchBy(mute, releasing)).toBe(1);
      await whileFull(async () => {
        expect(await ask('release', 'b')).toBe(1);
      });
      expect(await host.server.keys('*')).toEqual([]);
    });
  });

  describe('release that keeps the keys for a while', () => {
    test('leaves them to another token for so long, be it shorter or longer', async () => {
      await grant('a', { ttl: SHORT });
      await grant('b', { ttl: LONG });
      expect(await ask('release', 'a b', { successor: 'two', keepFor: TTL })).toBe(1);
      expect(await keys('a', 'b')).toEqual([
        ['two', TTL],
        ['two', TTL],
      ]);
    });

    test('that comes twice changes nothing the second time', async () => {
      await grant('a');
      expect(await ask('release', 'a', { successor: 'two', keepFor: SHORT })).toBe(1);
      expect(await ask('release', 'a', { successor: 'two', keepFor: LONG })).toBe(1);
      expect(await keys('a')).toEqual([['two', SHORT]]);
    });

    test('says if not all keys were ours, and takes none that is free', async () => {
      await grant('a');
      await grant('b', { token: 'three' });
      expect(await ask('release', 'a b c', { successor: 'two', keepFor: SHORT })).toBe(0);
      expect(await keys('a', 'b', 'c')).toEqual([
        ['two', SHORT],
        ['three', TTL],
        [null, -2],
      ]);
    });
  });

  describe('release that swaps the token back', () => {
    test('leaves the keys to another token with the expiry that they have', async () => {
      await grant('a', { ttl: SHORT });
      await host.server.set('b', 'one');
      expect(await ask('release', 'a b', { successor: 'two' })).toBe(1);
      expect(await ask('release', 'a b', { successor: 'two' })).toBe(1);
      expect(await keys('a', 'b')).toEqual([
        ['two', SHORT],
        ['two', -1],
      ]);
    });

    test('says if not all keys were ours, and takes none that is free', async () => {
      await grant('a');
      await grant('b', { token: 'three' });
      expect(await ask('release', 'a b c', { successor: 'two' })).toBe(0);
      expect(await keys('a', 'b', 'c')).toEqual([
        ['two', TTL],
        ['three', TTL],
        [null, -2],
      ]);
    });
  });

  describe('inspect', () => {
    test('gives the value and what is left of its expiry', async () => {
      await grant('a');
      await host.server.set('b', 'without expiry');
      const [value, pttl, waiting] = (await ask('inspect', 'a')) as [string, number, number];
      expect([value, left(pttl), waiting]).toEqual(['one', TTL, 0]);
      expect(await ask('inspect', 'b')).toEqual(['without expiry', -1, 0]);
      expect(await ask('inspect', 'none')).toEqual([null, -2, 0]);
    });

    test('of a key that is no string is an error', async () => {
      await host.server.rpush('list', 'x');
      expect(await ask('inspect', 'list')).toMatch(/^WRONGTYPE /);
    });
  });

  describe('a batch', () => {
    const free: Wording = { kind: 'grant', resources: ['a'], token: 'one', ttl: TTL };

    test('is done in order, and answered by a list', async () => {
      const replies = await host.batch(
        free,
        { kind: 'extend', resources: ['a'], token: 'one', ttl: LONG },
        { kind: 'release', resources: ['a'], token: 'one' },
        { kind: 'extend', resources: ['a'], token: 'one', ttl: LONG },
        { ...free, resources: ['b', 'c'], fence: await host.clock() },
        { kind: 'inspect', resources: ['none'] },
      );
      expect(replies).toEqual([1, 1, 1, -1, expect.any(Number), [null, -2, 0]]);
    });

    test('is answered by a 1 if all its replies are 1', async () => {
      expect(await host.batch(free, { ...free, resources: ['b'], fence: await host.clock() })).toBe(
        1,
      );
    });

    test('is not disturbed by operations that fail', async () => {
      await grant('b c');
      await host.server.rpush('list', 'x');
      await whileFull(async () => {
        const replies = await host.batch(
          free,
          { kind: 'inspect', resources: ['list'] },
          { kind: 'release', resources: ['c'], token: 'one', successor: 'two', keepFor: SHORT },
          { kind: 'release', resources: ['c'], token: 'one', successor: 'two' },
          { kind: 'release', resources: ['b'], token: 'one' },
        );
        const noMemory = expect.stringMatching(/^OOM /);
        const wrongType = expect.stringMatching(/^WRONGTYPE /);
        expect(replies).toEqual([noMemory, wrongType, noMemory, noMemory, 1]);
      });
      expect((await host.server.keys('*')).toSorted()).toEqual(['c', 'list']);
    });
  });
});
