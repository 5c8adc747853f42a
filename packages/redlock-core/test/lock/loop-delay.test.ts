import { expect, test } from '@jest/globals';
import type { LockLostError } from 'redlock-core';
import { held, world } from '../support/world.js';

const AUTO = { autoExtend: true };

/** The loss that the signal of a lock ends with. */
function lossOf({ signal }: { signal: AbortSignal }): LockLostError {
  return signal.reason as LockLostError;
}

test('the loss of a lock names the delay of the event loop that caused it', async () => {
  const { lock, time, seen } = await held('r', AUTO, 3000);
  // The timer of the first extension, which is due when two thirds are left, is late by so much.
  time.standStill(6000);
  await time.advance(0);
  const { loopDelay = 0, message, reason } = lossOf(lock);
  expect(loopDelay).toBeGreaterThan(4900);
  expect(loopDelay).toBeLessThanOrEqual(6000);
  expect(reason).toBe('EXPIRED');
  expect(message).toContain(`was late by ${loopDelay} ms: keep long work off it`);
  expect(seen.at(-1)).toMatchObject(['lost', { error: { loopDelay } }]);
  expect(JSON.parse(JSON.stringify(lossOf(lock)))).toMatchObject({ loopDelay });
});

test('the loss names the delay also if it left too little time for extensions', async () => {
  const { lock, time, nodes } = await held('r', AUTO, 3000);
  time.standStill(2900);
  for (const node of nodes) node.fail();
  await time.advance(1000);
  expect(lossOf(lock).reason).toBe('UNREACHABLE');
  expect(lossOf(lock).loopDelay).toBeGreaterThan(1800);
});

test('the loss names no delay if the event loop was on time, or late before the last extension', async () => {
  const { redlock, time, nodes } = world();
  const plain = await redlock.acquire('plain', 1000);
  const lock = await redlock.acquire('r', 3000, AUTO);
  time.standStill(1500);
  await time.advance(100);
  for (const node of nodes) node.fail();
  await time.advance(4000);
  expect(lossOf(lock)).not.toHaveProperty('loopDelay', expect.any(Number));
  expect(lossOf(lock).message).not.toContain('event loop');
  expect(lossOf(plain).loopDelay).toBeGreaterThan(0);
});

test('loss: a lock whose validity ended while the process stood still is EXPIRED, also while an extension was under way', async () => {
  const { lock, time, nodes } = await held('r', AUTO, 3000);
  for (const node of nodes) node.mode = 'hold';
  await time.advance(1100);
  time.standStill(6000);
  await time.advance(0);
  expect(lossOf(lock).reason).toBe('EXPIRED');
});
