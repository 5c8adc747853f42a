import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { Keyspace } from '../src/memory/keyspace.js';
import { extendScript } from '../src/scripts/extend.js';
import { grantScript } from '../src/scripts/grant.js';
import { inspectScript } from '../src/scripts/inspect.js';
import { releaseScript } from '../src/scripts/release.js';

const SCRIPTS = {
  grant: grantScript,
  extend: extendScript,
  release: releaseScript,
  inspect: inspectScript,
};

function node() {
  const memory = memoryNode({ name: 'm' });
  const call = (script: keyof typeof SCRIPTS, keys: readonly string[], ...args: string[]) =>
    memory.call(['evalsha', SCRIPTS[script].sha, String(keys.length), ...keys, ...args]);
  return { memory, call };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('behaves as the scripts say', () => {
  test('grant sets all keys or none, and says who is in the way', async () => {
    const { call } = node();
    expect(await call('grant', ['b'], 'one', '1000')).toEqual([]);
    expect(await call('grant', ['a', 'b'], 'two', '1000')).toEqual([[1, 'one', 1000]]);
    expect(await call('inspect', ['a'])).toEqual([null, -2]);
    expect(await call('grant', ['a', 'b'], 'one', '5000')).toEqual([]);
    expect(await call('inspect', ['b'])).toEqual(['one', 5000]);
  });

  test('a denial has the start of the value only', async () => {
    const { call } = node();
    await call('grant', ['a'], 'x'.repeat(100), '1000');
    expect(await call('grant', ['a'], 'two', '1000')).toEqual([[0, 'x'.repeat(64), 1000]]);
  });

  test('extend renews all keys if all hold the token', async () => {
    const { call } = node();
    await call('grant', ['a'], 'one', '1000');
    await call('grant', ['b'], 'two', '1000');
    expect(await call('extend', ['a', 'b'], 'one', '5000')).toBe(0);
    expect(await call('inspect', ['a'])).toEqual(['one', 1000]);
    expect(await call('extend', ['a'], 'one', '5000')).toBe(1);
    expect(await call('inspect', ['a'])).toEqual(['one', 5000]);
    expect(await call('extend', ['none'], 'one', '5000')).toBe(0);
  });

  test('release deletes the keys that hold the token and no other', async () => {
    const { call } = node();
    await call('grant', ['a'], 'one', '1000');
    await call('grant', ['b'], 'two', '1000');
    expect(await call('release', ['a', 'b'], 'one')).toBe(0);
    expect(await call('inspect', ['a'])).toEqual([null, -2]);
    expect(await call('inspect', ['b'])).toEqual(['two', 1000]);
    expect(await call('release', ['b'], 'two')).toBe(1);
  });

  test('a key is gone when its ttl is over, not before', async () => {
    const { call } = node();
    await call('grant', ['a'], 'one', '1000');
    jest.advanceTimersByTime(999);
    expect(await call('grant', ['a'], 'two', '1000')).toEqual([[0, 'one', 1]]);
    jest.advanceTimersByTime(1);
    expect(await call('extend', ['a'], 'one', '1000')).toBe(0);
    expect(await call('grant', ['a'], 'two', '1000')).toEqual([]);
  });

  test('a script may come whole, and anything else is an error reply', async () => {
    const { memory } = node();
    expect(await memory.call(['eval', grantScript.source, '1', 'a', 'one', '1000'])).toEqual([]);
    await expect(memory.call(['GET', 'a'])).rejects.toThrow(/^ERR /);
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
