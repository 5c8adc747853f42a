import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BATCH } from '../../packages/redlock-core/src/protocol/program.js';
import type { Wording } from '../../packages/redlock-core/test/support/operations.js';
import { channelOf, entryOf, EXPIRY, queueOf, RESERVATION, stand } from './support/queue-words.js';
import { ScriptHost } from './support/script-host.js';

const TTL = 600_000;
const LONG = 1_200_000;
/** What is left of an expiry is more than that: no test takes so long. */
const SPENT = 100_000;
const SHARED = { mode: 'shared' } as const;

const host = ScriptHost.ofFile();

async function ask(
  kind: Wording['kind'],
  keys: string,
  token: string,
  rest: Omit<Wording, 'kind' | 'resources'> = {},
): Promise<unknown> {
  return host.ask(kind, keys, { token, ttl: TTL, ...SHARED, ...rest });
}

async function holdersOf(key: string): Promise<string[]> {
  return (await host.server.zrange(`{${key}}:shared`, '0', '-1')).toSorted();
}

/** The key and its set end at the same moment. */
async function expectOneExpiry(key: string, ttl: number): Promise<void> {
  const ends = await Promise.all(
    [key, `{${key}}:shared`].map((each) => host.server.call('pexpiretime', each)),
  );
  expect(ends[0]).toBe(ends[1]);
  const left = Number(ends[0]) - (await host.clock()) / 1000;
  expect(left).toBeLessThanOrEqual(ttl);
  expect(left).toBeGreaterThan(ttl - SPENT);
}

function denials(reply: unknown): unknown[] {
  return (reply as unknown[][]).map(([position, value, , , , tokens]) =>
    tokens === undefined ? [position, value] : [position, value, tokens],
  );
}

