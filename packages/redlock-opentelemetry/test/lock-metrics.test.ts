import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { rejectionOf } from 'test-kit/rejection';
import { type Instrumentation, instrumentRedlock } from '../src/index.js';
import { memoryRedlock } from './support/memory-redlock.js';
import { Sdk } from './support/sdk.js';

const TTL = 60_000;
const A = { 'redlock.group': 'a' };
const B = { 'redlock.group': 'b' };

let sdk: Sdk;
let instrumentation: Instrumentation;

beforeEach(() => {
  sdk = new Sdk();
  instrumentation = instrumentRedlock({ group: (resource) => resource.split(':')[0] });
});

afterEach(() => {
  jest.useRealTimers();
  instrumentation.dispose();
  sdk[Symbol.dispose]();
});

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

describe('redlock.lock.wait_time', () => {
  test('is in seconds, by group and outcome', async () => {
    fakeTime();
    const { redlock } = memoryRedlock();
    const lock = await redlock.acquire('a:1', TTL);
    await redlock.tryAcquire('a:1', TTL);
    const waiting = redlock.acquire('a:1', TTL);
    await jest.advanceTimersByTimeAsync(2500);
    await lock.release();
    await waiting;
    expect(await recorded('redlock.lock.wait_time')).toEqual([
      [{ ...A, 'redlock.outcome': 'granted' }, 2.5, 2],
      [{ ...A, 'redlock.outcome': 'busy' }, 0, 1],
    ]);
  });

  test('has nothing of a lock that is only re-entered, nor of a bad argument', async () => {
    const { redlock } = memoryRedlock();
    const reentrant = { reentrant: true };
    await redlock.using('a', TTL, reentrant, () => redlock.using('a', TTL, reentrant, () => {}));
    await rejectionOf(redlock.acquire('a', -1));
    expect(await sdk.values('redlock.lock.wait_time')).toEqual([
      [{ ...A, 'redlock.outcome': 'granted' }, 1],
    ]);
  });
});

describe('redlock.lock.held', () => {
  test('counts the locks that are not released, detached or lost yet', async () => {
    const { redlock, nodes } = memoryRedlock();
    const released = await redlock.acquire('a:1', TTL);
    const detached = await redlock.acquire(['a:2', 'b:2'], TTL);
    const lost = await redlock.acquire('b:3', TTL);
    expect(await sdk.values('redlock.lock.held')).toEqual([
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
    expect(await sdk.values('redlock.lock.held')).toEqual([
      [A, 0],
      [B, 0],
    ]);
  });

  test('counts a lock that goes to another handle once', async () => {
    const { redlock } = memoryRedlock();
    const lock = await redlock.acquire('a', TTL);
    const heir = await redlock.adopt('a', lock.token, TTL);
    lock.detach();
    expect(await sdk.values('redlock.lock.held')).toEqual([[A, 1]]);
    await heir.release();
    expect(await sdk.values('redlock.lock.held')).toEqual([[A, 0]]);
  });

  test('counts what is taken besides a re-entered lock, in its own group', async () => {
    const { redlock } = memoryRedlock();
    const reentrant = { reentrant: true };
    let inside: unknown;
    await redlock.using('a', TTL, reentrant, async () => {
      await redlock.using('a', TTL, reentrant, () => {});
      await redlock.using(['a', 'b'], TTL, reentrant, async () => {
        inside = await sdk.values('redlock.lock.held');
      });
    });
    const taken = [
      [A, 1],
      [B, 1],
    ];
    expect(inside).toEqual(taken);
    expect(await sdk.values('redlock.lock.held')).toEqual(taken.map(([group]) => [group, 0]));
  });

  test('counts the lock of a routine until the routine has ended, also if its Redlock is closed', async () => {
    const { redlock } = memoryRedlock();
    await redlock.using('a', TTL, async () => {
      await redlock.close();
      expect(await sdk.values('redlock.lock.held')).toEqual([[A, 1]]);
    });
    expect(await sdk.values('redlock.lock.held')).toEqual([[A, 0]]);
    expect(await sdk.values('redlock.lock.lost')).toEqual([[{ ...A, 'error.type': 'CLOSED' }, 1]]);
  });

  test('counts a permit as its semaphore', async () => {
    instrumentation.dispose();
    instrumentation = instrumentRedlock({ group: (resource) => resource });
    const { redlock } = memoryRedlock();
    const names = ['a', '{b}', 'c:{1}'];
    const permits = names.map((name) => redlock.semaphore(name, 3).acquire(TTL));
    for (const permit of permits) await (await permit).release();
    const groups = names.map((name) => ({ 'redlock.group': name }));
    expect(await sdk.values('redlock.lock.held')).toEqual(groups.map((group) => [group, 0]));
    expect(await sdk.values('redlock.lock.use_time')).toEqual(groups.map((group) => [group, 1]));
  });

  test('never falls below zero for locks that were taken before it counted', async () => {
    instrumentation.dispose();
    const { redlock } = memoryRedlock();
    const early = await redlock.acquire('a', TTL);
    instrumentation = instrumentRedlock();
    await early.release();
    const lock = await redlock.acquire('a', TTL);
    expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 1]]);
    await lock.release();
    expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 0]]);
  });
});

