import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { LockTrace } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { DOWN } from '../support/test-node.js';
import { Tracer } from '../support/tracer.js';
import { held, heldElsewhere, TTL, world } from '../support/world.js';

const REENTRANT = { reentrant: true };

let tracer: Tracer;
beforeEach(() => void (tracer = new Tracer()));
afterEach(() => tracer[Symbol.dispose]());

/** What became of each call to a method. */
function outcomes(operation: LockTrace['operation']): (string | undefined)[] {
  return tracer.of(operation).map(({ outcome }) => outcome);
}

test('telemetry: an acquire is one trace from its start to its end', async () => {
  const { redlock } = world();
  const { fencingToken } = await redlock.acquire(['r', 's'], TTL);
  const known = { operation: 'acquire', resources: ['r', 's'], mode: 'exclusive', ttl: TTL };
  const result = {
    waited: 0,
    attempts: 1,
    acquiredResources: ['r', 's'],
    fencingToken,
    outcome: 'acquired',
  };
  expect(tracer.told).toEqual([
    { trace: { ...known, ...result }, steps: ['acquire start', 'end', 'asyncStart', 'asyncEnd'] },
  ]);
});

test('telemetry: a trace starts with what is known before the call is done', async () => {
  const { redlock } = world();
  let first: object = {};
  tracer.onStart = (trace) => (first = { ...trace });
  await redlock.tryAcquire('r', TTL, { mode: 'shared' });
  const known = { operation: 'tryAcquire', resources: ['r'], mode: 'shared', ttl: TTL };
  expect(first).toEqual(known);
  expect(tracer.traces).toMatchObject([{ ...known, fencingToken: 0, outcome: 'acquired' }]);
});

test('telemetry: the trace of a wait has the time and the attempts of its event', async () => {
  const { redlock, time, steal, seen } = await heldElsewhere('r', { subscribers: 0 });
  const acquiring = redlock.acquire('r', TTL, { pollInterval: 100 });
  await time.advance(250);
  await steal();
  await time.advance(250);
  const lock = await acquiring;
  const [{ waited = 0, attempts = 0 } = {}] = tracer.traces;
  expect(waited).toBeGreaterThanOrEqual(250);
  expect(attempts).toBeGreaterThan(1);
  expect(seen.at(-1)).toEqual(['acquired', { lock, waited, attempts }]);
});

test('telemetry: a locked resource is busy, with an error only if the call rejects', async () => {
  const { redlock } = await heldElsewhere();
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  const error = await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
  expect(tracer.traces).toMatchObject([
    { operation: 'tryAcquire', outcome: 'locked', attempts: 1 },
    { operation: 'acquire', outcome: 'locked', attempts: 1, error },
  ]);
  expect(tracer.traces[0]).not.toHaveProperty('error');
  expect(tracer.told.map(({ steps }) => steps.includes('error'))).toEqual([false, true]);
});

test('telemetry: an acquire is broken, aborted or closed, with the error of its call', async () => {
  const { redlock, nodes } = await heldElsewhere();
  const giveUp = new AbortController();
  const acquiring = rejectionOf(redlock.acquire('r', TTL, { signal: giveUp.signal }));
  await settle();
  giveUp.abort(new Error('enough'));
  const errors = [await acquiring];
  for (const node of nodes) node.mode = DOWN;
  errors.push(await rejectionOf(redlock.tryAcquire('r', TTL)));
  await redlock.close();
  errors.push(await rejectionOf(redlock.acquire('r', TTL)));
  expect(tracer.traces.map(({ outcome }) => outcome)).toEqual(['aborted', 'unavailable', 'closed']);
  expect(tracer.traces.map(({ error }) => error)).toEqual(errors);
  expect(tracer.traces[2]?.attempts).toBe(0);
});

test('telemetry: an adoption is granted or lost', async () => {
  const { redlock, lock } = await held();
  const { fencingToken } = await redlock.adopt('r', lock.token, TTL);
  await rejectionOf(redlock.adopt('r', 'of nobody', TTL));
  expect(tracer.of('adopt')).toMatchObject([
    { outcome: 'acquired', fencingToken },
    { outcome: 'lost' },
  ]);
});

test('telemetry: a re-entry has a trace without attempts, and names what it took besides', async () => {
  const { redlock } = world();
  await redlock.using('r', TTL, REENTRANT, async () => {
    await redlock.using(['r', 's'], TTL, REENTRANT, () => {});
    await redlock.using('r', TTL, REENTRANT, () => {});
  });
  expect(tracer.of('acquire').map(({ attempts }) => attempts)).toEqual([1, 1, 0]);
  expect(tracer.of('acquire').map(({ acquiredResources }) => acquiredResources)).toEqual([
    ['r'],
    ['s'],
    undefined,
  ]);
  const ended = tracer.of('release').filter((trace) => trace.heldFor !== undefined);
  expect(ended.map(({ resources }) => resources)).toEqual([['s'], ['r']]);
});

test('telemetry: the trace of a permit has the name of its semaphore', async () => {
  const { redlock } = world();
  const permit = await redlock.semaphore('seats', 2).acquire(TTL);
  await permit.release();
  const { resources } = permit;
  expect(tracer.traces).toMatchObject([
    {
      operation: 'acquire',
      resources: ['seats'],
      acquiredResources: resources,
      outcome: 'acquired',
    },
    { operation: 'release', resources, outcome: 'released' },
  ]);
});

