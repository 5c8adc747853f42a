import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { Redlock, type Lock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';

const TTL = 10_000;
/** Of locks that are to be lost. It outlasts a stall of the machine. */
const SHORT_TTL = 1500;
const SOON = { wait: 20, retryDelay: 5 };
const ONCE = { wait: 0 };
const REENTRANT = { ...ONCE, reentrant: true };

/** Two processes, on nodes that take a while to answer, as over a network. */
function fixture() {
  // What is asked while a lock ends is decided after it.
  const timeout = SHORT_TTL + 100;
  const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name, timeout }));
  for (const node of nodes) node.delay(1);
  return { nodes, redlock: new Redlock(nodes), other: new Redlock(nodes) };
}

type Fixture = ReturnType<typeof fixture>;
type Call = () => Promise<unknown>;

/** What a case makes ready, and then gives to the handler to call. */
type Prepare = (fixture: Fixture) => Promise<Call>;

const breakDown = ({ nodes }: Fixture): void => nodes.forEach((node) => node.fail());

async function lostByTimer(given: Fixture): Promise<Lock> {
  const lock = await given.redlock.acquire('r', SHORT_TTL);
  const { signal } = lock;
  breakDown(given);
  if (!signal.aborted) await once(signal, 'abort');
  return lock;
}

/** As a caller writes it. */
async function handler(call: Call): Promise<void> {
  await call();
}

const open: Fixture[] = [];
afterEach(async () => {
  for (const { redlock, other } of open.splice(0)) {
    await redlock.close();
    await other.close();
  }
});

