import { once } from 'node:events';
import { describe, expect, jest, test } from '@jest/globals';
import { rejectionOf, repeatedAfterStall, until } from 'test-kit';
import { ExecutionError } from '../../src/index.js';
import { Fleet } from '../support/fleet.js';
import { TTL, v5On } from '../support/redlocks.js';

const routine = async (): Promise<void> => {};

test('a routine runs under the lock, which is released after it', async () => {
  const fleet = new Fleet(3);
  const redlock = v5On(fleet);
  const result = await redlock.using(['r'], TTL, { retryCount: 1 }, async (signal) => {
    expect(signal.aborted).toBe(false);
    expect(fleet.isGone('r')).toBe(false);
    return 'done';
  });
  expect(result).toBe('done');
  await until('it is gone', () => fleet.isGone('r'));
});

test('the lock is extended when the threshold is left, for as long as the routine runs', async () => {
  const fleet = new Fleet(3);
  const redlock = v5On(fleet, { automaticExtensionThreshold: 1500 });
  const { probe } = fleet.node(0);
  await redlock.using(['r'], 2000, async (signal) => {
    let left = Infinity;
    for (const which of ['first', 'second']) {
      await until(`the ${which} extension`, () => {
        const before = left;
        left = probe.pttl('r');
        return left > before;
      });
    }
    expect(signal.aborted).toBe(false);
  });
});

test('a threshold that no extension reaches leads to no more than a few of them', async () => {
  const fleet = new Fleet(3);
  const redlock = v5On(fleet, { automaticExtensionThreshold: 9900 });
  const extend = jest.spyOn(redlock, 'extend');
  const end = Date.now() + 500;
  await redlock.using(['r'], 10_000, () => until('a while is over', () => Date.now() > end));
  expect(extend.mock.calls.length).toBeLessThan(5);
});

describe('the signal aborts, and using rejects with its error', () => {
  test(
    'at the extension that finds the lock taken',
    repeatedAfterStall(async () => {
      const fleet = new Fleet(3);
      const redlock = v5On(fleet);
      const error = await rejectionOf(
        redlock.using(['r'], 10_000, { automaticExtensionThreshold: 9800 }, async (signal) => {
          for (const probe of fleet.probes) probe.set('r', 'other');
          await once(signal, 'abort');
          expect(signal.error).toBeInstanceOf(ExecutionError);
        }),
      );
      expect(error).toBeInstanceOf(ExecutionError);
      expect(fleet.isHeld('r', 'other')).toBe(true);
    }),
  );

  test('at the end of validity, if the nodes are away', async () => {
    const fleet = new Fleet(3);
    const redlock = v5On(fleet, { automaticExtensionThreshold: 2000 });
    const error = await rejectionOf(
      redlock.using(['r'], 3000, async (signal) => {
        for (const { proxy } of fleet.nodes) proxy.refuse();
        await once(signal, 'abort');
        for (const { proxy } of fleet.nodes) proxy.heal();
        return 'too late';
      }),
    );
    expect(error).toBeInstanceOf(ExecutionError);
  });
});

test("a routine's own error wins", async () => {
  const fleet = new Fleet(3);
  const redlock = v5On(fleet, { retryCount: 0 });
  const own = new TypeError('its own');
  const error = await rejectionOf(
    redlock.using(['r'], TTL, async () => {
      for (const probe of fleet.probes) probe.set('r', 'other');
      throw own;
    }),
  );
  expect(error).toBe(own);
});

test('a release that fails does not undo what the routine has done', async () => {
  const fleet = new Fleet(3);
  const redlock = v5On(fleet, { retryCount: 0 });
  const done = await redlock.using(['r'], TTL, async () => {
    for (const { proxy } of fleet.nodes) proxy.refuse();
    return 'done';
  });
  expect(done).toBe('done');
});

test('what makes no sense is refused before anything is sent', async () => {
  const fleet = new Fleet(1);
  const redlock = v5On(fleet);
  expect(await rejectionOf(redlock.using(['r'], 599, routine))).toMatchObject({
    message: expect.stringContaining('at least 100ms greater than the'),
  });
  expect(await rejectionOf(redlock.using(['r'], 1000.5, routine))).toMatchObject({
    message: 'Duration must be an integer value in milliseconds.',
  });
  expect(await rejectionOf(redlock.using(['r'], TTL, {}))).toMatchObject({
    message: 'INVARIANT: routine is not a function.',
  });
  expect(fleet.isGone('r')).toBe(true);
});
