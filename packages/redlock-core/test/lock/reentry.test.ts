import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError, type Lock } from 'redlock-core';
import type { Command } from '../support/command.js';
import { settle } from '../support/settle.js';
import { DOWN } from '../support/test-node.js';
import { TTL, world, type ProcessOptions, type World } from '../support/world.js';

const REENTRANT = { reentrant: true } as const;

/** Three nodes, and a function that runs in a routine that holds `r`: calls in it may want `s` and `t` besides. */
function routine(options: ProcessOptions = {}) {
  const three = world(3, { ...REENTRANT, ...options });
  const inside = async (body: (outer: Lock) => Promise<void>): Promise<void> =>
    three.redlock.using('r', TTL, async (_signal, outer) => {
      await settle();
      await body(outer);
    });
  /** The counters of `r` are ahead of every proposal, so each further token is written back. */
  const writeBacks = async (): Promise<void> => {
    for (const { server } of three.nodes) {
      await server.setCounter('r', three.time.wallNow() * 1000 + 5_000_000);
    }
  };
  return { ...three, inside, writeBacks };
}

async function expectFree({ holders, everywhere }: World, ...keys: string[]): Promise<void> {
  await settle();
  for (const key of keys.length > 0 ? keys : ['r']) {
    expect(await holders(key)).toEqual(everywhere(null));
  }
}

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

