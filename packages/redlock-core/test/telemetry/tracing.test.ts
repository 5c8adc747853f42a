import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LockTrace } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { lockedElsewhere, threeNodes } from '../support/three-nodes.js';
import { Tracer } from '../support/tracer.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

let tracer: Tracer;
beforeEach(() => {
  tracer = new Tracer();
});
afterEach(() => tracer[Symbol.dispose]());

describe('a call that takes a lock', () => {
  test('is told of from its start to its end, in one object', async () => {
    const { redlock } = threeNodes();
    const lock = await redlock.acquire(['r', 's'], 10_000);
    expect(tracer.told).toEqual([
      {
        trace: {
          operation: 'acquire',
          resources: ['r', 's'],
          mode: 'exclusive',
          ttl: 10_000,
          waited: 0,
          attempts: 1,
          taken: ['r', 's'],
          fencingToken: lock.fencingToken,
          outcome: 'granted',
        },
        steps: ['acquire start', 'end', 'asyncStart', 'asyncEnd'],
      },
    ]);
  });

  test('tells what is known before it is done', async () => {
    const { redlock } = threeNodes();
    let first: object = {};
    tracer.onStart = (trace) => (first = { ...trace });
    await redlock.tryAcquire('r', 10_000, { mode: 'shared' });
    const known = { operation: 'tryAcquire', resources: ['r'], mode: 'shared', ttl: 10_000 };
    expect(first).toEqual(known);
    expect(tracer.traces).toMatchObject([{ ...known, fencingToken: 0, outcome: 'granted' }]);
  });

  test('tells how long it has waited, and how often it has asked, as its event does', async () => {
    const { redlock, runtime, a, b, seen } = await lockedElsewhere();
    const acquiring = redlock.acquire('r', 10_000, { retryDelay: 100, retryJitter: 0 });
    await runtime.advance(250);
    for (const { server } of [a, b]) await server.steal('r');
    await runtime.advance(250);
    const lock = await acquiring;
    const [{ waited = 0, attempts = 0 } = {}] = tracer.traces;
    expect(waited).toBeGreaterThanOrEqual(250);
    expect(attempts).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual(['acquired', { lock, waited, attempts }]);
  });

  test('is busy if others hold the lock, and no error if it only tries', async () => {
    const { redlock } = await lockedElsewhere();
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    const error = await rejectionOf(redlock.acquire('r', 10_000, { wait: 0 }));
    expect(tracer.traces).toMatchObject([
      { operation: 'tryAcquire', outcome: 'busy', attempts: 1 },
      { operation: 'acquire', outcome: 'busy', attempts: 1, error },
    ]);
    expect(tracer.traces[0]).not.toHaveProperty('error');
    expect(tracer.told.map(({ steps }) => steps.includes('error'))).toEqual([false, true]);
  });

  test('is broken if too many nodes fail', async () => {
    const { redlock, nodes } = threeNodes();
    for (const node of nodes) node.mode = DOWN;
    const error = await rejectionOf(redlock.tryAcquire('r', 10_000));
    expect(tracer.traces).toMatchObject([{ outcome: 'broken', error }]);
  });

  test('is aborted with the reason of its signal', async () => {
    const { redlock } = await lockedElsewhere();
    const giveUp = new AbortController();
    const acquiring = rejectionOf(redlock.acquire('r', 10_000, { signal: giveUp.signal }));
    await settle();
    giveUp.abort(new Error('enough'));
    expect(tracer.traces).not.toMatchObject([{ outcome: 'aborted' }]);
    const error = await acquiring;
    expect(tracer.traces).toMatchObject([{ outcome: 'aborted', error }]);
  });

  test('is closed with its Redlock', async () => {
    const { redlock } = threeNodes();
    await redlock.close();
    await rejectionOf(redlock.acquire('r', 10_000));
    expect(tracer.traces).toMatchObject([{ outcome: 'closed', attempts: 0 }]);
  });

  test('is lost if nodes do not hold the token that it adopts', async () => {
    const { redlock } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    const heir = await redlock.adopt('r', lock.token, 10_000);
    await rejectionOf(redlock.adopt('r', 'of nobody', 10_000));
    expect(tracer.of('adopt')).toMatchObject([
      { outcome: 'granted', fencingToken: heir.fencingToken },
      { outcome: 'lost' },
    ]);
  });

  test('is one for a re-entry too, which asks no node', async () => {
    const { redlock } = threeNodes();
    const reentrant = { reentrant: true };
    await redlock.using('r', 10_000, reentrant, async () => {
      await redlock.using('r', 10_000, reentrant, () => {});
    });
    expect(tracer.of('acquire').map(({ attempts }) => attempts)).toEqual([1, 0]);
    expect(tracer.of('release')).toMatchObject([{ outcome: 'released' }, { held: 0 }]);
    expect(tracer.of('release')[0]).not.toHaveProperty('held');
  });

  test('says which resources it has taken besides those that it re-enters', async () => {
    const { redlock } = threeNodes();
    const reentrant = { reentrant: true };
    await redlock.using('r', 10_000, reentrant, async () => {
      await redlock.using(['r', 's'], 10_000, reentrant, () => {});
      await redlock.using('r', 10_000, reentrant, () => {});
    });
    expect(tracer.of('acquire').map(({ taken }) => taken)).toEqual([['r'], ['s'], undefined]);
    const ended = tracer.of('release').filter(({ held }) => held !== undefined);
    expect(ended.map(({ resources }) => resources)).toEqual([['s'], ['r']]);
  });

  test('of a semaphore has its name', async () => {
    const { redlock } = threeNodes();
    const permit = await redlock.semaphore('seats', 2).acquire(10_000);
    await permit.release();
    expect(tracer.traces).toMatchObject([
      {
        operation: 'acquire',
        resources: ['seats'],
        taken: permit.resources,
        outcome: 'granted',
      },
      { operation: 'release', resources: permit.resources, outcome: 'released' },
    ]);
  });
});

