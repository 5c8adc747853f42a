import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, type AcquireOptions, type Lock } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TTL, world, type World } from '../support/world.js';

const REENTRANT = { reentrant: true } as const;

/** Three nodes, and a function that runs in the context of a `using` routine that holds `r`. */
function routine(options: AcquireOptions = REENTRANT) {
  const three = world(3, options);
  const inside = async (body: (outer: Lock) => Promise<void>): Promise<void> =>
    three.redlock.using('r', TTL, async (_signal, outer) => {
      await settle();
      await body(outer);
    });
  return { ...three, inside };
}

async function expectFree({ holders, everywhere }: World, ...keys: string[]): Promise<void> {
  await settle();
  for (const key of keys.length > 0 ? keys : ['r']) {
    expect(await holders(key)).toEqual(everywhere(null));
  }
}

describe('the same resource again, in the context of its routine', () => {
  test.each(['acquire', 'tryAcquire'] as const)(
    're-entry: %s returns a handle on the same lock, and sends nothing',
    async (how) => {
      const three = routine();
      await three.inside(async (outer) => {
        const since = three.mark();
        const inner = await three.redlock[how]('r', TTL);
        expect(inner).not.toBe(outer);
        expect(inner?.token).toBe(outer.token);
        expect(inner?.fencingToken).toBe(outer.fencingToken);
        expect(inner?.signal === outer.signal).toBe(true);
        expect(inner?.remaining()).toBe(outer.remaining());
        expect(await inner?.release()).toBe(true);
        await settle();
        expect(since()).toEqual([0, 0, 0]);
        expect(await three.holders()).toEqual(three.everywhere(outer.token));
      });
      await expectFree(three);
    },
  );

  test('re-entry: using enters it too, at any depth, for one grant and one release', async () => {
    const three = routine();
    const { redlock, a, holders, everywhere, names } = three;
    const nest = async (depth: number, outer: Lock): Promise<void> => {
      if (depth === 0) return;
      await redlock.using('r', TTL, async (signal, lock) => {
        expect(lock.token).toBe(outer.token);
        expect(signal.aborted).toBe(false);
        await nest(depth - 1, lock);
      });
      expect(await holders()).toEqual(everywhere(outer.token));
    };
    await three.inside(async (outer) => nest(12, outer));
    expect([a.acquires, a.releases]).toEqual([1, 1]);
    expect(names()).toEqual(['acquired', 'released']);
  });

  test('re-entry: a part of the resources is a handle on the whole lock, and sends nothing', async () => {
    const { redlock, holders, everywhere, mark } = routine();
    await redlock.using(['r', 's'], TTL, async (_signal, outer) => {
      await settle();
      const since = mark();
      const inner = await redlock.acquire('s', TTL);
      expect(inner).toMatchObject({ resources: ['s'], token: outer.token });
      expect(await inner.release()).toBe(true);
      expect(await holders('s')).toEqual(everywhere(outer.token));
      expect(since()).toEqual([0, 0, 0]);
    });
  });
});

describe('the end of a lock that was re-entered', () => {
  test('re-entry: parallel branches share the lock, which is released with the last of them', async () => {
    const three = routine();
    const end = new AbortController();
    const branch = async (): Promise<string> =>
      three.redlock.using('r', TTL, async (_signal, lock) => {
        await once(end.signal, 'abort');
        return lock.token;
      });
    let branches: Promise<string[]> | undefined;
    let first: string | undefined;
    await three.inside(async (outer) => {
      first = outer.token;
      branches = Promise.all([branch(), branch()]);
      await settle();
    });
    expect(await three.holders()).toEqual(three.everywhere(first));
    expect(three.names()).toEqual(['acquired']);
    end.abort();
    expect(await branches).toEqual([first, first]);
    await expectFree(three);
  });

  test.each([
    ['outer first', [0, 1, 2]],
    ['inner first', [2, 1, 0]],
    ['any order', [1, 0, 2]],
  ])('re-entry: the lock is released once, with the last handle: %s', async (_, order) => {
    const { redlock, inside, a, names, holders, everywhere } = routine();
    await inside(async (outer) => {
      const locks = [outer, await redlock.acquire('r', TTL), await redlock.acquire('r', TTL)];
      for (const index of order) {
        expect(await holders()).toEqual(everywhere(outer.token));
        expect(names()).toEqual(['acquired']);
        const lock = locks[index];
        expect(await lock?.release()).toBe(true);
        expect(await lock?.release()).toBe(true);
        expect(lock?.remaining()).toBe(0);
        await settle();
      }
      expect(await holders()).toEqual(everywhere(null));
    });
    expect(a.releases).toBe(1);
    expect(names()).toEqual(['acquired', 'released']);
  });

  test('re-entry: a handle that was released or detached cannot extend, and leaves the lock to the others', async () => {
    const three = routine();
    await three.inside(async (outer) => {
      const released = await three.redlock.acquire('r', TTL);
      await released.release();
      const detached = await three.redlock.acquire('r', TTL);
      detached.detach();
      expect(await detached.release()).toBe(false);
      for (const inner of [released, detached]) {
        expect(inner.remaining()).toBe(0);
        expect(await rejectionOf(inner.extend())).toMatchObject({ code: 'LOCK_RELEASED' });
      }
      await outer.extend();
      expect(await outer.release()).toBe(true);
    });
    expect(three.names()).toEqual(['acquired', 'extended', 'released']);
    await expectFree(three);
  });

  test('re-entry: keepFor of one handle counts, whichever is released last', async () => {
    const { redlock, inside, expiries, holders, everywhere } = routine();
    await inside(async (outer) => {
      const inner = await redlock.acquire('r', TTL);
      await inner.release({ keepFor: 3000 });
      expect(await holders()).toEqual(everywhere(outer.token));
    });
    await settle();
    expect(await expiries()).toEqual(everywhere(3000));
  });

  test('re-entry: a loss is one event, and aborts the signal of every handle', async () => {
    const { redlock, inside, steal, names } = routine();
    const running = inside(async (outer) => {
      const inner = await redlock.acquire('r', TTL);
      await steal('another');
      const error = await rejectionOf(inner.extend());
      expect(outer.signal.reason).toBe(error);
      expect(inner.signal.reason).toBe(error);
      expect(await inner.release()).toBe(false);
      throw error;
    });
    expect(LockLostError.is(await rejectionOf(running))).toBe(true);
    expect(names()).toEqual(['acquired', 'lost']);
  });
});