test('redlock.lock.pending_requests counts calls until they have a lock or give up', async () => {
  const { redlock } = memoryRedlock();
  const lock = await redlock.acquire('a', TTL);
  const giveUp = new AbortController();
  const waiting = [
    redlock.acquire('a', TTL),
    rejectionOf(redlock.acquire('a', TTL, { signal: giveUp.signal })),
  ];
  expect(await sdk.values('redlock.lock.pending_requests')).toEqual([[A, 2]]);
  giveUp.abort();
  await waiting[1];
  expect(await sdk.values('redlock.lock.pending_requests')).toEqual([[A, 1]]);
  await lock.release();
  await waiting[0];
  expect(await sdk.values('redlock.lock.pending_requests')).toEqual([[A, 0]]);
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
    [{ ...A, 'redlock.outcome': 'broken' }, expect.closeTo(0), 1],
  ]);
  await lock.release();
});

test('redlock.lock.lost says why', async () => {
  fakeTime();
  const { redlock, nodes } = memoryRedlock();
  const taken = await redlock.acquire('a:1', TTL);
  for (const node of nodes) node.clear();
  await rejectionOf(taken.extend());
  await redlock.acquire('a:2', 1000);
  await redlock.acquire('b:3', 1000);
  await jest.advanceTimersByTimeAsync(1000);
  expect(await sdk.values('redlock.lock.lost')).toEqual([
    [{ ...A, 'error.type': 'TAKEN' }, 1],
    [{ ...A, 'error.type': 'EXPIRED' }, 1],
    [{ ...B, 'error.type': 'EXPIRED' }, 1],
  ]);
});

test('redlock.node.failed says which node and why, once until it recovers', async () => {
  const { redlock, nodes } = memoryRedlock();
  const [, , c] = nodes;
  c?.fail(new Error('OOM command not allowed'));
  for (const resource of ['a', 'b']) await (await redlock.acquire(resource, TTL)).release();
  const recovered = new Promise((resolve) => redlock.on('nodeRecovered', resolve));
  c?.recover();
  await (await redlock.acquire('c', TTL)).release();
  await recovered;
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

describe('the group', () => {
  test.each<{ what: string; group: (resource: string) => unknown }>([
    {
      what: 'throws',
      group: () => {
        throw new Error('no group');
      },
    },
    { what: 'rejects', group: () => Promise.reject(new Error('no group')) },
    { what: 'gives a number', group: () => 7 },
    { what: 'gives undefined', group: () => undefined },
  ])('is no attribute if the function $what, and locks work', async ({ group }) => {
    instrumentation.dispose();
    instrumentation = instrumentRedlock({ group: group as () => string });
    const { redlock, nodes } = memoryRedlock();
    expect(await redlock.using('a', TTL, () => 'done')).toBe('done');
    const lock = await redlock.acquire('a', TTL);
    for (const node of nodes) node.clear();
    await rejectionOf(lock.extend());
    expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 0]]);
    expect(await sdk.values('redlock.lock.lost')).toEqual([[{ 'error.type': 'TAKEN' }, 1]]);
    expect(await sdk.values('redlock.lock.use_time')).toEqual([[{}, 1]]);
  });
});

test('no metric has the name of a resource', async () => {
  instrumentation.dispose();
  instrumentation = instrumentRedlock({ group: () => 'all' });
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
  expect(metrics.map(({ descriptor }) => descriptor.name).toSorted()).toEqual([
    'redlock.extend.duration',
    'redlock.lock.held',
    'redlock.lock.lost',
    'redlock.lock.pending_requests',
    'redlock.lock.use_time',
    'redlock.lock.wait_time',
    'redlock.node.failed',
  ]);
  expect(JSON.stringify(metrics)).not.toContain('secretive');
  const groups = metrics
    .filter(({ descriptor }) => descriptor.name !== 'redlock.node.failed')
    .flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes['redlock.group']));
  expect(new Set(groups)).toEqual(new Set(['all']));
});
