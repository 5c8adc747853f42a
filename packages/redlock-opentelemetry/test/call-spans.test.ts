import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { LockTrace } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { Gate } from './support/gate.js';
import { instrumentEach } from './support/instrumented-tests.js';
import { memoryRedlock } from './support/memory-redlock.js';
import type { Sdk } from './support/sdk.js';

const TTL = 60_000;

let sdk: Sdk;
instrumentEach((ofTest) => {
  sdk = ofTest;
});

afterEach(() => {
  jest.useRealTimers();
});

test('the span of a call has its resources, mode and outcome', async () => {
  const { redlock } = memoryRedlock();
  const lock = await redlock.acquire(['r', 's'], TTL);
  await lock.extend();
  await lock.release();
  const shared = {
    kind: SpanKind.INTERNAL,
    status: { code: SpanStatusCode.UNSET },
  };
  const asked = { 'redlock.resources': ['r', 's'], 'redlock.mode': 'exclusive' };
  const expected = [
    ['redlock acquire', { 'redlock.outcome': 'acquired', 'redlock.attempts': 1 }],
    ['redlock extend', { 'redlock.outcome': 'extended' }],
    ['redlock release', { 'redlock.outcome': 'released' }],
  ] as const;
  expect(
    sdk.spans.map(({ name, kind, attributes, status }) => ({ name, kind, attributes, status })),
  ).toEqual(expected.map(([name, end]) => ({ name, attributes: { ...asked, ...end }, ...shared })));
});

test('the span of a call is named after the method, and is below the span of its caller', async () => {
  const { redlock } = memoryRedlock();
  await sdk.within('request', async () => {
    const lock = await redlock.tryAcquire('r', TTL, { mode: 'shared' });
    lock?.detach();
    const other = await redlock.acquire('s', TTL);
    await redlock.adopt('s', other.token, TTL);
  });
  expect(sdk.tree()).toEqual([
    'request',
    '  redlock tryAcquire',
    '  redlock detach',
    '  redlock acquire',
    '  redlock adopt',
  ]);
  expect(sdk.span('redlock tryAcquire').attributes).toMatchObject({ 'redlock.mode': 'shared' });
  expect(sdk.span('redlock detach').attributes).toMatchObject({ 'redlock.outcome': 'detached' });
});

test('the span of an acquire fails if the lock is busy or no quorum answers, and tryAcquire may find it busy', async () => {
  const { redlock, nodes } = memoryRedlock();
  await redlock.acquire('r', TTL);
  expect(await redlock.tryAcquire('r', TTL)).toBeNull();
  const busy = (await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }))) as Error;
  for (const node of nodes) node.fail(new Error('OOM command not allowed'));
  await rejectionOf(redlock.tryAcquire('s', TTL));
  expect(sdk.outcomes).toEqual([
    'redlock acquire: acquired',
    'redlock tryAcquire: locked',
    'redlock acquire: locked, failed',
    'redlock tryAcquire: unavailable, failed',
  ]);
  const [, , second, third] = sdk.spans;
  expect(second?.status.message).toBe(busy.message);
  expect(second?.attributes).toMatchObject({ 'error.type': 'RESOURCE_LOCKED' });
  expect(second?.events).toMatchObject([
    { name: 'exception', attributes: { 'exception.message': busy.message } },
  ]);
  expect(third?.attributes).toMatchObject({ 'error.type': 'QUORUM_UNAVAILABLE' });
});

test('the span of a call that its caller ended has not failed', async () => {
  const { redlock } = memoryRedlock();
  await redlock.acquire('r', TTL);
  const giveUp = new AbortController();
  const given = rejectionOf(redlock.acquire('r', TTL, { signal: giveUp.signal }));
  const closed = rejectionOf(redlock.acquire('r', TTL));
  giveUp.abort();
  await given;
  await redlock.close();
  await closed;
  expect(sdk.outcomes).toEqual([
    'redlock acquire: acquired',
    'redlock acquire: aborted',
    'redlock acquire: closed',
  ]);
  expect(sdk.spans.flatMap(({ events }) => events)).toEqual([]);
});

test('the spans of a lock that is lost have failed, and say why', async () => {
  const { redlock, nodes } = memoryRedlock();
  const lock = await redlock.acquire('r', TTL);
  for (const node of nodes) node.clear();
  await rejectionOf(lock.extend());
  await lock.release();
  expect(sdk.outcomes).toEqual([
    'redlock acquire: acquired',
    'redlock extend: lost, failed',
    'redlock release: lost, failed',
  ]);
  expect(sdk.span('redlock extend').attributes).toMatchObject({ 'error.type': 'NOT_HELD' });
  expect(sdk.span('redlock release').status.message).toBe('the lock was lost before');
});

test.each<[message: string, thrown: unknown, type: object]>([
  ['out of paper', new TypeError('out of paper'), { 'error.type': 'TypeError' }],
  ['a text', 'a text', {}],
  ['undefined', undefined, {}],
])(
  'the span of a using call whose routine throws "%s" has failed',
  async (message, thrown, type) => {
    const { redlock } = memoryRedlock();
    const fail = (): never => {
      throw thrown;
    };
    await redlock.using('r', TTL, fail).catch(() => {});
    const { status, attributes } = sdk.span('redlock using');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(attributes).toMatchObject({ 'redlock.outcome': 'released', ...type });
  },
);

