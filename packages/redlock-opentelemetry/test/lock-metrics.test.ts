import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { rejectionOf } from 'test-kit/rejection';
import { type RedlockInstrumentation, instrumentRedlock } from '../src/index.js';
import { memoryRedlock } from './support/memory-redlock.js';
import { Sdk } from './support/sdk.js';

const TTL = 60_000;
const A = { 'redlock.group': 'a' };
const B = { 'redlock.group': 'b' };
const HELD = 'redlock.lock.held';
const PENDING = 'redlock.lock.pending_requests';
const reentrant = { reentrant: true };

let sdk: Sdk;
let instrumentation: RedlockInstrumentation;

beforeEach(() => {
  sdk = new Sdk();
  instrumentation = instrumentRedlock({ group: (resource) => resource.split(':')[0] });
});

afterEach(() => {
  jest.useRealTimers();
  instrumentation.dispose();
  sdk[Symbol.dispose]();
});

/** Instruments again, in groups of this function. */
function groupBy(group?: (resource: string) => unknown): void {
  instrumentation.dispose();
  instrumentation = instrumentRedlock({ group: group as () => string });
}

/** Fakes time, which passes at once. */
function fakeTime(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
}

/** The sum and count of a histogram. */
async function recorded(name: string): Promise<unknown[]> {
  const metric = await sdk.metric(name);
  if (metric?.dataPointType !== DataPointType.HISTOGRAM) return [];
  return metric.dataPoints.map(({ attributes, value: { sum, count } }) => [attributes, sum, count]);
}

test('redlock.lock.wait_time is in seconds, by group and outcome', async () => {
  fakeTime();
  const { redlock } = memoryRedlock();
  const lock = await redlock.acquire('a:1', TTL);
  await redlock.tryAcquire('a:1', TTL);
  const waiting = redlock.acquire('a:1', TTL);
  await jest.advanceTimersByTimeAsync(2500);
  await lock.release();
  await waiting;
  expect(await recorded('redlock.lock.wait_time')).toEqual([
    [{ ...A, 'redlock.outcome': 'acquired' }, 2.5, 2],
    [{ ...A, 'redlock.outcome': 'locked' }, 0, 1],
  ]);
});

test('redlock.lock.wait_time has nothing of a lock that is re-entered, nor of a bad argument', async () => {
  const { redlock } = memoryRedlock();
  await redlock.using('a', TTL, reentrant, () => redlock.using('a', TTL, reentrant, () => {}));
  await rejectionOf(redlock.acquire('a', -1));
  expect(await sdk.values('redlock.lock.wait_time')).toEqual([
    [{ ...A, 'redlock.outcome': 'acquired' }, 1],
  ]);
});

test('redlock.lock.held counts the locks that are not released, detached or lost yet', async () => {
  const { redlock, nodes } = memoryRedlock();
  const released = await redlock.acquire('a:1', TTL);
  const detached = await redlock.acquire(['a:2', 'b:2'], TTL);
  const lost = await redlock.acquire('b:3', TTL);
  expect(await sdk.values(HELD)).toEqual([
    [A, 2],
    [B, 1],
  ]);
  await released.release();
  await released.release();
  detached.detach();
  detached.detach();
  for (const node of nodes) node.clear();
  await rejectionOf(lost.extend());
  await lost.release();
  expect(await sdk.values(HELD)).toEqual([
    [A, 0],
    [B, 0],
  ]);
});

test('redlock.lock.held counts a lock that goes to another handle once', async () => {
  const { redlock } = memoryRedlock();
  const lock = await redlock.acquire('a', TTL);
  const heir = await redlock.adopt('a', lock.token, TTL);
  lock.detach();
  expect(await sdk.values(HELD)).toEqual([[A, 1]]);
  await heir.release();
  expect(await sdk.values(HELD)).toEqual([[A, 0]]);
});