describe.each([
  ['the program that the core chooses', undefined],
  ['the program for batches', BATCH],
])('by %s:', (_, chosen) => {
  beforeAll(() => {
    host.program = chosen;
  });

  test('holders share a key, which says so, and it and the set have the latest expiry', async () => {
    expect(await ask('grant', 'a', 'one', { ttl: LONG })).toBe(1);
    expect(await ask('grant', 'a', 'two')).toBe(1);
    expect(await host.server.get('a')).toBe('shared');
    expect(await holdersOf('a')).toEqual(['one', 'two']);
    await expectOneExpiry('a', LONG);
    expect(await ask('release', 'a', 'one')).toBe(1);
    await expectOneExpiry('a', TTL);
    expect(await ask('release', 'a', 'two')).toBe(1);
    expect(await host.server.keys('*')).toEqual([]);
  });

  test('an exclusive grant is denied, and told the holders', async () => {
    await ask('grant', 'a', 'one');
    const denied = await ask('grant', 'a', 'two', { mode: 'exclusive' });
    expect(denials(denied)).toEqual([[0, 'shared', ['one']]]);
  });

  test('a shared grant is denied by an exclusive holder, and takes all keys or none', async () => {
    await ask('grant', 'b', 'one', { mode: 'exclusive' });
    expect(denials(await ask('grant', 'a b', 'two'))).toEqual([[1, 'one']]);
    expect(await host.server.exists('a')).toBe(0);
  });

  test('a grant that comes twice changes nothing', async () => {
    await ask('grant', 'a', 'one', { ttl: LONG });
    expect(await ask('grant', 'a', 'one')).toBe(1);
    await expectOneExpiry('a', LONG);
    expect(await holdersOf('a')).toEqual(['one']);
  });

  test('a holder whose time is over does not count, and goes with the next command', async () => {
    await ask('grant', 'a', 'one');
    await host.server.zadd('{a}:shared', 1, 'over');
    expect(await ask('extend', 'a', 'over')).toBe(-1);
    expect(await ask('release', 'a', 'over')).toBe(0);
    expect(await holdersOf('a')).toEqual(['one']);
  });

  test('an exclusive grant takes a shared key in which nobody is left', async () => {
    await host.server.set('a', 'shared', 'PX', TTL);
    await host.server.zadd('{a}:shared', 1, 'over');
    expect(await ask('grant', 'a', 'one', { mode: 'exclusive' })).toBe(1);
    expect(await host.server.get('a')).toBe('one');
  });

  test('what is left of a set whose key is gone is worth nothing', async () => {
    await ask('grant', 'a', 'one');
    await host.server.del('a');
    expect(await ask('extend', 'a', 'one')).toBe(-1);
    expect(await ask('release', 'a', 'one')).toBe(0);
    expect(await ask('grant', 'a', 'two')).toBe(1);
    expect(await holdersOf('a')).toEqual(['two']);
  });

  test('a member is worth nothing while somebody else has the key', async () => {
    await ask('grant', 'a', 'one');
    await host.server.set('a', 'foreign', 'PX', TTL);
    expect(await ask('extend', 'a', 'one')).toBe(0);
    expect(await ask('heal', 'a', 'one')).toBe(0);
    expect(await ask('release', 'a', 'one')).toBe(0);
    expect(await host.server.get('a')).toBe('foreign');
  });

  test('an extension never shortens, and tells missing from foreign', async () => {
    await ask('grant', 'a', 'one');
    expect(await ask('extend', 'a', 'one', { ttl: LONG })).toBe(1);
    expect(await ask('extend', 'a', 'one')).toBe(1);
    await expectOneExpiry('a', LONG);
    expect(await ask('extend', 'a', 'two')).toBe(-1);
    expect(await ask('extend', 'none', 'one')).toBe(-1);
  });

  test('a holder that is missing is put back, beside others too', async () => {
    expect(await ask('heal', 'a', 'one')).toBe(1);
    expect(await ask('heal', 'a', 'two')).toBe(1);
    expect(await holdersOf('a')).toEqual(['one', 'two']);
    await expectOneExpiry('a', TTL);
  });

  test('an adoption takes the place of a holder, and keeps its time if that is later', async () => {
    await ask('grant', 'a', 'one', { ttl: LONG });
    expect(await ask('adopt', 'a', 'heir', { from: 'one' })).toBe(1);
    expect(await holdersOf('a')).toEqual(['heir']);
    await expectOneExpiry('a', LONG);
    expect(denials(await ask('adopt', 'a', 'third', { from: 'one' }))).toEqual([[0, 'shared']]);
    expect(await ask('release', 'a', 'heir', { successor: 'one' })).toBe(1);
    expect(await holdersOf('a')).toEqual(['one']);
    await expectOneExpiry('a', LONG);
  });

  test('a release that keeps leaves the key to a token that nobody has', async () => {
    await ask('grant', 'a', 'one', { ttl: LONG });
    expect(await ask('release', 'a', 'one', { successor: 'x', keepFor: TTL })).toBe(1);
    expect(await holdersOf('a')).toEqual(['x']);
    await expectOneExpiry('a', TTL);
    expect(await ask('release', 'a', 'one', { successor: 'x', keepFor: LONG })).toBe(1);
    await expectOneExpiry('a', TTL);
  });

  test('a key that is no string is not touched', async () => {
    await host.server.rpush('a', 'x');
    expect(denials(await ask('grant', 'a', 'one'))).toEqual([[0, '(not a string)']]);
    expect(await host.server.type('a')).toBe('list');
  });

  test('an inspection tells the holders and what is left to each', async () => {
    await ask('grant', 'a', 'one');
    const [value, , waiting, holders] = (await ask('inspect', 'a', '')) as unknown[];
    expect([value, waiting]).toEqual(['shared', 0]);
    expect(holders).toEqual(['one', expect.any(Number)]);
  });

  test('a heal leaves a key that is no string alone', async () => {
    await host.server.hset('a', 'field', 'value');
    expect(await ask('heal', 'a', 'one')).toBe(0);
    expect(await host.server.pttl('a')).toBe(-1);
  });

  test('a denial tells those who hold the key, and not those whose time is over', async () => {
    await ask('grant', 'a', 'alive');
    for (let dead = 0; dead < 30; dead++) await host.server.zadd('{a}:shared', 1, `dead ${dead}`);
    const denied = await ask('grant', 'a', 'two', { mode: 'exclusive' });
    expect(denials(denied)).toEqual([[0, 'shared', ['alive']]]);
  });

  test('an operation that fails leaves the others of its batch alone', async () => {
    await ask('grant', 'mine', 'one', { mode: 'exclusive' });
    await ask('grant', 'broken', 'two');
    await host.server.set('{broken}:shared', 'no set');
    const replies = await host.batch(
      { kind: 'grant', resources: ['broken'], token: 'three', ...SHARED },
      { kind: 'extend', resources: ['mine'], token: 'one', ttl: LONG },
      { kind: 'release', resources: ['broken'], token: 'two', ...SHARED },
      { kind: 'inspect', resources: ['mine'] },
    );
    expect(replies).toEqual([
      expect.stringMatching('WRONGTYPE'),
      1,
      expect.stringMatching('WRONGTYPE'),
      ['one', expect.any(Number), 0],
    ]);
    expect(await host.server.pttl('mine')).toBeGreaterThan(TTL);
  });

  describe('where the server is out of memory', () => {
    beforeEach(async () => {
      await ask('grant', 'a', 'one');
      await host.server.config('SET', 'maxmemory', '1');
    });

    afterEach(async () => {
      await host.server.config('SET', 'maxmemory', '0');
    });

    test('an extension succeeds', async () => {
      expect(await ask('extend', 'a', 'one', { ttl: LONG })).toBe(1);
      await expectOneExpiry('a', LONG);
    });

    test('a grant that comes twice does not end what it gave the first time', async () => {
      expect(String(await ask('grant', 'a', 'one'))).toMatch(/OOM|^1$/);
      expect(await holdersOf('a')).toEqual(['one']);
      expect(await host.server.get('a')).toBe('shared');
    });

    test('a grant is refused, and leaves nothing', async () => {
      expect(String(await ask('grant', 'b', 'one'))).toMatch('OOM');
      expect(await host.server.exists('b', '{b}:shared')).toBe(0);
      expect(await ask('release', 'a', 'one')).toBe(1);
    });
  });

  describe('the queue', () => {
    test('an exclusive process in it that hears keeps new shared holders out', async () => {
      await host.listenTo(channelOf('a', 'writer'));
      await ask('grant', 'a', 'one');
      await stand(host, 'a', 'writer', 1);
      const entries = [entryOf('a', 'me', 7, EXPIRY, 'shared')];
      const [[, value, , ticket, rank]] = (await ask('grant', 'a', 'two', { entries })) as [
        unknown[],
      ];
      expect([value, ticket, rank]).toEqual(['shared', 7, 1]);
      expect(await queueOf(host, 'a')).toEqual(['writer', 's me']);
    });

    test('an exclusive process in it keeps nobody out who stands before it', async () => {
      await host.listenTo(channelOf('a', 'writer'));
      await stand(host, 'a', 'writer', 5);
      const entries = [entryOf('a', 'me', 4, EXPIRY, 'shared')];
      expect(await ask('grant', 'a', 'one', { entries })).toBe(1);
      const later = [entryOf('a', 'me', 6, EXPIRY, 'shared')];
      expect(denials(await ask('grant', 'a', 'two', { entries: later }))).toEqual([
        [0, 'shared', ['one']],
      ]);
    });

    test('a process that wants to share now is not kept out by what it wanted before', async () => {
      await host.listenTo(channelOf('a', 'me'));
      await stand(host, 'a', 'me', 1);
      const entries = [entryOf('a', 'me', 7, EXPIRY, 'shared')];
      expect(await ask('grant', 'a', 'one', { entries })).toBe(1);
      expect(await queueOf(host, 'a')).toEqual([]);
    });

    test('an exclusive process in it that nobody hears keeps nobody out', async () => {
      await stand(host, 'a', 'deaf', 1);
      expect(await ask('grant', 'a', 'one')).toBe(1);
    });

    test('a free key that an exclusive process waits for is denied too', async () => {
      await host.listenTo(channelOf('a', 'writer'));
      await stand(host, 'a', 'writer', 1);
      expect(denials(await ask('grant', 'a', 'one'))).toEqual([[0, 'awaited']]);
      expect(await host.server.exists('a')).toBe(0);
    });

    test('a process enters that of a key that is held, rather than of one that is awaited or reserved', async () => {
      await host.listenTo(channelOf('a', 'writer'));
      await stand(host, 'a', 'writer', 1);
      await host.server.set('b', 'reserved:other', 'PX', RESERVATION);
      await ask('grant', 'c', 'one', { mode: 'exclusive' });
      const entries = ['a', 'b', 'c'].map((key) => entryOf(key, 'me', 7, EXPIRY, 'shared'));
      await ask('grant', 'a b c', 'two', { entries });
      expect(await Promise.all(['a', 'b', 'c'].map((key) => queueOf(host, key)))).toEqual([
        ['writer'],
        [],
        ['s me'],
      ]);
    });

    test('a process enters that of a key that is held, rather than of one that is reserved for some who share it', async () => {
      await host.listenTo(channelOf('a', 'reader'));
      await ask('grant', 'a c', 'one', { mode: 'exclusive' });
      await stand(host, 'a', 'reader', 1, 'shared');
      await ask('release', 'a', 'one', { mode: 'exclusive' });
      const entries = ['a', 'c'].map((key) => entryOf(key, 'me', 7));
      await ask('grant', 'a c', 'two', { mode: 'exclusive', entries });
      expect([await queueOf(host, 'a'), await queueOf(host, 'c')]).toEqual([[], ['me']]);
    });

    test('a release calls all shared processes up to the first exclusive one, which stands by', async () => {
      const heard = await host.listenTo(
        ...['r1', 'r2', 'w', 'r3'].map((process) => channelOf('a', process)),
      );
      await ask('grant', 'a', 'one', { mode: 'exclusive' });
      await stand(host, 'a', 'r1', 1, 'shared');
      await stand(host, 'a', 'deaf', 2, 'shared');
      await stand(host, 'a', 'r2', 3, 'shared');
      await stand(host, 'a', 'w', 4);
      await stand(host, 'a', 'r3', 5, 'shared');
      expect(await ask('release', 'a', 'one', { mode: 'exclusive' })).toBe(6);
      expect(await heard()).toEqual([
        'a:called:r1 called',
        'a:called:r2 called',
        `a:called:w stand by ${RESERVATION}`,
      ]);
      expect(await host.server.get('a')).toBe('shared');
      expect(await holdersOf('a')).toEqual(['reserved:r1', 'reserved:r2']);
      await expectOneExpiry('a', RESERVATION);
      expect(await queueOf(host, 'a')).toEqual(['w', 's r3']);
    });

    test('one that was called takes its place, although an exclusive process waits', async () => {
      await host.listenTo(channelOf('a', 'w'), channelOf('a', 'r1'));
      await ask('grant', 'a', 'one', { mode: 'exclusive' });
      await stand(host, 'a', 'r1', 1, 'shared');
      await stand(host, 'a', 'w', 2);
      await ask('release', 'a', 'one', { mode: 'exclusive' });
      const entries = [entryOf('a', 'r1', 1, EXPIRY, 'shared')];
      expect(await ask('grant', 'a', 'two', { entries })).toBe(1);
      expect(await holdersOf('a')).toEqual(['two']);
    });

    test('one that was called takes its place behind other grants of its batch too', async () => {
      await host.listenTo(channelOf('a', 'r1'));
      await ask('grant', 'a', 'one', { mode: 'exclusive' });
      await stand(host, 'a', 'r1', 1, 'shared');
      await ask('release', 'a', 'one', { mode: 'exclusive' });
      const grant = { kind: 'grant', resources: ['a'], ttl: TTL, ...SHARED } as const;
      const entries = [entryOf('a', 'r1', 1, EXPIRY, 'shared')];
      await host.batch({ ...grant, token: 'two' }, { ...grant, token: 'three', entries });
      expect(await holdersOf('a')).toEqual(['three', 'two']);
      await expectOneExpiry('a', TTL);
    });

    test('one that was called and leaves frees the key, and the next is called', async () => {
      const heard = await host.listenTo(channelOf('a', 'w'), channelOf('a', 'r1'));
      await ask('grant', 'a', 'one', { mode: 'exclusive' });
      await stand(host, 'a', 'r1', 1, 'shared');
      await stand(host, 'a', 'w', 2);
      await ask('release', 'a', 'one', { mode: 'exclusive' });
      const entries = [`-${RESERVATION}:${channelOf('a', 'r1')}`];
      await ask('leave', 'a', 'of nobody', { entries, mode: 'exclusive' });
      expect((await heard()).at(-1)).toBe('a:called:w called');
      expect(await host.server.get('a')).toBe('reserved:w');
    });

    test('an exclusive process that leaves lets the shared ones behind it be called', async () => {
      const heard = await host.listenTo(channelOf('a', 'w'), channelOf('a', 'r1'));
      await ask('grant', 'a', 'one');
      await stand(host, 'a', 'w', 1);
      await stand(host, 'a', 'r1', 2, 'shared');
      const entries = [`-${RESERVATION}:${channelOf('a', 'w')}`];
      await ask('leave', 'a', 'of nobody', { entries, mode: 'exclusive' });
      expect(await heard()).toEqual(['a:called:r1 called']);
      expect(await holdersOf('a')).toEqual(['one', 'reserved:r1']);
    });

    test('an exclusive process that nobody hears does not keep those behind it from being called', async () => {
      const heard = await host.listenTo(channelOf('a', 'r1'));
      await ask('grant', 'a', 'one');
      await ask('grant', 'a', 'two');
      await stand(host, 'a', 'deaf', 1);
      await stand(host, 'a', 'r1', 2, 'shared');
      await ask('release', 'a', 'two');
      expect(await heard()).toEqual(['a:called:r1 called']);
      expect(await holdersOf('a')).toEqual(['one', 'reserved:r1']);
      expect(await queueOf(host, 'a')).toEqual([]);
    });

    test('an exclusive grant takes a shared key that is reserved for its own process alone', async () => {
      await host.listenTo(channelOf('a', 'me'));
      await ask('grant', 'a', 'one', { mode: 'exclusive' });
      await stand(host, 'a', 'me', 1, 'shared');
      await ask('release', 'a', 'one', { mode: 'exclusive' });
      const entries = [entryOf('a', 'me', 1)];
      expect(await ask('grant', 'a', 'two', { mode: 'exclusive', entries })).toBe(1);
      expect(await host.server.get('a')).toBe('two');
    });

    test('a process stands in it once, whichever mode it asks for last', async () => {
      await ask('grant', 'a', 'one', { mode: 'exclusive' });
      for (const mode of ['shared', 'exclusive', 'shared'] as const) {
        await ask('grant', 'a', 'two', { mode, entries: [entryOf('a', 'me', 7, EXPIRY, mode)] });
        expect(await queueOf(host, 'a')).toEqual([mode === 'shared' ? 's me' : 'me']);
      }
    });
  });
});
