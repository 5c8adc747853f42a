import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { Pause } from '../../src/time/pause.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

function listenersOf({ signal }: AbortController): number {
  return getEventListeners(signal, 'abort').length;
}

function pausing(count: number, ms: number, ...controllers: readonly AbortController[]) {
  const runtime = new ManualRuntime();
  const ended: number[] = [];
  const signals = [...controllers.map(({ signal }) => signal), undefined];
  const pauses = Array.from({ length: count }, (_, index) => {
    const pause = new Pause(ms, runtime, signals);
    void pause.over.then(() => ended.push(index));
    return pause;
  });
  return { runtime, ended, pauses };
}

test('an abort ends the pauses of its signal with their timers, and no others', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const both = pausing(3000, 100, one, other);
  const spared = pausing(1, 100, other);
  one.abort();
  await settle();
  expect(both.ended).toHaveLength(3000);
  expect(both.runtime.pending).toEqual([]);
  expect(spared.ended).toEqual([]);
  expect([listenersOf(one), listenersOf(other)]).toEqual([0, 1]);
  const late = pausing(1, 100, one);
  await settle();
  expect(late.ended).toEqual([0]);
  expect(late.runtime.pending).toEqual([]);
  await spared.runtime.advance(100);
});

test('time-limit: a thousand waiters add one listener to the signal that they share', async () => {
  const { redlock, time } = world();
  await redlock.acquire('r', TTL);
  const caller = new AbortController();
  const reason = new Error('gone');
  const rejected = Array.from({ length: 1000 }, async () =>
    rejectionOf(redlock.acquire('r', TTL, { signal: caller.signal })),
  );
  await time.advance(100);
  expect(listenersOf(caller)).toBe(1);
  caller.abort(reason);
  expect(new Set(await Promise.all(rejected))).toEqual(new Set([reason]));
  expect(listenersOf(caller)).toBe(0);
});
