import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { Keyspace } from '../../src/memory/keyspace.js';
import { BATCH, PROGRAMS } from '../../src/protocol/program.js';
import { commandOf, type Wording } from '../support/operations.js';

function node() {
  const memory = memoryNode({ name: 'm' });
  /** Replies of several operations in one command. */
  const all = async (...operations: readonly Wording[]) =>
    (await memory.call(commandOf(operations))) as unknown[];
  const ask = async (
    kind: Wording['kind'],
    resources: readonly string[],
    rest: Omit<Wording, 'kind' | 'resources'> = {},
  ) => {
    return memory.call(commandOf([{ kind, resources, ...rest }]));
  };
  return { memory, all, ask };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('behaves as the program says', () => {
  test('INFO says which one it is, and that it has always been there, until it forgets', async () => {
    const { memory } = node();
    const info = async () => String(await memory.call(['INFO', 'server']));
    const before = await info();
    expect(before).toMatch(/^# Server\r\nrun_id:\S+\r\nuptime_in_seconds:\d{10}\r\n$/);
    const runId = /run_id:\S+/.exec(before)?.[0];
    jest.advanceTimersByTime(2000);
    expect(await info()).toContain(runId);
    expect(await node().memory.call(['INFO', 'server'])).not.toContain(runId);
    memory.forget();
    jest.advanceTimersByTime(2000);
    expect(await info()).toMatch(/^# Server\r\nrun_id:\S+\r\nuptime_in_seconds:[23]\r\n$/);
    expect(await info()).not.toContain(runId);
  });

  test('grant sets all keys or none, and says who is in the way', async () => {
    const { ask } = node();
    expect(await ask('grant', ['b'], { token: 'one', ttl: 1000 })).toBe(1);
    expect(await ask('grant', ['a', 'b'], { token: 'two', ttl: 1000 })).toEqual([[1, 'one', 1000]]);
    expect(await ask('inspect', ['a'])).toEqual([null, -2, 0]);
    expect(await ask('inspect', ['b'])).toEqual(['one', 1000, 0]);
    expect(await ask('grant', ['a', 'b'], { token: 'one', ttl: 5000 })).toBe(1);
    expect(await ask('inspect', ['a'])).toEqual(['one', 5000, 0]);
  });

  test('a key that holds the very token of a grant keeps its expiry', async () => {
    const { ask } = node();
    await ask('grant', ['a'], { token: 'one', ttl: 1000 });
    expect(await ask('grant', ['a'], { token: 'one', ttl: 5000 })).toBe(1);
    expect(await ask('inspect', ['a'])).toEqual(['one', 1000, 0]);
  });

  test('a denial has the start of the value only', async () => {
    const { ask } = node();
    await ask('grant', ['a'], { token: 'x'.repeat(100), ttl: 1000 });
    const denial = await ask('grant', ['a'], { token: 'two', ttl: 1000 });
    expect(denial).toEqual([[0, 'x'.repeat(64), 1000]]);
  });

  test('extend renews all keys if all hold the token, and tells missing from foreign', async () => {
    const { ask } = node();
    await ask('grant', ['a'], { token: 'one', ttl: 1000 });
    await ask('grant', ['b'], { token: 'two', ttl: 1000 });
    expect(await ask('extend', ['a', 'b'], { token: 'one', ttl: 5000 })).toBe(0);
    expect(await ask('extend', ['none', 'b'], { token: 'one', ttl: 5000 })).toBe(0);
    expect(await ask('extend', ['a', 'none'], { token: 'one', ttl: 5000 })).toBe(-1);
    expect(await ask('inspect', ['a'])).toEqual(['one', 1000, 0]);
    expect(await ask('extend', ['a'], { token: 'one', ttl: 5000 })).toBe(1);
    expect(await ask('inspect', ['a'])).toEqual(['one', 5000, 0]);
  });

  test('release deletes the keys that hold the token and no other', async () => {
    const { ask } = node();
    await ask('grant', ['a'], { token: 'one', ttl: 1000 });
    await ask('grant', ['b'], { token: 'two', ttl: 1000 });
    expect(await ask('release', ['a', 'b'], { token: 'one' })).toBe(0);
    expect(await ask('inspect', ['a'])).toEqual([null, -2, 0]);
    expect(await ask('inspect', ['b'])).toEqual(['two', 1000, 0]);
    expect(await ask('release', ['b'], { token: 'two' })).toBe(1);
  });

  test('a key is gone when its ttl is over, not before', async () => {
    const { ask } = node();
    await ask('grant', ['a'], { token: 'one', ttl: 1000 });
    jest.advanceTimersByTime(999);
    expect(await ask('grant', ['a'], { token: 'two', ttl: 1000 })).toEqual([[0, 'one', 1]]);
    jest.advanceTimersByTime(1);
    expect(await ask('extend', ['a'], { token: 'one', ttl: 1000 })).toBe(-1);
    expect(await ask('grant', ['a'], { token: 'two', ttl: 1000 })).toBe(1);
  });

  test('operations of one command are done in order', async () => {
    const { all } = node();
    const replies = await all(
      { kind: 'grant', resources: ['a'], token: 'one', ttl: 1000 },
      { kind: 'release', resources: ['a'], token: 'one' },
      { kind: 'grant', resources: ['a'], token: 'two', ttl: 1000 },
      { kind: 'inspect', resources: ['a'] },
    );
    expect(replies).toEqual([1, 1, 1, ['two', 1000, 0]]);
  });

  test('the script may come whole or as its digest, and anything else is an error reply', async () => {
    const { memory } = node();
    const whole = commandOf([{ kind: 'grant', resources: ['a'], token: 'one' }]);
    expect(await memory.call(whole)).toBe(1);
    for (const { source, sha } of PROGRAMS) {
      await memory.call(['eval', source, ...whole.slice(2)]);
      expect(await memory.call(['evalsha', sha, ...whole.slice(2)])).toBe(1);
    }
    memory.forget();
    await expect(memory.call(['evalsha', BATCH.sha, ...whole.slice(2)])).rejects.toThrow(
      /^NOSCRIPT /,
    );
    await expect(memory.call(['GET', 'a'])).rejects.toThrow(/^ERR /);
  });
});

const micros = (): number => Date.now() * 1000;

describe('the fencing counter', () => {
  test('takes the proposal of a grant, and of the next one, and grows in between', async () => {
    const { ask } = node();
    const proposal = micros() + 7;
    const grant = async (fence: number): Promise<unknown> => {
      const reply = await ask('grant', ['a'], { token: 'one', fence });
      await ask('release', ['a'], { token: 'one' });
      return reply;
    };
    expect(await grant(proposal)).toBe(1);
    expect(await grant(proposal)).toBe(proposal + 1);
    expect(await grant(proposal + 9)).toBe(1);
  });

  test('stays within a second of the node clock, whatever is proposed', async () => {
    const { ask } = node();
    const proposals = [0, micros() - 2_000_000, micros() + 2_000_000, 2 ** 53 - 1];
    const counters = [];
    for (const [index, fence] of proposals.entries()) {
      counters.push(await ask('grant', [`r${index}`], { token: 'one', fence }));
    }
    const [low, high] = [micros() - 999_999, micros() + 1_000_000];
    expect(counters).toEqual([low, low, high, high]);
  });

  test('of several resources is the highest, written to all', async () => {
    const { ask } = node();
    const proposal = micros();
    await ask('grant', ['b'], { token: 'one', fence: proposal + 500 });
    const f = await ask('grant', ['a', 'b'], { token: 'one', fence: proposal });
    expect(f).toBe(proposal + 501);
    for (const key of ['{a}:fencing', '{b}:fencing']) {
      expect(await ask('inspect', [key])).toEqual([String(proposal + 501), 360_000, 0]);
    }
  });

  test('outlives its lock by 5 minutes, from the latest grant or extension', async () => {
    const { ask } = node();
    const fence = micros();
    await ask('grant', ['a'], { token: 'one', ttl: 1000, fence });
    expect(await ask('inspect', ['{a}:fencing'])).toEqual([String(fence), 301_000, 0]);
    jest.advanceTimersByTime(500);
    await ask('extend', ['a'], { token: 'one', ttl: 2000, fence });
    expect(await ask('inspect', ['{a}:fencing'])).toEqual([String(fence), 302_000, 0]);
  });

  test('above the token, an extension renews the expiry and does not count', async () => {
    const { ask } = node();
    const fence = micros();
    await ask('grant', ['a'], { token: 'one', ttl: 1000, fence });
    expect(await ask('extend', ['a'], { token: 'one', ttl: 5000, fence: fence - 1 })).toBe(2);
    expect(await ask('inspect', ['a'])).toEqual(['one', 5000, 0]);
  });

  test('confirm raises it where the key is ours and it is not above', async () => {
    const { ask } = node();
    const fence = micros();
    await ask('grant', ['a'], { token: 'one', fence });
    expect(await ask('confirm', ['a'], { token: 'one', fence: fence + 5 })).toBe(1);
    expect(await ask('inspect', ['{a}:fencing'])).toEqual([String(fence + 5), 360_000, 0]);
    expect(await ask('confirm', ['a'], { token: 'one', fence: fence + 4 })).toBe(0);
    expect(await ask('confirm', ['a'], { token: 'two', fence: fence + 9 })).toBe(0);
    expect(await ask('confirm', ['none'], { token: 'one', fence })).toBe(0);
    expect(await ask('inspect', ['{a}:fencing'])).toEqual([String(fence + 5), 360_000, 0]);
  });

  test('heal puts back what is missing and raises it, where it is not above', async () => {
    const { ask } = node();
    const fence = micros();
    await ask('grant', ['a'], { token: 'one', ttl: 1000, fence });
    expect(await ask('heal', ['a', 'b'], { token: 'one', ttl: 5000, fence: fence - 1 })).toBe(0);
    expect(await ask('inspect', ['b'])).toEqual([null, -2, 0]);
    expect(await ask('heal', ['a', 'b'], { token: 'two', ttl: 5000, fence: fence + 3 })).toBe(0);
    expect(await ask('heal', ['a', 'b'], { token: 'one', ttl: 5000, fence: fence + 3 })).toBe(1);
    expect(await ask('inspect', ['b'])).toEqual(['one', 5000, 0]);
    expect(await ask('inspect', ['a'])).toEqual(['one', 5000, 0]);
    for (const key of ['{a}:fencing', '{b}:fencing']) {
      expect(await ask('inspect', [key])).toEqual([String(fence + 3), 305_000, 0]);
    }
  });
});

describe('a test can have it', () => {
  const ONCE = { wait: 0 };

  function three() {
    const [a, b, c] = [
      node().memory,
      memoryNode({ name: 'b' }),
      memoryNode({ name: 'c' }),
    ] as const;
    const redlock = new Redlock([a, b, c], ONCE);
    const told: string[] = [];
    redlock.on('nodeFailed', ({ node: name, error }) => told.push(`${name} ${error.code}`));
    redlock.on('nodeRecovered', ({ node: name }) => told.push(`${name} recovered`));
    redlock.on('nodeQuarantined', ({ node: name, ms }) => told.push(`${name} for ${ms}`));
    return { a, b, c, redlock, told };
  }

  test('be out of reach, which a minority may, and come back with its locks', async () => {
    const { a, b, redlock, told } = three();
    const kept = await redlock.acquire('kept', 60_000);
    a.fail();
    await (await redlock.acquire('r', 1000)).release();
    b.fail();
    const refused = await rejectionOf(redlock.tryAcquire('r', 1000));
    expect(QuorumError.is(refused)).toBe(true);
    expect(codesOf(refused)).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
    a.recover();
    b.recover();
    expect(await redlock.tryAcquire('kept', 1000)).toBeNull();
    expect(await kept.release()).toBe(true);
    expect(told).toEqual(['m ECONNREFUSED', 'b ECONNREFUSED', 'm recovered', 'b recovered']);
    await redlock.close();
  });

  test('answer with an error', async () => {
    const { a, b, redlock } = three();
    for (const each of [a, b]) each.fail(new Error('OOM command not allowed'));
    const refused = await rejectionOf(redlock.acquire('r', 1000));
    expect(codesOf(refused)).toEqual(['OOM', 'OOM']);
    for (const each of [a, b]) each.recover();
    expect(await (await redlock.acquire('r', 1000)).release()).toBe(true);
    await redlock.close();
  });

  test('forget: what it grants does not count in quarantine', async () => {
    const { a, b, redlock, told } = three();
    const lock = await redlock.acquire('r', 10_000);
    a.forget();
    b.forget();
    const refused = await rejectionOf(redlock.acquire('r', 10_000));
    expect(codesOf(refused)).toEqual(['QUARANTINED', 'QUARANTINED']);
    expect(told).toEqual(['m for 10000', 'b for 10000']);
    jest.advanceTimersByTime(10_000);
    expect(lock.remaining()).toBe(0);
    expect(await (await redlock.acquire('r', 1000)).release()).toBe(true);
    await redlock.close();
  });

  test('lose its keys, and nobody notices until the holder extends', async () => {
    const { a, b, c, redlock, told } = three();
    const lock = await redlock.acquire('r', 10_000);
    for (const each of [a, b, c]) each.clear();
    const other = await redlock.acquire('r', 10_000);
    expect(LockLostError.is(await rejectionOf(lock.extend()))).toBe(true);
    expect(await other.release()).toBe(true);
    expect(told).toEqual([]);
    await redlock.close();
  });

  test('be far away, or silent', async () => {
    const { a, b, redlock } = three();
    for (const each of [a, b]) each.delay(20);
    const begun = Date.now();
    const acquiring = redlock.acquire('r', 1000);
    await jest.advanceTimersByTimeAsync(20);
    const lock = await acquiring;
    expect(Date.now() - begun).toBe(20);
    for (const each of [a, b]) each.delay(Infinity);
    const refused = rejectionOf(redlock.acquire('other', 1000));
    await jest.advanceTimersByTimeAsync(100);
    expect(codesOf(await refused)).toEqual(['TIMEOUT', 'TIMEOUT', undefined]);
    for (const each of [a, b]) each.delay(0);
    await jest.advanceTimersByTimeAsync(0);
    expect(await lock.release()).toBe(true);
    expect(await (await redlock.acquire('other', 1000)).release()).toBe(true);
    await redlock.close();
  });

  test('lose its connection, and with it what was under way', async () => {
    const { memory } = node();
    memory.delay(Infinity);
    const cut = [memory.call(['INFO']), memory.call(['INFO'])].map(rejectionOf);
    await Promise.resolve();
    memory.fail();
    for (const error of await Promise.all(cut)) expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  test('reply in order, also when replies begin to take less time', async () => {
    const { memory } = node();
    const arrived: number[] = [];
    const ask = async (which: number): Promise<void> => {
      await memory.call(['INFO']);
      arrived.push(which);
    };
    memory.delay(1000);
    const asked = [ask(1), ask(2)];
    await jest.advanceTimersByTimeAsync(500);
    memory.delay(600);
    asked.push(ask(3));
    await jest.advanceTimersByTimeAsync(100);
    expect(arrived).toEqual([1, 2]);
    memory.delay(0);
    asked.push(ask(4));
    await jest.advanceTimersByTimeAsync(0);
    await Promise.all(asked);
    expect(arrived).toEqual([1, 2, 3, 4]);
  });

  test('tell subscribers when it is back that they may have missed something', async () => {
    const { memory, ask } = node();
    const heard: (string | undefined)[] = [];
    const stop = memory.subscribe?.('r:called:me', (message) => heard.push(message));
    const call = async (token: string): Promise<void> => {
      await ask('grant', ['r'], { token });
      await ask('grant', ['r'], { token: 'mine', entries: ['0:9000:50:r:called:me'] });
      await ask('release', ['r'], { token });
      await ask('release', ['r'], { token: 'mine', entries: ['-50:r:called:me'] });
    };
    await call('one');
    expect(heard).toEqual([undefined, 'called']);
    memory.fail();
    memory.recover();
    await call('two');
    expect(heard).toEqual([undefined, 'called', undefined, 'called']);
    stop?.();
    await call('three');
    expect(heard).toHaveLength(4);
  });

  test('tell subscribers that they hear nothing while it is away', async () => {
    const { memory } = node();
    let lost = 0;
    memory.subscribe?.(
      'r:called:me',
      () => {},
      () => lost++,
    );
    await Promise.resolve();
    memory.fail();
    await Promise.resolve();
    expect(lost).toBe(1);
  });

  test.each([NaN, -1])('take no delay of %p ms', (ms) => {
    expect(() => node().memory.delay(ms)).toThrow(RangeError);
  });
});

test('expired keys do not pile up', () => {
  const keys = new Keyspace();
  const dropped = jest.spyOn(Map.prototype, 'delete');
  try {
    for (let index = 0; index < 10_000; index++) {
      keys.set(`key${index}`, 'value', 10);
      if (index % 100 === 0) jest.advanceTimersByTime(20);
    }
    const ours = dropped.mock.calls.filter(([key]) => String(key).startsWith('key'));
    expect(10_000 - ours.length).toBeLessThan(2000);
  } finally {
    dropped.mockRestore();
  }
});

test('has the name and timeout given', () => {
  expect(memoryNode({ name: 'm', timeout: 7 })).toMatchObject({
    name: 'm',
    timeout: 7,
    ready: true,
  });
});

test('excludes within a process, with the system clock and random tokens', async () => {
  jest.useRealTimers();
  const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
  await using one = new Redlock(nodes);
  await using two = new Redlock(nodes);
  const lock = await one.acquire('r', 60_000);
  expect(await two.tryAcquire('r', 60_000)).toBeNull();
  expect(await lock.release()).toBe(true);
  await using next = await two.acquire('r', 60_000);
  expect(next.token).not.toBe(lock.token);
  expect(next.token).toMatch(/^[\w-]{21}$/);
});

/** What nodes have failed with; undefined: they have not. */
function codesOf(error: unknown): (string | undefined)[] {
  return QuorumError.is(error) ? error.votes.map((vote) => vote.error?.code) : [];
}
