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

/** Two processes, on nodes that take a while to answer, as over a network, and a lock that the first may hold. */
function fixture() {
  // What is asked while a lock ends is decided after it.
  const timeout = SHORT_TTL + 100;
  const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name, timeout }));
  for (const node of nodes) node.delay(1);
  const breakDown = (): void => nodes.forEach((node) => node.fail());
  const [redlock, other] = [new Redlock(nodes), new Redlock(nodes)];
  return { nodes, redlock, other, breakDown, lock: null as Lock | null };
}

type Fixture = ReturnType<typeof fixture>;
type Call = (given: Fixture) => Promise<unknown>;
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
const mute: Before = ({ nodes }) => nodes.forEach((node) => node.delay(Infinity));
const clear: Before = ({ nodes }) => nodes.forEach((node) => node.clear());
const lost: Before = async ({ breakDown, lock }) => {
  breakDown();
  if (lock && !lock.signal.aborted) await once(lock.signal, 'abort');
};
const released: Before = async ({ lock }) => lock?.release();

/** The lock is held, and then this happens. */
function held(ttl: number, then: Before): Before {
  return async (given) => {
    given.lock = await given.redlock.acquire('r', ttl);
    await then(given);
  };
}

const acquire: Call = ({ redlock }) => redlock.acquire('r', TTL, ONCE);
const acquireWaiting: Call = ({ redlock }) => redlock.acquire('r', TTL, SOON);
const tryAcquire: Call = ({ redlock }) => redlock.tryAcquire('r', TTL);
const extend: Call = ({ lock }) => lock?.extend() ?? Promise.resolve();
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
  ['lock.extend', 'QUORUM_UNAVAILABLE', held(TTL, down), extend],
  [
    'lock.extend behind another',
    'QUORUM_UNAVAILABLE',
    held(TTL, down),
    (given) => {
      extend(given).catch(() => {});
      return extend(given);
    },
  ],
  ['lock.extend that finds the lock taken', 'LOCK_LOST', held(SHORT_TTL, clear), extend],
  ['lock.extend while the lock is lost', 'LOCK_LOST', held(SHORT_TTL, mute), extend],
  ['lock.extend once the lock is lost', 'LOCK_LOST', held(SHORT_TTL, lost), extend],
  ['lock.extend once the lock is released', 'LOCK_RELEASED', held(TTL, released), extend],
  ['lock.extend', 'CLOSED', held(TTL, closed), extend],
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

test.each(CALLS)(
  'errors: the stack shows the function that called %s: %s',
  async (_, code, before, call) => {
    const given = fixture();
    open.push(given);
    await before(given);
    const error = (await rejectionOf(handler(() => call(given)))) as Error;
    expect(error).toMatchObject(code === 'TypeError' ? { name: code } : { code });
    expect(error.stack).toMatch(/^\w+Error: [^\n]+\n/);
    expect(error.stack).toMatch(/\n +at (async )?handler \(/);
  },
);