async function expectHandler(prepare: Prepare, code: string | undefined): Promise<void> {
  const given = fixture();
  open.push(given);
  const error = (await rejectionOf(handler(await prepare(given)))) as Error;
  expect(error).toMatchObject(code === undefined ? { name: 'TypeError' } : { code });
  expect(error.stack).toMatch(/^\w+Error: [^\n]+\n/);
  expect(error.stack).toMatch(/\n +at (async )?handler \(/);
}

const RESOURCE_LOCKED: Readonly<Record<string, Prepare>> = {
  'acquire, which does not wait': async ({ redlock, other }) => {
    await other.acquire('r', TTL);
    return () => redlock.acquire('r', TTL, ONCE);
  },
  'acquire, which has waited': async ({ redlock, other }) => {
    await other.acquire('r', TTL);
    return () => redlock.acquire('r', TTL, SOON);
  },
  'acquire, which has waited in line': async ({ redlock }) => {
    await redlock.acquire('r', TTL);
    const first = redlock.acquire('r', TTL, { wait: 60 });
    first.catch(() => {});
    return () => redlock.acquire('r', TTL, SOON);
  },
  'acquire of several': async ({ redlock, other }) => {
    await other.acquire('r', TTL);
    return () => redlock.acquire(['q', 'r'], TTL, SOON);
  },
  'acquire that re-enters': async ({ redlock, other }) => {
    await other.acquire('s', TTL);
    return () =>
      redlock.using('r', TTL, REENTRANT, async () => {
        await redlock.acquire(['r', 's'], TTL, REENTRANT);
      });
  },
  using: async ({ redlock, other }) => {
    await other.acquire('r', TTL);
    return () => redlock.using('r', TTL, SOON, () => null);
  },
};

const QUORUM_UNAVAILABLE: Readonly<Record<string, Prepare>> = {
  'acquire, which does not wait': async (given) => {
    breakDown(given);
    return () => given.redlock.acquire('r', TTL, ONCE);
  },
  'acquire, which has waited': async (given) => {
    breakDown(given);
    return () => given.redlock.acquire('r', TTL, SOON);
  },
  tryAcquire: async (given) => {
    breakDown(given);
    return () => given.redlock.tryAcquire('r', TTL);
  },
  using: async (given) => {
    breakDown(given);
    return () => given.redlock.using('r', TTL, SOON, () => null);
  },
  adopt: async (given) => {
    breakDown(given);
    return () => given.redlock.adopt('r', 'token', TTL);
  },
  extend: async (given) => {
    const lock = await given.redlock.acquire('r', TTL);
    breakDown(given);
    return () => lock.extend();
  },
  'extend behind another': async (given) => {
    const lock = await given.redlock.acquire('r', TTL);
    breakDown(given);
    lock.extend().catch(() => {});
    return () => lock.extend();
  },
  'extend before another': async (given) => {
    const lock = await given.redlock.acquire('r', TTL);
    breakDown(given);
    return () => {
      const extension = lock.extend();
      lock.extend().catch(() => {});
      return extension;
    };
  },
  'acquire that re-enters': async (given) => {
    const { redlock } = given;
    return () =>
      redlock.using('r', TTL, REENTRANT, async () => {
        breakDown(given);
        await redlock.acquire(['r', 's'], TTL, REENTRANT);
      });
  },
};

const LOCK_LOST: Readonly<Record<string, Prepare>> = {
  using: async (given) => () =>
    given.redlock.using('r', SHORT_TTL, async (signal) => {
      breakDown(given);
      if (!signal.aborted) await once(signal, 'abort');
    }),
  'acquire that re-enters': async (given) => () =>
    given.redlock.using('r', SHORT_TTL, REENTRANT, async (signal) => {
      for (const node of given.nodes) node.delay(Infinity);
      const entering = given.redlock.acquire('r', TTL, REENTRANT);
      if (!signal.aborted) await once(signal, 'abort');
      await entering;
    }),
  adopt: async ({ redlock, other }) => {
    await other.acquire('r', TTL);
    return () => redlock.adopt('r', 'token', TTL);
  },
  'extend, which finds it taken': async ({ redlock, nodes }) => {
    const lock = await redlock.acquire('r', TTL);
    for (const node of nodes) node.clear();
    return () => lock.extend();
  },
  'extend, after it was lost': async (given) => {
    const lock = await lostByTimer(given);
    return () => lock.extend();
  },
  'extend, while it is lost': async (given) => {
    const lock = await given.redlock.acquire('r', SHORT_TTL);
    for (const node of given.nodes) node.delay(Infinity);
    return () => lock.extend();
  },
  'extend, after a release': async ({ redlock }) => {
    const lock = await redlock.acquire('r', TTL);
    await lock.release();
    return () => lock.extend();
  },
};

const CLOSED: Readonly<Record<string, Prepare>> = {
  acquire: async ({ redlock }) => {
    await redlock.close();
    return () => redlock.acquire('r', TTL);
  },
  'acquire, while it waits': async ({ redlock, other }) => {
    await other.acquire('r', TTL);
    redlock.on('contended', () => void redlock.close());
    return () => redlock.acquire('r', TTL);
  },
  'acquire, while it waits in line': async ({ redlock }) => {
    await redlock.acquire('r', TTL);
    redlock.on('contended', () => void redlock.close());
    redlock.acquire('r', TTL).catch(() => {});
    return () => redlock.acquire('r', TTL);
  },
  'acquire, while nodes answer':
    async ({ redlock }) =>
    () => {
      const acquiring = redlock.acquire('r', TTL);
      void redlock.close();
      return acquiring;
    },
  tryAcquire: async ({ redlock }) => {
    await redlock.close();
    return () => redlock.tryAcquire('r', TTL);
  },
  using: async ({ redlock }) => {
    await redlock.close();
    return () => redlock.using('r', TTL, () => null);
  },
  adopt: async ({ redlock }) => {
    await redlock.close();
    return () => redlock.adopt('r', 'token', TTL);
  },
  inspect: async ({ redlock }) => {
    await redlock.close();
    return () => redlock.inspect('r');
  },
  extend: async ({ redlock }) => {
    const lock = await redlock.acquire('r', TTL);
    await redlock.close();
    return () => lock.extend();
  },
};

const NOTHING: object = { unknown: 1 };

const ARGUMENTS: Readonly<Record<string, Prepare>> = {
  acquire:
    async ({ redlock }) =>
    () =>
      redlock.acquire('r', TTL, NOTHING),
  tryAcquire:
    async ({ redlock }) =>
    () =>
      redlock.tryAcquire('r', TTL, NOTHING),
  using:
    async ({ redlock }) =>
    () =>
      redlock.using('r', TTL, NOTHING, () => null),
  adopt:
    async ({ redlock }) =>
    () =>
      redlock.adopt('r', 'token', TTL, NOTHING),
  inspect:
    async ({ redlock }) =>
    () =>
      redlock.inspect(null as unknown as string),
  extend: async ({ redlock }) => {
    const lock = await redlock.acquire('r', TTL);
    return () => lock.extend('1' as unknown as number);
  },
  release: async ({ redlock }) => {
    const lock = await redlock.acquire('r', TTL);
    return () => lock.release(NOTHING);
  },
};

describe('the stack of an error shows the function that called', () => {
  test.each(Object.entries(RESOURCE_LOCKED))('%s: RESOURCE_LOCKED', async (_, prepare) => {
    await expectHandler(prepare, 'RESOURCE_LOCKED');
  });

  test.each(Object.entries(QUORUM_UNAVAILABLE))('%s: QUORUM_UNAVAILABLE', async (_, prepare) => {
    await expectHandler(prepare, 'QUORUM_UNAVAILABLE');
  });

  test.each(Object.entries(LOCK_LOST))('%s: LOCK_LOST', async (_, prepare) => {
    await expectHandler(prepare, 'LOCK_LOST');
  });

  test.each(Object.entries(CLOSED))('%s: CLOSED', async (_, prepare) => {
    await expectHandler(prepare, 'CLOSED');
  });

  test.each(Object.entries(ARGUMENTS))('%s: an argument error', async (_, prepare) => {
    await expectHandler(prepare, undefined);
  });
});
