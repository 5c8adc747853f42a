import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { Redlock, type Lock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';

const TTL = 10_000;
/** Of locks that are to be lost. It outlasts a stall of the machine. */
const SHORT_TTL = 800;
const SOON = { wait: 20, pollInterval: 5 };
const ONCE = { wait: 0 };
const REENTRANT = { ...ONCE, reentrant: true };
const UNKNOWN: object = { unknown: 1 };

/** Two processes, on nodes that take a while to answer, as over a network. */
function fixture() {
  // What is asked while a lock ends is decided after it.
  const timeout = SHORT_TTL + 100;
  const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name, timeout }));
  for (const node of nodes) node.delay(1);
  const breakDown = (): void => nodes.forEach((node) => node.fail());
  return { nodes, redlock: new Redlock(nodes), other: new Redlock(nodes), breakDown };
}

type Fixture = ReturnType<typeof fixture>;
type Call = (given: Fixture) => Promise<unknown>;
type CallOfLock = (lock: Lock) => Promise<unknown>;
/** What happens before a call. */
type Before = (given: Fixture) => unknown;

const free: Before = () => null;
const locked: Before = async ({ other }) => other.acquire('r', TTL);
const lockedHere: Before = async ({ redlock }) => redlock.acquire('r', TTL);
const down: Before = ({ breakDown }) => breakDown();
const closed: Before = async ({ redlock }) => redlock.close();
const closesWhileWaiting: Before = async (given) => {
  given.redlock.on('contended', () => void given.redlock.close());
  await locked(given);
};

const acquire: Call = ({ redlock }) => redlock.acquire('r', TTL, ONCE);
const acquireWaiting: Call = ({ redlock }) => redlock.acquire('r', TTL, SOON);
const tryAcquire: Call = ({ redlock }) => redlock.tryAcquire('r', TTL);
const adopt: Call = ({ redlock }) => redlock.adopt('r', 'token', TTL);

const CALLS: readonly (readonly [string, string, Before, Call])[] = [
  ['acquire', 'RESOURCE_LOCKED', locked, acquire],
  ['acquire that waits', 'RESOURCE_LOCKED', locked, acquireWaiting],
  ['acquire that waits in this process', 'RESOURCE_LOCKED', lockedHere, acquireWaiting],
  [
    'acquire that re-enters',
    'RESOURCE_LOCKED',
    locked,
    ({ redlock }) =>
      redlock.using('s', TTL, REENTRANT, async () => {
        await redlock.acquire(['r', 's'], TTL, REENTRANT);
      }),
  ],
  ['tryAcquire', 'QUORUM_UNAVAILABLE', down, tryAcquire],
  [
    'using',
    'LOCK_LOST',
    free,
    ({ redlock, breakDown }) =>
      redlock.using('r', SHORT_TTL, async (signal) => {
        breakDown();
        if (!signal.aborted) await once(signal, 'abort');
      }),
  ],
  [
    'acquire that re-enters',
    'LOCK_LOST',
    free,
    ({ redlock, nodes }) =>
      redlock.using('r', SHORT_TTL, REENTRANT, async (signal) => {
        for (const node of nodes) node.delay(Infinity);
        const entering = redlock.acquire('r', TTL, REENTRANT);
        if (!signal.aborted) await once(signal, 'abort');
        await entering;
      }),
  ],
  ['adopt', 'LOCK_LOST', locked, adopt],
  ['acquire', 'CLOSED', closed, acquire],
  ['acquire that waits', 'CLOSED', closesWhileWaiting, ({ redlock }) => redlock.acquire('r', TTL)],
  [
    'acquire under way',
    'CLOSED',
    free,
    ({ redlock }) => {
      const acquiring = redlock.acquire('r', TTL);
      void redlock.close();
      return acquiring;
    },
  ],
  ['acquire', 'TypeError', free, ({ redlock }) => redlock.acquire('r', TTL, UNKNOWN)],
];

const clear: Before = ({ nodes }) => nodes.forEach((node) => node.clear());

/** Of a lock that is held. */
const CALLS_OF_LOCKS: readonly (readonly [string, string, Before, CallOfLock])[] = [
  ['extend', 'QUORUM_UNAVAILABLE', down, (lock) => lock.extend()],
  [
    'extend behind another',
    'QUORUM_UNAVAILABLE',
    down,
    (lock) => {
      lock.extend().catch(() => {});
      return lock.extend();
    },
  ],
  ['extend that finds the lock taken', 'LOCK_LOST', clear, (lock) => lock.extend()],
  [
    'extend while the lock is lost',
    'LOCK_LOST',
    ({ nodes }) => nodes.forEach((node) => node.delay(Infinity)),
    (lock) => lock.extend(),
  ],
  ['extend', 'CLOSED', closed, (lock) => lock.extend()],
];

/** As a caller writes it. */
async function handler(call: () => Promise<unknown>): Promise<void> {
  await call();
}

const open: Fixture[] = [];
afterEach(async () => {
  for (const { redlock, other } of open.splice(0)) {
    await redlock.close();
    await other.close();
  }
});

function opened(): Fixture {
  const given = fixture();
  open.push(given);
  return given;
}

async function expectHandler(call: () => Promise<unknown>, code: string): Promise<void> {
  const error = (await rejectionOf(handler(call))) as Error;
  expect(error).toMatchObject(code === 'TypeError' ? { name: code } : { code });
  expect(error.stack).toMatch(/^\w+Error: [^\n]+\n/);
  expect(error.stack).toMatch(/\n +at (async )?handler \(/);
}

test.each(CALLS)(
  'errors: the stack shows the function that called %s: %s',
  async (_, code, before, call) => {
    const given = opened();
    await before(given);
    await expectHandler(() => call(given), code);
  },
);

test.each(CALLS_OF_LOCKS)(
  'errors: the stack shows the function that called lock.%s: %s',
  async (_, code, before, call) => {
    const given = opened();
    const lock = await given.redlock.acquire('r', code === 'LOCK_LOST' ? SHORT_TTL : TTL);
    await before(given);
    await expectHandler(() => call(lock), code);
  },
);

test.each(['lost', 'released'])(
  'errors: the stack shows the function that called lock.extend once the lock is %s',
  async (end) => {
    const { redlock, breakDown } = opened();
    const lock = await redlock.acquire('r', end === 'lost' ? SHORT_TTL : TTL);
    const { signal } = lock;
    if (end === 'released') await lock.release();
    else breakDown();
    if (end === 'lost' && !signal.aborted) await once(signal, 'abort');
    await expectHandler(() => lock.extend(), end === 'released' ? 'LOCK_RELEASED' : 'LOCK_LOST');
  },
);