test('the span of a using call has its calls and those of the routine, which runs in its context', async () => {
  const { redlock } = memoryRedlock();
  let active = '';
  await redlock.using('r', TTL, async (_signal, lock) => {
    active = trace.getActiveSpan()?.spanContext().spanId ?? '';
    await lock.extend();
    await sdk.within('work', async () => {
      await redlock.acquire('s', TTL);
    });
  });
  expect(active).toBe(sdk.span('redlock using').spanContext().spanId);
  expect(sdk.tree()).toEqual([
    'redlock using',
    '  redlock acquire',
    '  redlock extend',
    '  work',
    '    redlock acquire',
    '  redlock release',
  ]);
  expect(trace.getActiveSpan()).toBeUndefined();
});

test('the span of a using call has its calls without a context manager too', async () => {
  context.disable();
  const { redlock } = memoryRedlock();
  await redlock.using('r', TTL, () => redlock.using('s', TTL, () => {}));
  expect(sdk.tree()).toEqual([
    'redlock using',
    '  redlock acquire',
    '  redlock using',
    '    redlock acquire',
    '    redlock release',
    '  redlock release',
  ]);
});

test('the spans of callers that share a command are apart', async () => {
  const { redlock } = memoryRedlock();
  const names = Array.from({ length: 20 }, (_, index) => `caller ${index}`);
  await Promise.all(
    names.map((name) =>
      sdk.within(name, () =>
        redlock.using(name, TTL, () => sdk.within(`work of ${name}`, async () => {})),
      ),
    ),
  );
  for (const name of names) {
    expect(sdk.tree(name)).toEqual([
      'redlock using',
      '  redlock acquire',
      `  work of ${name}`,
      '  redlock release',
    ]);
  }
});

test('the spans of a waiter are apart from those of the holder before it', async () => {
  const { redlock } = memoryRedlock();
  const gate = new Gate();
  const holding = sdk.within('holder', () => redlock.using('r', TTL, () => gate.opened));
  const waiting = sdk.within('waiter', () =>
    redlock.using('r', TTL, () => sdk.within('work', async () => {})),
  );
  await new Promise((resolve) => redlock.on('contended', resolve));
  gate.open();
  await Promise.all([holding, waiting]);
  const calls = ['redlock using', '  redlock acquire'];
  expect(sdk.tree('holder')).toEqual([...calls, '  redlock release']);
  expect(sdk.tree('waiter')).toEqual([...calls, '  work', '  redlock release']);
  const [, acquire] = sdk.spans.filter(({ name }) => name === 'redlock acquire');
  expect(acquire?.attributes['redlock.attempts']).toBeGreaterThan(1);
});

test('the span of a re-entered lock is inside that of the lock, with no attempt', async () => {
  const { redlock } = memoryRedlock();
  const reentrant = { reentrant: true };
  await redlock.using('r', TTL, reentrant, () =>
    sdk.within('work', () =>
      redlock.using('r', TTL, reentrant, () => sdk.within('inner work', async () => {})),
    ),
  );
  expect(sdk.above(sdk.span('inner work'))).toEqual(['redlock using', 'work', 'redlock using']);
  const acquires = sdk.spans.filter(({ name }) => name === 'redlock acquire');
  expect(acquires.map(({ attributes }) => attributes['redlock.attempts'])).toEqual([1, 0]);
});

test.each(['before', 'after'])(
  'another subscriber that comes %s the instrumentation can wrap the routine too',
  async (when) => {
    const ran: string[] = [];
    const wrap = (message: unknown): void => {
      const call = message as LockTrace;
      const { runInContext: run = (routine) => routine() } = call;
      call.runInContext = (routine) => {
        ran.push('the other');
        return run(routine);
      };
    };
    const start = channel('tracing:redlock:using:start');
    const store = new AsyncLocalStorage<unknown>();
    // Stores come before subscribers, and the one that was bound last is the first.
    if (when === 'before') start.bindStore(store, wrap);
    else start.subscribe(wrap);
    try {
      await memoryRedlock().redlock.using('r', TTL, () => {
        ran.push(trace.getActiveSpan() ? 'inside' : 'outside');
      });
    } finally {
      start.unsubscribe(wrap);
      start.unbindStore(store);
    }
    expect(ran).toEqual(['the other', 'inside']);
  },
);

test('an automatic extension is in the span of its using call, or of the caller that has the lock', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const { redlock } = memoryRedlock();
  const gate = new Gate();
  const working = sdk.within('request 1', () => redlock.using('r', 3000, () => gate.opened));
  const lock = await sdk.within('request 2', () =>
    redlock.acquire('s', 3000, { autoExtend: true }),
  );
  await jest.advanceTimersByTimeAsync(1200);
  gate.open();
  await working;
  await lock.release();
  expect(sdk.tree('request 1')).toContain('  redlock extend');
  expect(sdk.tree('request 2')).toContain('redlock extend');
});