test('redlock.lock.held counts resources beside a re-entered lock in their own group', async () => {
  const { redlock } = memoryRedlock();
  let inside: unknown;
  await redlock.using('a', TTL, reentrant, () =>
    redlock.using(['a', 'b'], TTL, reentrant, async () => {
      inside = await sdk.values(HELD);
    }),
  );
  expect(inside).toEqual([
    [A, 1],
    [B, 1],
  ]);
  expect(await sdk.values(HELD)).toEqual([
    [A, 0],
    [B, 0],
  ]);
});

test('redlock.lock.held counts the lock of a routine until the routine ends, even if its Redlock is closed', async () => {
  const { redlock } = memoryRedlock();
  await redlock.using('a', TTL, async () => {
    await redlock.close();
    expect(await sdk.values(HELD)).toEqual([[A, 1]]);
  });
  expect(await sdk.values(HELD)).toEqual([[A, 0]]);
  expect(await sdk.values('redlock.lock.lost')).toEqual([]);
});

test('redlock.lock.held counts a permit as its semaphore', async () => {
  groupBy((resource) => resource);
  const { redlock } = memoryRedlock();
  const names = ['a', '{b}', 'c:{1}'];
  const permits = names.map((name) => redlock.semaphore(name, 3).acquire(TTL));
  for (const permit of permits) await (await permit).release();
  const groups = names.map((name) => ({ 'redlock.group': name }));
  expect(await sdk.values(HELD)).toEqual(groups.map((group) => [group, 0]));
  expect(await sdk.values('redlock.lock.use_time')).toEqual(groups.map((group) => [group, 1]));
});

test('redlock.lock.held does not fall below zero for locks from before the instrumentation', async () => {
  instrumentation.dispose();
  const { redlock } = memoryRedlock();
  const early = await redlock.acquire('a', TTL);
  groupBy();
  await early.release();
  const lock = await redlock.acquire('a', TTL);
  expect(await sdk.values(HELD)).toEqual([[{}, 1]]);
  await lock.release();
  expect(await sdk.values(HELD)).toEqual([[{}, 0]]);
});

test('redlock.lock.pending_requests counts calls until they have a lock or give up', async () => {
  const { redlock } = memoryRedlock();
  const lock = await redlock.acquire('a', TTL);
  const giveUp = new AbortController();
  const waiting = redlock.acquire('a', TTL);
  const given = rejectionOf(redlock.acquire('a', TTL, { signal: giveUp.signal }));
  expect(await sdk.values(PENDING)).toEqual([[A, 2]]);
  giveUp.abort();
  await given;
  expect(await sdk.values(PENDING)).toEqual([[A, 1]]);
  await lock.release();
  await waiting;
  expect(await sdk.values(PENDING)).toEqual([[A, 0]]);
});

test('redlock.lock.use_time is how long locks were held that were not lost, in seconds', async () => {
  fakeTime();
  const { redlock, nodes } = memoryRedlock();
  const released = await redlock.acquire('a:1', TTL);
  const detached = await redlock.acquire('a:2', TTL);
  const lost = await redlock.acquire('a:3', TTL);
  await jest.advanceTimersByTimeAsync(1500);
  await released.release();
  await jest.advanceTimersByTimeAsync(500);
  detached.detach();
  for (const node of nodes) node.clear();
  await rejectionOf(lost.extend());
  expect(await recorded('redlock.lock.use_time')).toEqual([[A, 3.5, 2]]);
});

test('redlock.extend.duration has every extension, by group and outcome', async () => {
  fakeTime();
  const { redlock, nodes } = memoryRedlock();
  const lock = await redlock.acquire('a', 3000, { autoExtend: true });
  for (const node of nodes) node.delay(40);
  await jest.advanceTimersByTimeAsync(1100);
  for (const node of nodes) node.fail();
  await rejectionOf(lock.extend());
  expect(await recorded('redlock.extend.duration')).toEqual([
    [{ ...A, 'redlock.outcome': 'extended' }, expect.closeTo(0.04), 1],
    [{ ...A, 'redlock.outcome': 'unavailable' }, expect.closeTo(0), 1],
  ]);
  await lock.release();
});

