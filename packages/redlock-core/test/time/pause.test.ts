import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { Pause } from '../../src/time/pause.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { settle } from '../support/settle.js';
import { threeNodes } from '../support/three-nodes.js';

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

function pausing(count: number, ms: number, signals: readonly (AbortSignal | undefined)[]) {
  const runtime = new ManualRuntime();
  const over: number[] = [];
  const pauses = Array.from({ length: count }, (_, index) => {
    const pause = new Pause(ms, runtime, signals);
    void pause.over.then(() => over.push(index));
    return pause;
  });
  return { runtime, over, pauses };
}

test('thousands share one abort listener per signal, and none is left after the last', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const signals = [one.signal, undefined, other.signal];
  const { runtime, over, pauses } = pausing(3000, 100, signals);
  expect(listenersOf(one.signal)).toBe(1);
  expect(listenersOf(other.signal)).toBe(1);
  for (const pause of pauses.slice(1)) pause.end();
  await settle();
  expect(over).toHaveLength(2999);
  expect(listenersOf(one.signal)).toBe(1);
  await runtime.advance(100);
  expect(over).toHaveLength(3000);
  expect(listenersOf(one.signal)).toBe(0);
  expect(listenersOf(other.signal)).toBe(0);
});

test('an abort ends all of them, with their timers, and no others', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const both = pausing(3000, 100, [one.signal, other.signal]);
  const spared = pausing(1, 100, [other.signal]);
  one.abort();
  await settle();
  expect(both.over).toHaveLength(3000);
  expect(both.runtime.pending).toEqual([]);
  expect(spared.over).toEqual([]);
  expect(listenersOf(one.signal)).toBe(0);
  expect(listenersOf(other.signal)).toBe(1);
  const late = pausing(1, 100, [one.signal]);
  await settle();
  expect(late.over).toEqual([0]);
  expect(late.runtime.pending).toEqual([]);
  await spared.runtime.advance(100);
});

test('ends once its time is over, and may be ended again', async () => {
  const { signal } = new AbortController();
  const { runtime, over, pauses } = pausing(1, 99.4, [signal]);
  await runtime.advance(99);
  expect(over).toEqual([]);
  await runtime.advance(1);
  expect(over).toEqual([0]);
  for (const pause of pauses) pause.end();
  expect(listenersOf(signal)).toBe(0);
});

test('a thousand who wait for one lock add one listener to the signal they share', async () => {
  const { redlock, runtime } = threeNodes();
  await redlock.acquire('r', 60_000);
  const caller = new AbortController();
  const reason = new Error('gone');
  const rejected = Array.from({ length: 1000 }, async () =>
    rejectionOf(redlock.acquire('r', 60_000, { signal: caller.signal })),
  );
  await runtime.advance(100);
  expect(listenersOf(caller.signal)).toBe(1);
  caller.abort(reason);
  expect(new Set(await Promise.all(rejected))).toEqual(new Set([reason]));
  expect(listenersOf(caller.signal)).toBe(0);
});