describe('using', () => {
  test('is around the acquire, the routine and the release', async () => {
    const { redlock, runtime } = threeNodes();
    const around = new AsyncLocalStorage<string>();
    const start = channel('tracing:redlock:using:start');
    start.bindStore(around, () => 'in using');
    const stores: unknown[] = [];
    tracer.onStart = ({ operation }) => stores.push([operation, around.getStore()]);
    try {
      const result = await redlock.using('r', 3000, async () => {
        stores.push(['routine', around.getStore()]);
        await runtime.advance(1500);
        return null;
      });
      expect(result).toBeNull();
    } finally {
      start.unbindStore(around);
    }
    expect(stores).toEqual([
      ['using', 'in using'],
      ['acquire', 'in using'],
      ['routine', 'in using'],
      ['extend', 'in using'],
      ['release', 'in using'],
    ]);
    expect(tracer.of('using')).toMatchObject([{ waited: 0, attempts: 1, outcome: 'released' }]);
  });

  test('runs the routine in what a subscriber has set', async () => {
    const { redlock } = threeNodes();
    const context = new AsyncLocalStorage<string>();
    tracer.onStart = (trace) => {
      trace.run = (routine) => context.run('a span', routine);
    };
    const run = async () => `in ${context.getStore()}`;
    expect(await redlock.using('r', 10_000, run)).toBe('in a span');
    expect(await redlock.using('r', 10_000, { reentrant: true }, run)).toBe('in a span');
  });

  test('tells the error of the routine, and what became of the lock', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    const own = new Error('the routine');
    await rejectionOf(
      redlock.using('r', 10_000, () => {
        throw own;
      }),
    );
    await rejectionOf(redlock.using('r', 10_000, () => runtime.suspend(20_000)));
    await redlock.using('r', 10_000, () => {
      for (const node of nodes) node.mode = DOWN;
    });
    await rejectionOf(redlock.using('r', 10_000, { wait: 0 }, () => {}));
    const traces = tracer.of('using');
    expect(traces.map(({ outcome }) => outcome)).toEqual([
      'released',
      'lost',
      'unconfirmed',
      'broken',
    ]);
    expect(traces[0]).toMatchObject({ error: own });
  });

  test('is closed if its Redlock is closed under the routine', async () => {
    const { redlock } = threeNodes();
    await rejectionOf(redlock.using('r', 10_000, () => redlock.close({ release: true })));
    expect(tracer.of('using')).toMatchObject([{ outcome: 'closed' }]);
    expect(tracer.of('release')).toMatchObject([{ outcome: 'released', held: 0 }, {}]);
  });
});

