import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { LockTrace } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { Gate } from './support/gate.js';
import { instrumentEach } from './support/instrumented-tests.js';
import { memoryRedlock } from './support/memory-redlock.js';
import type { Sdk } from './support/sdk.js';

const TTL = 60_000;
const { ERROR, UNSET } = SpanStatusCode;

let sdk: Sdk;
instrumentEach((ofTest) => {
  sdk = ofTest;
});

afterEach(() => {
  jest.useRealTimers();
});

/** Name, outcome and status of each span, as they began. */
function ends(): unknown[] {
  return sdk.spans.map(({ name, attributes, status }) => [
    name,
    attributes['redlock.outcome'],
    status.code,
  ]);
}

/** The spans under each span of a name, as they began. */
function below(name: string): string[] {
  return sdk.spans.filter((span) => sdk.above(span)[0] === name).map((span) => span.name);
}

describe('the span of a call', () => {
  test('says what was asked for and what became of it', async () => {
    const { redlock } = memoryRedlock();
    const lock = await redlock.acquire(['r', 's'], TTL);
    await lock.extend();
    await lock.release();
    const asked = { 'redlock.resources': ['r', 's'], 'redlock.mode': 'exclusive' };
    expect(
      sdk.spans.map(({ name, kind, attributes, status }) => ({ name, kind, attributes, status })),
    ).toEqual([
      {
        name: 'redlock acquire',
        kind: SpanKind.INTERNAL,
        attributes: { ...asked, 'redlock.outcome': 'granted', 'redlock.attempts': 1 },
        status: { code: UNSET },
      },
      {
        name: 'redlock extend',
        kind: SpanKind.INTERNAL,
        attributes: { ...asked, 'redlock.outcome': 'extended' },
        status: { code: UNSET },
      },
      {
        name: 'redlock release',
        kind: SpanKind.INTERNAL,
        attributes: { ...asked, 'redlock.outcome': 'released' },
        status: { code: UNSET },
      },
    ]);
  });

  test('has the name of the method, and begins where it was called', async () => {
    const { redlock } = memoryRedlock();
    await sdk.within('request', async () => {
      const lock = await redlock.tryAcquire('r', TTL, { mode: 'shared' });
      lock?.detach();
      const other = await redlock.acquire('s', TTL);
      await redlock.adopt('s', other.token, TTL);
    });
    expect(sdk.spans.map((span) => [span.name, sdk.above(span)])).toEqual([
      ['request', []],
      ['redlock tryAcquire', ['request']],
      ['redlock detach', ['request']],
      ['redlock acquire', ['request']],
      ['redlock adopt', ['request']],
    ]);
    expect(sdk.span('redlock tryAcquire').attributes).toMatchObject({ 'redlock.mode': 'shared' });
    expect(sdk.span('redlock detach').attributes).toMatchObject({ 'redlock.outcome': 'detached' });
  });

  test('has failed if the nodes or others refuse the lock to a call that wants it', async () => {
    const { redlock, nodes } = memoryRedlock();
    await redlock.acquire('r', TTL);
    expect(await redlock.tryAcquire('r', TTL)).toBeNull();
    const busy = (await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }))) as Error;
    for (const node of nodes) node.fail(new Error('OOM command not allowed'));
    await rejectionOf(redlock.tryAcquire('s', TTL));
    expect(ends()).toEqual([
      ['redlock acquire', 'granted', UNSET],
      ['redlock tryAcquire', 'busy', UNSET],
      ['redlock acquire', 'busy', ERROR],
      ['redlock tryAcquire', 'broken', ERROR],
    ]);
    const [, , second, third] = sdk.spans;
    expect(second?.status.message).toBe(busy.message);
    expect(second?.attributes).toMatchObject({ 'error.type': 'RESOURCE_LOCKED' });
    expect(second?.events).toMatchObject([
      { name: 'exception', attributes: { 'exception.message': busy.message } },
    ]);
    expect(third?.attributes).toMatchObject({ 'error.type': 'QUORUM_UNAVAILABLE' });
  });

  test('has not failed if its caller ended it', async () => {
    const { redlock } = memoryRedlock();
    await redlock.acquire('r', TTL);
    const giveUp = new AbortController();
    const given = rejectionOf(redlock.acquire('r', TTL, { signal: giveUp.signal }));
    const closed = rejectionOf(redlock.acquire('r', TTL));
    giveUp.abort();
    await given;
    await redlock.close();
    await closed;
    expect(ends()).toEqual([
      ['redlock acquire', 'granted', UNSET],
      ['redlock acquire', 'aborted', UNSET],
      ['redlock acquire', 'closed', UNSET],
    ]);
    expect(sdk.spans.flatMap(({ events }) => events)).toEqual([]);
  });

  test('has failed if the lock is lost, and says why', async () => {
    const { redlock, nodes } = memoryRedlock();
    const lock = await redlock.acquire('r', TTL);
    for (const node of nodes) node.clear();
    await rejectionOf(lock.extend());
    await lock.release();
    expect(ends()).toEqual([
      ['redlock acquire', 'granted', UNSET],
      ['redlock extend', 'lost', ERROR],
      ['redlock release', 'lost', ERROR],
    ]);
    expect(sdk.span('redlock extend').attributes).toMatchObject({ 'error.type': 'TAKEN' });
    expect(sdk.span('redlock release').status.message).toBe('the lock was lost before');
  });

  test('has failed if the routine throws, whatever it throws, and says what became of the lock', async () => {
    const { redlock } = memoryRedlock();
    const failure = new TypeError('out of paper');
    for (const thrown of [failure, 'a text', undefined]) {
      await rejectionOf(
        redlock.using('r', TTL, () => {
          throw thrown;
        }),
      );
    }
    const spans = sdk.spans.filter(({ name }) => name === 'redlock using');
    expect(spans.map(({ status }) => [status.code, status.message])).toEqual([
      [ERROR, 'out of paper'],
      [ERROR, 'a text'],
      [ERROR, 'undefined'],
    ]);
    for (const { attributes } of spans) {
      expect(attributes).toMatchObject({ 'redlock.outcome': 'released', 'redlock.attempts': 1 });
    }
    expect(spans[0]?.attributes).toMatchObject({ 'error.type': 'TypeError' });
  });
});