test('telemetry: using is around the acquire, the routine, extensions and the release', async () => {
  const { redlock, time } = world();
  const around = new AsyncLocalStorage<string>();
  const start = channel('tracing:redlock:using:start');
  start.bindStore(around, () => 'in using');
  const within: string[] = [];
  tracer.onStart = ({ operation }) => within.push(`${operation} ${around.getStore()}`);
  try {
    await redlock.using('r', 3000, async () => {
      within.push(`routine ${around.getStore()}`);
      await time.advance(1500);
    });
  } finally {
    start.unbindStore(around);
  }
  const expected = ['using', 'acquire', 'routine', 'extend', 'release'];
  expect(within).toEqual(expected.map((name) => `${name} in using`));
  expect(tracer.of('using')).toMatchObject([{ waited: 0, attempts: 1, outcome: 'released' }]);
});

test('telemetry: a routine runs in the context that a subscriber sets', async () => {
  const { redlock } = world();
  const context = new AsyncLocalStorage<string>();
  tracer.onStart = (trace) => {
    trace.runInContext = (routine) => context.run('a span', routine);
  };
  const run = async () => context.getStore();
  expect(await redlock.using('r', TTL, run)).toBe('a span');
  expect(await redlock.using('r', TTL, REENTRANT, run)).toBe('a span');
});

test('telemetry: using has the error of its routine, and the outcome of its lock', async () => {
  const { redlock, time, nodes } = world();
  const own = new Error('the routine');
  const fails = () => {
    throw own;
  };
  await rejectionOf(redlock.using('r', TTL, fails));
  await rejectionOf(redlock.using('r', TTL, () => time.suspend(20_000)));
  await redlock.using('r', TTL, () => {
    for (const node of nodes) node.mode = DOWN;
  });
  await rejectionOf(redlock.using('r', TTL, { wait: 0 }, () => {}));
  const closed = world().redlock;
  await rejectionOf(closed.using('r', TTL, () => closed.close({ release: true })));
  expect(outcomes('using')).toEqual(['released', 'lost', 'unconfirmed', 'unavailable', 'closed']);
  expect(tracer.of('using')[0]).toMatchObject({ error: own });
});

test('telemetry: extensions have a trace, whether automatic or not', async () => {
  const { redlock, time, nodes } = world();
  const lock = await redlock.acquire('r', 3000, { autoExtend: true });
  await lock.extend(6000);
  await time.advance(2500);
  const { fencingToken } = lock;
  const trace = { operation: 'extend', resources: ['r'], mode: 'exclusive', ttl: 6000 };
  const extended = { ...trace, fencingToken, outcome: 'extended' };
  expect(tracer.of('extend')).toEqual([extended, extended]);
  for (const node of nodes) node.mode = DOWN;
  await rejectionOf(lock.extend());
  await time.advance(6000);
  await rejectionOf(lock.extend());
  expect(outcomes('extend').slice(2)).toContain('unavailable');
  expect(outcomes('extend').at(-1)).toBe('lost');
});

test('telemetry: an automatic extension runs in the context of the acquire', async () => {
  const { redlock, time } = world();
  const context = new AsyncLocalStorage<string>();
  const contexts: string[] = [];
  tracer.onStart = ({ operation, resources }) => {
    if (operation === 'extend') contexts.push(`${resources.join()} by ${context.getStore()}`);
  };
  await context.run('one', () => redlock.acquire('r', 3000, { autoExtend: true }));
  await context.run('two', () => redlock.acquire('s', 3000, { autoExtend: true }));
  await time.advance(1100);
  expect(contexts.toSorted()).toEqual(['r by one', 's by two']);
});

test('telemetry: two calls of release are one trace, with the time that the lock was held', async () => {
  const { time, lock } = await held();
  await time.advance(1234);
  await Promise.all([lock.release(), lock.release()]);
  const { fencingToken } = lock;
  const trace = { operation: 'release', resources: ['r'], mode: 'exclusive', ttl: TTL };
  expect(tracer.of('release')).toEqual([
    { ...trace, fencingToken, heldFor: 1234, outcome: 'released' },
  ]);
});

test('telemetry: a release is unconfirmed without a quorum, and lost after the validity', async () => {
  const { redlock, time, nodes, lock } = await held();
  const other = await redlock.acquire('s', TTL);
  for (const node of nodes) node.mode = DOWN;
  await lock.release();
  time.suspend(20_000);
  await other.release();
  expect(tracer.of('release')).toMatchObject([
    { outcome: 'unconfirmed', heldFor: 0 },
    { outcome: 'lost' },
  ]);
  expect(tracer.of('release')[1]).not.toHaveProperty('held');
});

test('secrets: no trace has a token, from acquire to detach', async () => {
  const { redlock } = world();
  const tokens: string[] = [];
  await redlock.using('r', TTL, async (_signal, lock) => {
    tokens.push(lock.token);
    await lock.extend();
  });
  const lock = await redlock.acquire('r', TTL);
  const heir = await redlock.adopt('r', lock.token, TTL);
  tokens.push(lock.token, heir.token);
  heir.detach();
  await settle();
  expect(tracer.told.at(-1)).toMatchObject({
    trace: { operation: 'detach', outcome: 'detached', heldFor: 0 },
    steps: ['release start', 'end', 'asyncStart', 'asyncEnd'],
  });
  const traces = JSON.stringify(tracer.traces);
  expect(tracer.traces.map(({ operation }) => operation)).toEqual([
    'using',
    'acquire',
    'extend',
    'release',
    'acquire',
    'adopt',
    'detach',
  ]);
  for (const token of tokens) expect(traces).not.toContain(token);
  const keys = new Set(tracer.traces.flatMap((trace) => Object.keys(trace)));
  expect([...keys]).not.toContain('result');
});