describe('an extension', () => {
  test('is told of, whether somebody asked for it or not', async () => {
    const { redlock, runtime } = threeNodes();
    const lock = await redlock.acquire('r', 3000, { autoExtend: true });
    await lock.extend(6000);
    await runtime.advance(2500);
    const { fencingToken } = lock;
    const extended = { operation: 'extend', resources: ['r'], ttl: 6000, fencingToken };
    expect(tracer.of('extend')).toEqual([
      { ...extended, mode: 'exclusive', outcome: 'extended' },
      { ...extended, mode: 'exclusive', outcome: 'extended' },
    ]);
  });

  test('runs in the context of the caller that has the lock', async () => {
    const { redlock, runtime } = threeNodes();
    const context = new AsyncLocalStorage<string>();
    const contexts: string[] = [];
    tracer.onStart = ({ operation, resources }) => {
      if (operation === 'extend') contexts.push(`${resources.join()} by ${context.getStore()}`);
    };
    await context.run('one', () => redlock.acquire('r', 3000, { autoExtend: true }));
    await context.run('two', () => redlock.acquire('s', 3000, { autoExtend: true }));
    await runtime.advance(1100);
    expect(contexts.toSorted()).toEqual(['r by one', 's by two']);
  });

  test('is broken or lost', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    const lock = await redlock.acquire('r', 3000);
    for (const node of nodes) node.mode = DOWN;
    await rejectionOf(lock.extend());
    await runtime.advance(3000);
    await rejectionOf(lock.extend());
    expect(tracer.of('extend').map(({ outcome }) => outcome)).toEqual(['broken', 'lost']);
  });
});

describe('a release', () => {
  test('tells for how long the lock was held, and is told of once', async () => {
    const { redlock, runtime } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    await runtime.advance(1234);
    await Promise.all([lock.release(), lock.release()]);
    expect(tracer.of('release')).toEqual([
      {
        operation: 'release',
        resources: ['r'],
        mode: 'exclusive',
        ttl: 10_000,
        fencingToken: lock.fencingToken,
        held: 1234,
        outcome: 'released',
      },
    ]);
  });

  test('is unconfirmed if no quorum confirms it', async () => {
    const { redlock, nodes } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    for (const node of nodes) node.mode = DOWN;
    await lock.release();
    expect(tracer.of('release')).toMatchObject([{ outcome: 'unconfirmed', held: 0 }]);
  });

  test('of a lost lock is lost, and ends nothing', async () => {
    const { redlock, runtime } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    runtime.suspend(20_000);
    await lock.release();
    expect(tracer.of('release')).toMatchObject([{ outcome: 'lost' }]);
    expect(tracer.of('release')[0]).not.toHaveProperty('held');
  });

  test('of a lock that is left to its ttl is a detachment', async () => {
    const { redlock } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    lock.detach();
    await settle();
    expect(tracer.told.at(-1)).toMatchObject({
      trace: { operation: 'detach', outcome: 'detached', held: 0 },
      steps: ['release start', 'end', 'asyncStart', 'asyncEnd'],
    });
  });
});

test('no trace has a token', async () => {
  const { redlock } = threeNodes();
  const tokens: string[] = [];
  await redlock.using('r', 10_000, async (_signal, lock) => {
    tokens.push(lock.token);
    await lock.extend();
  });
  const lock = await redlock.acquire('r', 10_000);
  const heir = await redlock.adopt('r', lock.token, 10_000);
  tokens.push(lock.token, heir.token);
  heir.detach();
  await settle();
  const told = JSON.stringify(tracer.traces);
  expect(tracer.traces.map(({ operation }) => operation)).toEqual([
    'using',
    'acquire',
    'extend',
    'release',
    'acquire',
    'adopt',
    'detach',
  ]);
  for (const token of tokens) expect(told).not.toContain(token);
  const keys = new Set(tracer.traces.flatMap((trace: LockTrace) => Object.keys(trace)));
  expect([...keys]).not.toContain('result');
});