test('re-entry: none happens with another Redlock, nor for what the routine does not hold', async () => {
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

test('re-entry: none happens in code that outlives the routine', async () => {
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

test('re-entry: into a lock whose validity is too short extends the lock before it returns the handle', async () => {
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
  're-entry: into a lock whose validity is too short %s gives up nodes that stay out of reach, and the outer lock and its ttl stay',
  async (_, how, wait) => {
    const { redlock, inside, nodes, time } = routine();
    await inside(async (outer) => {
      for (const node of nodes) node.fail();
      const rejected = rejectionOf(redlock[how]('r', 12 * TTL, wait === undefined ? {} : { wait }));
      await time.advance(1300);
      expect(await rejected).toBeInstanceOf(QuorumError);
      for (const node of nodes) node.answer();
      await time.advance(60_000);
      expect(outer.signal.aborted).toBe(false);
      expect(outer.remaining()).toBeLessThan(TTL);
    });
  },
);

test('re-entry: into a lock whose validity is too short asks nodes out of reach again while the time to wait lasts', async () => {
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

/** So that the grant of s, proposed first, arrives while the higher token of t is written back. */
function delayOf(command: Command): number {
  if (command.does('extend')) return 30;
  return command.operations.some(({ keys }) => keys.includes('s')) ? 20 : 1;
}

test('re-entry: a call for more resources takes only the rest, and all have one fencing token afterwards', async () => {
  const { redlock, inside, names, counters, holders, everywhere, a } = routine();
  await inside(async (outer) => {
    const before = outer.fencingToken;
    const inner = await redlock.acquire(['r', 's'], TTL);
    await settle();
    expect(a.given('acquire').map(({ keys }) => keys)).toEqual([['r'], ['s']]);
    expect(inner.resources).toEqual(['r', 's']);
    expect(inner.fencingToken).toBeGreaterThan(before);
    expect(outer.fencingToken).toBe(inner.fencingToken);
    for (const key of ['r', 's']) {
      expect(await counters(key)).toEqual(everywhere(inner.fencingToken));
    }
    expect(await holders()).toEqual(everywhere(outer.token));
    expect(await inner.release()).toBe(true);
    expect(await holders('s')).toEqual(everywhere(null));
    expect(await holders()).toEqual(everywhere(outer.token));
    // Under its new token.
    await outer.extend();
  });
  expect(names()).toEqual(['acquired', 'acquired', 'released', 'extended', 'released']);
});

test('re-entry: a call for more resources raises the rest to the token that is held, where nodes cap proposals below it', async () => {
  const { redlock, inside, writeBacks, counters, everywhere } = routine();
  await writeBacks();
  await inside(async (outer) => {
    const inner = await redlock.acquire(['r', 's'], TTL);
    await settle();
    expect(inner.fencingToken).toBe(outer.fencingToken);
    expect(await counters('s')).toEqual(everywhere(outer.fencingToken));
  });
});

test.each([['r'], ['r', 's']])(
  're-entry: a call for more resources with fencing into a lock without it is a RangeError: %s',
  async (...resources) => {
    const { redlock, inside, holders, everywhere } = routine({ fencing: false });
    await inside(async (outer) => {
      const error = await rejectionOf(redlock.acquire(resources, TTL, { fencing: true }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({
        message: expect.stringContaining('"r" is held with fencing'),
      });
      expect(outer.remaining()).toBeGreaterThan(0);
    });
    expect(await holders()).toEqual(everywhere(null));
  },
);

test('re-entry: a handle on several locks is as valid as the worst of them', async () => {
  const { redlock, steal, holders, everywhere } = routine();
  const running = redlock.using('r', TTL, async (outerSignal, outer) => {
    await redlock.using(['r', 's'], 8000, async (signal, inner) => {
      expect(inner.remaining()).toBe(8000 - 82);
      await steal('another');
      const error = await rejectionOf(outer.extend());
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toBe(error);
      expect(outerSignal.reason).toBe(error);
      expect(inner.remaining()).toBe(0);
      expect(await rejectionOf(inner.extend())).toBe(error);
      expect(await inner.release()).toBe(false);
    });
  });
  expect(await rejectionOf(running)).toMatchObject({ reason: 'NOT_HELD' });
  expect(await holders('s')).toEqual(everywhere(null));
});

test('re-entry: parallel branches that call for more resources end with one token, the highest, on all resources', async () => {
  const { redlock, inside, nodes, time, counters, everywhere } = routine({ nodeTimeout: 1000 });
  await inside(async () => {
    for (const node of nodes) {
      node.mode = (command) => void time.setTimeout(() => command.reply(), delayOf(command));
    }
    const first = redlock.acquire(['r', 's'], TTL);
    await time.advance(5);
    const second = redlock.acquire(['r', 't'], TTL);
    await time.advance(500);
    const locks = await Promise.all([first, second]);
    await time.advance(100);
    const token = Math.max(...locks.map(({ fencingToken }) => fencingToken));
    for (const key of ['r', 's', 't']) expect(await counters(key)).toEqual(everywhere(token));
    for (const node of nodes) node.mode = 'answer';
    for (const lock of locks) expect(await lock.release()).toBe(true);
  });
});

test('re-entry: an extension waits for a token that is being raised, and carries it', async () => {
  const { redlock, inside, nodes, counters, everywhere } = routine({ nodeTimeout: 1000 });
  await inside(async (outer) => {
    for (const node of nodes) node.hold('extend');
    const entering = redlock.acquire(['r', 's'], TTL);
    await settle();
    const extending = outer.extend(2 * TTL);
    await settle();
    for (const node of nodes) expect(node.unanswered).toHaveLength(1);
    for (const node of nodes) node.answer();
    await Promise.all([entering, extending]);
    await settle();
    expect(await counters()).toEqual(everywhere(outer.fencingToken));
    expect(outer.remaining()).toBeGreaterThan(TTL);
  });
});

test('re-entry: a call for more resources extends all of it, each lock once', async () => {
  const { redlock, inside, expiries, everywhere, mark } = routine();
  await inside(async () => {
    const inner = await redlock.acquire(['r', 's'], TTL);
    await settle();
    const since = mark();
    await inner.extend(2 * TTL);
    await settle();
    expect(inner.remaining()).toBe(20_000 - 202);
    expect(since()).toEqual(everywhere(2));
    for (const key of ['r', 's']) expect(await expiries(key)).toEqual(everywhere(2 * TTL));
  });
});

test('re-entry: a call for more resources gives up its share if another holds the rest', async () => {
  const { redlock, inside, steal, names, holders, everywhere } = routine();
  await steal('another', 's');
  await inside(async (outer) => {
    expect(await redlock.tryAcquire(['r', 's'], TTL)).toBeNull();
    const rejected = await rejectionOf(redlock.acquire(['r', 's'], TTL, { wait: 0 }));
    expect(rejected).toMatchObject({ code: 'RESOURCE_LOCKED', resources: ['s'] });
    expect(await holders()).toEqual(everywhere(outer.token));
  });
  expect(await holders()).toEqual(everywhere(null));
  expect(names().filter((name) => name === 'released')).toHaveLength(1);
});

test.each([
  ['denied', 'RESOURCE_LOCKED', (command: Command) => command.replyWith(0)],
  ['unanswered', 'QUORUM_UNAVAILABLE', (command: Command) => command.fail(DOWN)],
])(
  're-entry: a call for more resources releases the rest if its token is %s: %s',
  async (_, code, answer) => {
    const { redlock, inside, nodes, holders, everywhere } = routine();
    await inside(async (outer) => {
      for (const node of nodes) {
        node.mode = (command) => (command.does('extend') ? answer(command) : command.reply());
      }
      const rejected = await rejectionOf(redlock.acquire(['r', 's'], TTL, { wait: 0 }));
      expect(rejected).toMatchObject({ code, resources: ['r', 's'] });
      await settle();
      expect(await holders('s')).toEqual(everywhere(null));
      expect(await holders()).toEqual(everywhere(outer.token));
      expect(outer.remaining()).toBeGreaterThan(0);
    });
    expect(await holders()).toEqual(everywhere(null));
  },
);

test('re-entry: a call for more resources is LockLostError if validity ends while the token is raised', async () => {
  const { redlock, inside, nodes, time, holders, everywhere } = routine();
  const using = inside(async (outer) => {
    const { fencingToken } = outer;
    for (const node of nodes) node.hold('extend');
    const entering = rejectionOf(redlock.acquire(['r', 's'], TTL));
    await settle();
    time.suspend(TTL);
    for (const node of nodes) node.answer();
    expect(await entering).toMatchObject({ code: 'LOCK_LOST', reason: 'EXPIRED' });
    expect(outer.fencingToken).toBe(fencingToken);
  });
  expect(await rejectionOf(using)).toMatchObject({ code: 'LOCK_LOST' });
  await settle();
  for (const key of ['r', 's']) expect(await holders(key)).toEqual(everywhere(null));
});