describe('a call that does not re-enter', () => {
  test.each([
    ['the routine is not reentrant', {}, REENTRANT],
    ['the call is not reentrant', REENTRANT, {}],
    ['the call overrules the default', REENTRANT, { reentrant: false }],
  ])('re-entry: does not happen if %s', async (_, outer, inner) => {
    const { redlock } = world();
    await redlock.using('r', TTL, outer, async () => {
      expect(await redlock.tryAcquire('r', TTL, inner)).toBeNull();
    });
  });

  test('re-entry: does not happen with another Redlock, nor for what the routine does not hold', async () => {
    const { redlock, inside, process } = routine();
    const other = process(REENTRANT);
    await inside(async (outer) => {
      expect(await other.redlock.tryAcquire('r', TTL)).toBeNull();
      // A plain acquire opens no context.
      const plain = await redlock.acquire('s', TTL);
      expect(plain.token).not.toBe(outer.token);
      expect(plain.signal === outer.signal).toBe(false);
      expect(await redlock.tryAcquire('s', TTL)).toBeNull();
    });
  });

  test('re-entry: does not happen outside of the routine, while it runs', async () => {
    const { redlock } = routine();
    const end = new AbortController();
    const running = redlock.using('r', TTL, async () => once(end.signal, 'abort'));
    await settle();
    expect(await redlock.tryAcquire('r', TTL)).toBeNull();
    end.abort();
    await running;
  });

  test('re-entry: does not happen in code that outlives the routine', async () => {
    const { redlock, names } = routine();
    const end = new AbortController();
    let later: Promise<Lock | null> | undefined;
    const token = await redlock.using('r', TTL, (_signal, lock) => {
      later = once(end.signal, 'abort').then(async () => redlock.tryAcquire('r', TTL));
      return lock.token;
    });
    end.abort();
    const lock = await later;
    expect(lock?.remaining()).toBeGreaterThan(0);
    expect(lock?.token).not.toBe(token);
    expect(names()).toEqual(['acquired', 'released', 'acquired']);
  });
});

describe('validity that is too short', () => {
  test('re-entry: extends the lock before it returns the handle', async () => {
    const { redlock, inside, names, expiries, everywhere } = routine();
    await inside(async (outer) => {
      const inner = await redlock.acquire('r', 3 * TTL);
      expect(inner.remaining()).toBe(30_000 - 302);
      expect(outer.remaining()).toBe(30_000 - 302);
      expect(await expiries()).toEqual(everywhere(3 * TTL));
      await inner.release();
    });
    expect(names()).toEqual(['acquired', 'extended', 'released']);
  });

  test.each([
    ['acquire with wait 0', 'acquire', 0],
    ['acquire with wait 1000', 'acquire', 1000],
    ['tryAcquire', 'tryAcquire', undefined],
  ] as const)(
    're-entry: %s gives up nodes that stay out of reach, and the outer lock and its ttl stay',
    async (_, how, wait) => {
      const { redlock, inside, nodes, time } = routine();
      await inside(async (outer) => {
        for (const node of nodes) node.fail();
        const rejected = rejectionOf(
          redlock[how]('r', 12 * TTL, wait === undefined ? {} : { wait }),
        );
        await time.advance(1300);
        expect(await rejected).toBeInstanceOf(QuorumError);
        for (const node of nodes) node.answer();
        await time.advance(60_000);
        expect(outer.signal.aborted).toBe(false);
        expect(outer.remaining()).toBeLessThan(TTL);
      });
    },
  );

  test('re-entry: asks nodes out of reach again while the time to wait lasts', async () => {
    const { redlock, inside, nodes, time } = routine();
    await inside(async (outer) => {
      for (const node of nodes) node.fail();
      const entering = redlock.acquire('r', 3 * TTL, { wait: 5000 });
      await time.advance(3000);
      for (const node of nodes) node.answer();
      await time.advance(300);
      await (await entering).release();
      expect(outer.remaining()).toBeGreaterThan(20_000);
    });
  });
});

describe('an earlier end', () => {
  test.each(['before the call', 'while the lock is extended'])(
    "re-entry: the caller's signal rejects with its own reason: %s",
    async (when) => {
      const three = routine();
      const reason = new Error('gone');
      const caller = new AbortController();
      await three.inside(async () => {
        const since = three.mark();
        const early = when === 'before the call';
        if (early) caller.abort(reason);
        for (const node of three.nodes) node.hold();
        const options = { signal: caller.signal };
        const rejected = rejectionOf(three.redlock.acquire('r', 4 * TTL, options));
        await settle();
        caller.abort(reason);
        expect(since()).toEqual(three.everywhere(early ? 0 : 1));
        for (const node of three.nodes) node.answer();
        expect(await rejected).toBe(reason);
      });
      await expectFree(three);
    },
  );
});
