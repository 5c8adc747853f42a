import { expect, test } from '@jest/globals';
import { ExtensionSchedule } from '../../src/lock/extension-schedule.js';
import { fullValidity } from '../../src/time/validity.js';
import { ManualRuntime } from '../support/manual-runtime.js';

const TTL = 30_000;
const DRIFT_FACTOR = 0.01;
const FULL = fullValidity(TTL, DRIFT_FACTOR);

function scheduled(maxHold = Infinity, driftFactor = DRIFT_FACTOR) {
  const runtime = new ManualRuntime();
  const schedule = new ExtensionSchedule({ runtime, driftFactor }, maxHold);
  return { runtime, schedule };
}

test('an extension is due when a third of the ttl is over, and may run a tenth of that early', () => {
  const { schedule } = scheduled();
  expect(schedule.due(FULL, TTL)).toBeCloseTo(TTL / 3);
  expect(schedule.due(FULL - TTL / 3, TTL)).toBeCloseTo(0);
  expect(schedule.slack(TTL)).toBeCloseTo(TTL / 30);
});

test.each([0.5, 0.7, 0.95])(
  'with a driftFactor of %d it is due at half of the validity',
  (factor) => {
    const { schedule } = scheduled(Infinity, factor);
    const full = fullValidity(TTL, factor);
    expect(schedule.due(full, TTL)).toBeCloseTo(full / 2);
  },
);

test('one that failed is tried again after a tenth of the validity that is left, and not early', async () => {
  const { runtime, schedule } = scheduled();
  expect(schedule.postpone(5000)).toBe(500);
  expect(schedule.due(5000, TTL)).toBe(500);
  expect(schedule.slack(TTL)).toBe(0);
  await runtime.advance(500);
  expect(schedule.due(4500, TTL)).toBe(0);
  expect(schedule.slack(TTL)).toBeCloseTo(TTL / 30);
});

test('the pause ends with an extension that succeeds', () => {
  const { schedule } = scheduled();
  schedule.postpone(FULL * 10);
  schedule.succeeded();
  expect(schedule.due(FULL, TTL)).toBeCloseTo(TTL / 3);
  expect(schedule.slack(TTL)).toBeCloseTo(TTL / 30);
});

test('is over after `maxHold`', async () => {
  const { runtime, schedule } = scheduled(1000);
  await runtime.advance(999);
  expect(schedule.isOver).toBe(false);
  await runtime.advance(1);
  expect(schedule.isOver).toBe(true);
  expect(scheduled().schedule.isOver).toBe(false);
});
