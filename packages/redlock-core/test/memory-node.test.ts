import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { Keyspace } from '../src/memory/keyspace.js';
import { program } from '../src/program.js';
import { commandOf, type Wording } from './support/operations.js';

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
  test('INFO says which one it is, and for how long it has been there', async () => {
    const { memory } = node();
    const before = await memory.call(['INFO', 'server']);
    expect(before).toMatch(/^run_id:\S+\r\nuptime_in_seconds:0\r\n$/);
    jest.advanceTimersByTime(2000);
    expect(await memory.call(['INFO', 'server'])).toBe(String(before).replace(':0', ':2'));
    expect(await node().memory.call(['INFO', 'server'])).not.toBe(before);
  });

  test('grant sets all keys or none, and says who is in the way', async () => {
    const { ask } = node();
    expect(await ask('grant', ['b'], { token: 'one', ttl: 1000 })).toBe(1);
    expect(await ask('grant', ['a', 'b'], { token: 'two', ttl: 1000 })).toEqual([[1, 'one', 1000]]);
    expect(await ask('inspect', ['a'])).toEqual([null, -2]);
    expect(await ask('inspect', ['b'])).toEqual(['one', 1000]);
    expect(await ask('grant', ['a', 'b'], { token: 'one', ttl: 5000 })).toBe(1);
    expect(await ask('inspect', ['a'])).toEqual(['one', 5000]);
  });

  test('a key that holds the very token of a grant keeps its expiry', async () => {
    const { ask } = node();
    await ask('grant', ['a'], { token: 'one', ttl: 1000 });
    expect(await ask('grant', ['a'], { token: 'one', ttl: 5000 })).toBe(1);
    expect(await ask('inspect', ['a'])).toEqual(['one', 1000]);
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
    expect(await ask('inspect', ['a'])).toEqual(['one', 1000]);
    expect(await ask('extend', ['a'], { token: 'one', ttl: 5000 })).toBe(1);
    expect(await ask('inspect', ['a'])).toEqual(['one', 5000]);
  });

  test('release deletes the keys that hold the token and no other', async () => {
    const { ask } = node();
    await ask('grant', ['a'], { token: 'one', ttl: 1000 });
    await ask('grant', ['b'], { token: 'two', ttl: 1000 });
    expect(await ask('release', ['a', 'b'], { token: 'one' })).toBe(0);
    expect(await ask('inspect', ['a'])).toEqual([null, -2]);
    expect(await ask('inspect', ['b'])).toEqual(['two', 1000]);
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
    expect(replies).toEqual([1, 1, 1, ['two', 1000]]);
  });

  test('the script may come whole or as its digest, and anything else is an error reply', async () => {
    const { memory } = node();
    const whole = commandOf([{ kind: 'grant', resources: ['a'], token: 'one' }]);
    expect(await memory.call(whole)).toBe(1);
    expect(await memory.call(['evalsha', program.sha, ...whole.slice(2)])).toBe(1);
    await expect(memory.call(['GET', 'a'])).rejects.toThrow(/^ERR /);
  });
});

const micros = (): number => Date.now() * 1000;

describe('the fencing counter', () => {
  test('takes the proposal of a grant, and of the next one, and grows in between', async () => {
    const { ask } = node();
    const proposal = micros() + 7;
    expect(await ask('grant', ['a'], { token: 'one', fence: proposal })).toBe(1);
    expect(await ask('grant', ['a'], { token: 'one', fence: proposal })).toBe(proposal + 1);
    expect(await ask('grant', ['a'], { token: 'one', fence: proposal + 9 })).toBe(1);
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
      expect(await ask('inspect', [key])).toEqual([String(proposal + 501), 360_000]);
    }
  });

  test('outlives its lock by 5 minutes, from the latest grant or extension', async () => {
    const { ask } = node();
    const fence = micros();
    await ask('grant', ['a'], { token: 'one', ttl: 1000, fence });
    expect(await ask('inspect', ['{a}:fencing'])).toEqual([String(fence), 301_000]);
    jest.advanceTimersByTime(500);
    await ask('extend', ['a'], { token: 'one', ttl: 2000, fence });
    expect(await ask('inspect', ['{a}:fencing'])).toEqual([String(fence), 302_000]);
  });

  test('above the token, an extension renews the expiry and does not count', async () => {
    const { ask } = node();
    const fence = micros();
    await ask('grant', ['a'], { token: 'one', ttl: 1000, fence });
    expect(await ask('extend', ['a'], { token: 'one', ttl: 5000, fence: fence - 1 })).toBe(2);
    expect(await ask('inspect', ['a'])).toEqual(['one', 5000]);
  });

  test('confirm raises it where the key is ours and it is not above', async () => {
    const { ask } = node();
    const fence = micros();
    await ask('grant', ['a'], { token: 'one', fence });
    expect(await ask('confirm', ['a'], { token: 'one', fence: fence + 5 })).toBe(1);
    expect(await ask('inspect', ['{a}:fencing'])).toEqual([String(fence + 5), 360_000]);
    expect(await ask('confirm', ['a'], { token: 'one', fence: fence + 4 })).toBe(0);
    expect(await ask('confirm', ['a'], { token: 'two', fence: fence + 9 })).toBe(0);
    expect(await ask('confirm', ['none'], { token: 'one', fence })).toBe(0);
    expect(await ask('inspect', ['{a}:fencing'])).toEqual([String(fence + 5), 360_000]);
  });

  test('heal puts back what is missing and raises it, where it is not above', async () => {
    const { ask } = node();
    const fence = micros();
    await ask('grant', ['a'], { token: 'one', ttl: 1000, fence });
    expect(await ask('heal', ['a', 'b'], { token: 'one', ttl: 5000, fence: fence - 1 })).toBe(0);
    expect(await ask('inspect', ['b'])).toEqual([null, -2]);
    expect(await ask('heal', ['a', 'b'], { token: 'two', ttl: 5000, fence: fence + 3 })).toBe(0);
    expect(await ask('heal', ['a', 'b'], { token: 'one', ttl: 5000, fence: fence + 3 })).toBe(1);
    expect(await ask('inspect', ['b'])).toEqual(['one', 5000]);
    expect(await ask('inspect', ['a'])).toEqual(['one', 5000]);
    for (const key of ['{a}:fencing', '{b}:fencing']) {
      expect(await ask('inspect', [key])).toEqual([String(fence + 3), 305_000]);
    }
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