test('redlock.lock.lost has the cause of each loss', async () => {
  fakeTime();
  const { redlock, nodes } = memoryRedlock();
  const taken = await redlock.acquire('a:1', TTL);
  for (const node of nodes) node.clear();
  await rejectionOf(taken.extend());
  await redlock.acquire('a:2', 1000);
  await redlock.acquire('b:3', 1000);
  await jest.advanceTimersByTimeAsync(1000);
  expect(await sdk.values('redlock.lock.lost')).toEqual([
    [{ ...A, 'error.type': 'NOT_HELD' }, 1],
    [{ ...A, 'error.type': 'EXPIRED' }, 1],
    [{ ...B, 'error.type': 'EXPIRED' }, 1],
  ]);
});

test('redlock.node.failed has the node and the cause, once until it recovers', async () => {
  const { redlock, nodes } = memoryRedlock();
  const [, , c] = nodes;
  c?.fail(new Error('OOM command not allowed'));
  for (const resource of ['a', 'b']) await (await redlock.acquire(resource, TTL)).release();
  expect(await sdk.values('redlock.node.failed')).toEqual([
    [{ 'redlock.node': 'c', 'error.type': 'OOM' }, 1],
  ]);
});

test('histograms are in seconds and have buckets that suit locks', async () => {
  const { redlock } = memoryRedlock();
  await redlock.using('a', TTL, (_signal, lock) => lock.extend());
  const bounds: Record<string, unknown> = {};
  for (const { descriptor, dataPointType, dataPoints } of await sdk.metrics()) {
    if (dataPointType !== DataPointType.HISTOGRAM) continue;
    const boundaries = dataPoints[0]?.value.buckets.boundaries ?? [];
    bounds[descriptor.name] = [descriptor.unit, boundaries[0], boundaries.at(-1)];
  }
  expect(bounds).toEqual({
    'redlock.lock.wait_time': ['s', 0.0005, 60],
    'redlock.lock.use_time': ['s', 0.005, 7200],
    'redlock.extend.duration': ['s', 0.0005, 2.5],
  });
});

test.each<[what: string, group: () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('no group');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no group'))],
  ['returns a number', () => 7],
  ['returns undefined', () => undefined],
])('a group function that %s adds no attribute, and locks work', async (_what, group) => {
  groupBy(group);
  const { redlock } = memoryRedlock();
  expect(await redlock.using('a', TTL, () => 'done')).toBe('done');
  expect(await sdk.values(HELD)).toEqual([[{}, 0]]);
  expect(await sdk.values('redlock.lock.use_time')).toEqual([[{}, 1]]);
});

test('no metric has the name of a resource', async () => {
  groupBy(() => 'all');
  const { redlock, nodes } = memoryRedlock();
  await redlock.using(['secretive', 'r2'], TTL, (_signal, lock) => lock.extend());
  await redlock.semaphore('secretive', 2).using(TTL, () => {});
  const lock = await redlock.acquire('secretive', TTL);
  await redlock.tryAcquire('secretive', TTL);
  for (const node of nodes) node.clear();
  await rejectionOf(lock.extend());
  nodes[0]?.fail();
  await rejectionOf(redlock.using('secretive', TTL, () => Promise.reject(new Error('secretive'))));
  const metrics = await sdk.metrics();
  const names = metrics.map(({ descriptor }) => descriptor.name.replace('redlock.', ''));
  expect(names.toSorted().join(' ')).toBe(
    'extend.duration lock.held lock.lost lock.pending_requests lock.use_time lock.wait_time node.failed',
  );
  expect(JSON.stringify(metrics)).not.toContain('secretive');
});