describe('using', () => {
  test('has its calls and those of the routine in its span, and the routine sees its context', async () => {
    const { redlock } = memoryRedlock();
    let active = '';
    await redlock.using('r', TTL, async (_signal, lock) => {
      active = trace.getActiveSpan()?.spanContext().spanId ?? '';
      await lock.extend();
      await sdk.within('work', async () => {
        await redlock.acquire('s', TTL);
      });
      await redlock.acquire('t', TTL);
    });
    expect(active).toBe(sdk.span('redlock using').spanContext().spanId);
    expect(below('redlock using')).toEqual([
      'redlock acquire',
      'redlock extend',
      'work',
      'redlock acquire',
      'redlock release',
    ]);
    expect(below('work')).toEqual(['redlock acquire']);
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  test('has its calls in its span also without a context manager', async () => {
    context.disable();
    const { redlock } = memoryRedlock();
    await redlock.using('r', TTL, async () => {
      await redlock.using('s', TTL, () => {});
    });
    expect(sdk.spans.map((span) => [span.name, sdk.above(span).length])).toEqual([
      ['redlock using', 0],
      ['redlock acquire', 1],
      ['redlock using', 1],
      ['redlock acquire', 2],
      ['redlock release', 2],
      ['redlock release', 1],
    ]);
  });

  test('keeps callers apart that share a command', async () => {
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
      const mine = sdk.spans.filter((span) => sdk.above(span).includes(name));
      expect(mine.map((span) => [span.name, sdk.above(span)])).toEqual([
        ['redlock using', [name]],
        ['redlock acquire', ['redlock using', name]],
        [`work of ${name}`, ['redlock using', name]],
        ['redlock release', ['redlock using', name]],
      ]);
    }
  });

  test('keeps a waiter apart from the one that hands over to it', async () => {
    const { redlock } = memoryRedlock();
    const gate = new Gate();
    const holding = sdk.within('holder', () => redlock.using('r', TTL, () => gate.opened));
    const waiting = sdk.within('waiter', () =>
      redlock.using('r', TTL, () => sdk.within('work', async () => {})),
    );
    await new Promise((resolve) => redlock.on('contended', resolve));
    gate.open();
    await Promise.all([holding, waiting]);
    expect(sdk.above(sdk.span('work'))).toEqual(['redlock using', 'waiter']);
    const acquires = sdk.spans.filter(({ name }) => name === 'redlock acquire');
    expect(acquires.map((span) => sdk.above(span)[1])).toEqual(['holder', 'waiter']);
    expect(acquires[1]?.attributes['redlock.attempts']).toBeGreaterThan(1);
  });

  test('of a lock that is re-entered is inside the span of the one that holds it', async () => {
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
    'leaves what another subscriber runs the routine in that comes %s it',
    async (when) => {
      const ran: string[] = [];
      const wrap = (message: unknown): void => {
        const call = message as LockTrace;
        const { run = (routine) => routine() } = call;
        call.run = (routine) => {
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
});

describe('an automatic extension', () => {
  test('is in the span of its using call, or of the caller that has the lock', async () => {
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
    const extensions = sdk.spans.filter(({ name }) => name === 'redlock extend');
    expect(
      extensions.map((span) => [
        ...(span.attributes['redlock.resources'] as string[]),
        ...sdk.above(span),
      ]),
    ).toEqual([
      ['r', 'redlock using', 'request 1'],
      ['s', 'request 2'],
    ]);
  });
});
