import { expect, test } from '@jest/globals';
import type { LockLostError } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

/** The loss that the signal of a lock ends with. */
function lossOf({ signal }: { signal: AbortSignal }): LockLostError {
  return signal.reason as LockLostError;
}

test('a lock that is lost because the event loop was blocked says for how long', async () => {
  const { redlock, runtime, seen } = threeNodes();
  const lock = await redlock.acquire('r', 3000, { autoExtend: true });
  await runtime.advance(0);
  // The timer of the first extension, which is due when two thirds are left, is late by so much.
  runtime.standStill(6000);
  await runtime.advance(0);
  const { loopDelay = 0, message, cause } = lossOf(lock);
  expect(loopDelay).toBeGreaterThan(4900);
  expect(loopDelay).toBeLessThanOrEqual(6000);
  expect(cause.code).toBe('EXPIRED');
  expect(message).toContain(`was late by ${loopDelay} ms: keep long work off it`);
  expect(seen.at(-1)).toMatchObject(['lost', { loopDelay }]);
  expect(JSON.parse(JSON.stringify(lossOf(lock)))).toMatchObject({ loopDelay });
});

test('says so also if the holder notices the loss before any timer does', async () => {
  const { redlock, runtime } = threeNodes();
  const lock = await redlock.acquire('r', 3000, { autoExtend: true });
  runtime.standStill(6000);
  const error = (await rejectionOf(lock.extend())) as LockLostError;
  expect(error.loopDelay).toBeGreaterThan(4900);
});

test('says so also if too little time was left for extensions after the delay', async () => {
  const { redlock, runtime, nodes } = threeNodes();
  const lock = await redlock.acquire('r', 3000, { autoExtend: true });
  runtime.standStill(2900);
  for (const node of nodes) node.mode = DOWN;
  await runtime.advance(1000);
  expect(lossOf(lock).cause.code).toBe('UNREACHABLE');
  expect(lossOf(lock).loopDelay).toBeGreaterThan(1800);
});

test('says nothing of an event loop that was on time, or of a delay before the last extension', async () => {
  const { redlock, runtime, nodes } = threeNodes();
  const plain = await redlock.acquire('plain', 1000);
  const lock = await redlock.acquire('r', 3000, { autoExtend: true });
  runtime.standStill(1500);
  await runtime.advance(100);
  for (const node of nodes) node.mode = DOWN;
  await runtime.advance(4000);
  expect(lossOf(lock)).not.toHaveProperty('loopDelay', expect.any(Number));
  expect(lossOf(lock).message).not.toContain('event loop');
  expect(lossOf(plain).loopDelay).toBeGreaterThan(0);
});
