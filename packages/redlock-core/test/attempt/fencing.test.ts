import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, type Lock, type Redlock } from 'redlock-core';
import { proposals } from '../../src/time/proposals.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { nodesNamed, redlockOver, threeNodes } from '../support/three-nodes.js';

const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');
const TTL = 10_000;
const HOUR = 3_600_000;
const GRACE = 300_000;

function microsOf(runtime: ManualRuntime): number {
  return runtime.wallNow() * 1000;
}

function expectToGrow(tokens: readonly number[]): void {
  expect(tokens).toEqual([...new Set(tokens)].toSorted((a, b) => a - b));
}

function confirmsOf(nodes: readonly TestNode[]): number[] {
  return nodes.map((node) => node.all('confirm').length);
}

async function countersOf(nodes: readonly TestNode[], key = 'r'): Promise<(number | null)[]> {
  return Promise.all(nodes.map(async ({ server }) => server.counterOf(key)));
}

async function holdersOf(nodes: readonly TestNode[], key = 'r'): Promise<(string | null)[]> {
  return Promise.all(nodes.map(async ({ server }) => server.holderOf(key)));
}

describe('nodes whose clocks agree', () => {
  test('agree on the proposal at once, also for a resource never seen before', async () => {
    const { redlock, nodes, runtime } = threeNodes();
    for (const resource of ['r', 's', 'r']) {
      const lock = await redlock.acquire(resource, TTL);
      await settle();
      const proposed = nodes.map((node) => node.latest('grant').fence);
      expect(proposed).toEqual([lock.fencingToken, lock.fencingToken, lock.fencingToken]);
      await lock.release();
      await runtime.advance(1);
    }
    expect(confirmsOf(nodes)).toEqual([0, 0, 0]);
  });

  test.each([
    ['that is gone', undefined],
    ['that is stale', 17],
  ])('agree at once after a counter %s', async (_, counter) => {
    const { redlock, nodes, a, c } = threeNodes();
    const first = await redlock.acquire('r', TTL);
    await first.release();
    await settle();
    for (const { server } of [a, c]) await server.setCounter('r', counter);
    const second = await redlock.acquire('r', TTL);
    await settle();
    expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
    expect(await countersOf(nodes)).toEqual(nodes.map(() => second.fencingToken));
    expect(confirmsOf(nodes)).toEqual([0, 0, 0]);
  });

  test.each([-1000, -999, 999])('within a second agree at once: %i ms', async (ms) => {
    const { redlock, nodes, runtime, a } = threeNodes();
    a.server.clock = () => runtime.wallNow() + ms;
    const lock = await redlock.acquire('r', TTL);
    expect(lock.fencingToken).toBe(microsOf(runtime));
    expect(confirmsOf(nodes)).toEqual([0, 0, 0]);
  });

  test('give successive holders tokens that grow, also within one ms', async () => {
    const { redlock, nodes } = threeNodes();
    const tokens: number[] = [];
    for (let holder = 0; holder < 20; holder++) {
      await using lock = await redlock.acquire('r', TTL);
      tokens.push(lock.fencingToken);
    }
    expectToGrow(tokens);
    expect(confirmsOf(nodes)).toEqual([0, 0, 0]);
  });

  test.each([
    ['behind', -HOUR],
    ['ahead', HOUR],
  ])('give tokens that grow and agree at once when a client is an hour %s', async (_, ms) => {
    const { redlock, nodes, runtime } = threeNodes();
    const wrong = new ManualRuntime();
    wrong.suspend(ms);
    const other = redlockOver(nodes, {}, wrong).redlock;
    for (const { server } of nodes) server.clock = runtime.wallNow;
    const tokens: number[] = [];
    for (const client of [redlock, other, redlock, other, other, redlock]) {
      await using lock = await client.acquire('r', TTL);
      tokens.push(lock.fencingToken);
      await runtime.advance(1);
    }
    expectToGrow(tokens);
    for (const token of tokens) {
      expect(Math.abs(token - microsOf(runtime))).toBeLessThanOrEqual(1_006_000);
    }
    expect(confirmsOf(nodes)).toEqual([0, 0, 0]);
  });

  test('that forget all counters give a higher token two seconds later, whatever is proposed', async () => {
    const { redlock, nodes, runtime } = threeNodes();
    runtime.proposal = () => microsOf(runtime) + HOUR * 1000;
    const before = await redlock.acquire('r', TTL);
    await before.release();
    await settle();
    for (const { server } of nodes) await server.setCounter('r');
    await runtime.advance(2000);
    runtime.proposal = () => microsOf(runtime) - HOUR * 1000;
    const after = await redlock.acquire('r', TTL);
    expect(after.fencingToken).toBe(before.fencingToken + 1);
  });
});

test('an attempt proposes one number to all nodes, the next one a higher', async () => {
  const { redlock, runtime, nodes } = threeNodes({ retryDelay: 100, retryJitter: 0 });
  for (const { server } of nodes) await server.steal('r', 'other');
  const acquiring = redlock.acquire('r', TTL);
  await runtime.advance(250);
  for (const { server } of nodes) await server.steal('r');
  await runtime.advance(50);
  await acquiring;
  const proposed = nodes.map((node) => node.all('grant').map(({ fence }) => fence ?? 0));
  expect(proposed[0]).toHaveLength(4);
  expectToGrow(proposed[0] ?? []);
  expect(proposed).toEqual([proposed[0], proposed[0], proposed[0]]);
});

/** Of the lock and of its counters, in ms, as a command of one operation has them. */
function expiriesIn(node: TestNode, kind: 'grant' | 'confirm' | 'extend' | 'heal'): string[] {
  const { args } = node.latest(kind).command;
  return args.slice(3 + Number(args[2])).slice(2, 4);
}

test('the counters expire 5 minutes after the lock: as granted, confirmed, extended and healed', async () => {
  const { redlock, runtime, a, b } = threeNodes();
  await a.server.setCounter('r', microsOf(runtime) + 5000);
  const lock = await redlock.acquire('r', TTL);
  await settle();
  await b.server.steal('r');
  await lock.extend(20_000);
  await settle();
  for (const kind of ['grant', 'confirm'] as const) {
    expect(expiriesIn(b, kind)).toEqual([String(TTL), String(TTL + GRACE)]);
  }
  for (const kind of ['extend', 'heal'] as const) {
    expect(expiriesIn(b, kind)).toEqual(['20000', String(20_000 + GRACE)]);
  }
});

test('the counters of a lock expire 15 minutes after it at most, whatever longer ttl was used elsewhere', async () => {
  const { redlock, a } = threeNodes();
  await redlock.acquire('for a day', 86_400_000);
  await settle();
  await redlock.acquire('r', TTL);
  await settle();
  expect(expiriesIn(a, 'grant')).toEqual([String(TTL), String(TTL + 15 * 60_000)]);
});

test('a resource and its like in braces have counters of their own', async () => {
  const { redlock, nodes } = threeNodes();
  const lock = await redlock.acquire('x', TTL);
  const other = await redlock.acquire('{x}', TTL);
  expect(other.fencingToken).toBeGreaterThan(lock.fencingToken);
  await lock.extend();
  await settle();
  for (const node of nodes) {
    expect(node.all('grant').flatMap(({ counters }) => counters)).toEqual([
      '{x}:fencing',
      '{x}::fencing',
    ]);
  }
});

describe('counters that differ', () => {
  test('on a minority that is needed: the highest is the token, written back to the others', async () => {
    const { redlock, runtime, nodes, a } = threeNodes();
    const ahead = microsOf(runtime) + 5000;
    await a.server.setCounter('r', ahead);
    const lock = await redlock.acquire('r', TTL);
    await settle();
    expect(lock.fencingToken).toBe(ahead + 1);
    expect(confirmsOf(nodes)).toEqual([0, 1, 1]);
    for (const node of nodes.slice(1)) {
      expect(node.latest('confirm')).toMatchObject({ fence: ahead + 1, token: lock.token });
    }
    expect(await countersOf(nodes)).toEqual([ahead + 1, ahead + 1, ahead + 1]);
  });

  test('on a minority that is not needed: nothing is confirmed', async () => {
    const { redlock, runtime, nodes, c } = threeNodes();
    await c.server.setCounter('r', microsOf(runtime) + 5000);
    const lock = await redlock.acquire('r', TTL);
    await settle();
    expect(lock.fencingToken).toBe(microsOf(runtime));
    expect(confirmsOf(nodes)).toEqual([0, 0, 0]);
  });

  test('on a majority, all unlike: the highest of a quorum is the token', async () => {
    const nodes = nodesNamed(5);
    const { redlock, runtime } = redlockOver(nodes);
    const ahead = microsOf(runtime) + 5000;
    for (const [index, { server }] of nodes.slice(0, 3).entries()) {
      await server.setCounter('r', ahead + 10 * index);
    }
    const lock = await redlock.acquire('r', TTL);
    await settle();
    expect(lock.fencingToken).toBe(ahead + 21);
    expect(confirmsOf(nodes)).toEqual([1, 1, 0, 1, 1]);
    expect(await countersOf(nodes)).toEqual(nodes.map(() => ahead + 21));
  });

  test('never give a later holder a lower token, whichever node is away', async () => {
    const { redlock, runtime, nodes, a } = threeNodes();
    await a.server.setCounter('r', microsOf(runtime) + 5_000_000);
    const tokens: number[] = [];
    for (let holder = 0; holder < 9; holder++) {
      const away = nodes[(holder + 2) % 3];
      if (away) away.ready = false;
      const lock = await redlock.acquire('r', TTL);
      tokens.push(lock.fencingToken);
      await lock.release();
      away?.connected();
      await runtime.advance(1);
    }
    expectToGrow(tokens);
  });

  test('are confirmed by nodes that have neither denied, failed nor agreed, and by no others', async () => {
    const nodes = nodesNamed(7);
    const [agrees, , , denies, fails, , silent] = nodes;
    const { redlock, runtime } = redlockOver(nodes);
    await agrees?.server.setCounter('r', microsOf(runtime) + 5000);
    await denies?.server.steal('r', 'other');
    if (fails) fails.mode = DOWN;
    if (silent) silent.mode = 'hold';
    await redlock.acquire('r', TTL);
    await settle();
    expect(confirmsOf(nodes)).toEqual([0, 1, 1, 0, 0, 1, 1]);
  });

  test('of several resources become one token on all of them', async () => {
    const { redlock, runtime, nodes, a, b } = threeNodes();
    const ahead = microsOf(runtime) + 5000;
    await a.server.setCounter('r', ahead);
    await b.server.setCounter('s', ahead + 10);
    const lock = await redlock.acquire(['r', 's'], TTL);
    await settle();
    expect(lock.fencingToken).toBe(ahead + 11);
    for (const key of ['r', 's']) {
      expect(await countersOf(nodes, key)).toEqual(nodes.map(() => ahead + 11));
    }
  });
});

test('a lock on several resources that agree has one token on all, above that of each before', async () => {
  const { redlock, nodes } = threeNodes();
  const before: number[] = [];
  for (const resource of ['r', 's']) {
    await using lock = await redlock.acquire(resource, TTL);
    before.push(lock.fencingToken);
  }
  await using both = await redlock.acquire(['r', 's'], TTL);
  await settle();
  expect(both.fencingToken).toBeGreaterThan(Math.max(...before));
  for (const key of ['r', 's']) {
    expect(await countersOf(nodes, key)).toEqual(nodes.map(() => both.fencingToken));
  }
  expect(confirmsOf(nodes)).toEqual([0, 0, 0]);
});

describe('node clocks that are far off', () => {
  test.each([
    { what: 'one ahead', hours: [0, 0, 1] },
    { what: 'two ahead', hours: [0, 1, 1] },
    { what: 'one behind', hours: [-1, 0, 0] },
    { what: 'two behind', hours: [-1, 0, -1] },
    { what: 'no two alike', hours: [-1, 1, 0] },
  ])('$what: tokens grow, within a second of the nodes, whichever is away', async ({ hours }) => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const [index, { server }] of nodes.entries()) {
      server.clock = () => runtime.wallNow() + (hours[index] ?? 0) * HOUR;
    }
    const tokens: number[] = [];
    for (let holder = 0; holder < 12; holder++) {
      const away = nodes[holder % 4];
      if (away) away.ready = false;
      const lock = await redlock.acquire('r', TTL);
      tokens.push(lock.fencingToken);
      const clocks = nodes.map(({ server }) => server.clock() * 1000);
      expect(lock.fencingToken).toBeGreaterThan(Math.min(...clocks) - 1_000_000);
      expect(lock.fencingToken).toBeLessThanOrEqual(Math.max(...clocks) + 1_000_000);
      await lock.release();
      away?.connected();
      await runtime.advance(1);
    }
    expectToGrow(tokens);
  });
});

/** `a` has counted ahead: `b`, which has granted too, and `c`, which has not answered, are to confirm. */
async function unconfirmed<T>(
  call: (redlock: Redlock) => Promise<T>,
  three = threeNodes({ wait: 0 }),
) {
  const { redlock, runtime, a, b, c } = three;
  const ahead = microsOf(runtime) + 5000;
  await a.server.setCounter('r', ahead);
  for (const node of [b, c]) node.mode = 'hold';
  const calling = call(redlock);
  await settle();
  b.latest('grant').command.reply();
  await settle();
  expect(c.kinds).toEqual(['grant', 'confirm']);
  return { ...three, calling, fencingToken: ahead + 1 };
}

/** Three nodes that have confirmed a grant, so they have been sent the script for that. */
async function confirmedBefore() {
  const three = threeNodes({ wait: 0 });
  await three.a.server.setCounter('before', microsOf(three.runtime) + 5000);
  await (await three.redlock.acquire('before', TTL)).release();
  await settle();
  for (const { commands } of three.nodes) commands.length = 0;
  return three;
}

async function tried(redlock: Redlock): Promise<Lock | null> {
  return redlock.tryAcquire('r', TTL);
}

describe('a confirm', () => {
  test('is acknowledged by a node whose grant was late', async () => {
    const { calling, fencingToken, a, b, c } = await unconfirmed(tried);
    c.answer();
    expect((await calling)?.fencingToken).toBe(fencingToken);
    expect(b.unanswered.map((command) => command.has('confirm'))).toEqual([true]);
    expect(await countersOf([a, c])).toEqual([fencingToken, fencingToken]);
  });

  test('is sent again to a server that does not know the script any more', async () => {
    const { calling, fencingToken, b } = await unconfirmed(tried, await confirmedBefore());
    b.server.flushScripts();
    b.answer();
    expect((await calling)?.fencingToken).toBe(fencingToken);
    expect(b.all('confirm').map(({ command }) => command.whole)).toEqual([false, true]);
    expect(await b.server.counterOf('r')).toBe(fencingToken);
  });

  test('refused by a node that can be spared does not matter', async () => {
    const { calling, fencingToken, b, c } = await unconfirmed(tried);
    await b.server.setCounter('r', fencingToken + 1);
    b.answer();
    await settle();
    c.answer();
    expect((await calling)?.fencingToken).toBe(fencingToken);
    expect(await b.server.counterOf('r')).toBe(fencingToken + 1);
  });

  test.each([
    {
      what: 'a counter is above',
      spoil: async ({ server }: TestNode, above: number) => server.setCounter('r', above),
      left: null,
    },
    {
      what: 'the key is taken',
      spoil: async ({ server }: TestNode) => server.steal('r', 'other'),
      left: 'other',
    },
  ])('refused where $what is busy, and leaves nothing', async ({ spoil, left }) => {
    for (const call of [tried, (redlock: Redlock) => rejectionOf(redlock.acquire('r', TTL))]) {
      const { calling, fencingToken, names, nodes, seen, b, c } = await unconfirmed<unknown>(call);
      for (const node of [b, c]) {
        await spoil(node, fencingToken + 1);
        node.answer();
      }
      const votes = [{ vote: 'granted' }, { vote: 'denied' }, { vote: 'denied' }];
      const result = await calling;
      if (call === tried) expect(result).toBeNull();
      else expect(result).toMatchObject({ code: 'RESOURCE_LOCKED', votes });
      expect(names()).toEqual(['contended']);
      expect(seen[0]?.[1]).toMatchObject({ votes });
      await settle();
      expect(await holdersOf(nodes)).toEqual([null, left, left]);
    }
  });

  test('where the key is gone is refused, though the counter would fit', async () => {
    const { calling, b, c } = await unconfirmed(tried);
    await b.server.steal('r');
    await c.server.steal('r', 'other');
    for (const node of [b, c]) node.answer();
    expect(await calling).toBeNull();
  });

  test.each([
    ['stays unanswered', async () => {}],
    ['fails', async (...nodes: TestNode[]) => nodes.forEach((node) => node.disconnect())],
  ])('that %s is a QuorumError, and leaves nothing', async (_, happens) => {
    const { calling, runtime, nodes, names, b, c } = await unconfirmed(tried);
    const rejected = rejectionOf(calling);
    await happens(b, c);
    await runtime.advance(2000);
    const error = await rejected;
    expect(error).toBeInstanceOf(QuorumError);
    expect(error).toMatchObject({
      message: expect.stringContaining('Too few nodes confirmed the fencing token'),
      votes: [{ vote: 'granted' }, { vote: 'failed' }, { vote: 'failed' }],
    });
    expect(names()).not.toContain('contended');
    for (const node of [b, c]) {
      node.answer();
      node.connected();
    }
    await settle();
    expect(await holdersOf(nodes)).toEqual([null, null, null]);
  });

  test('that comes when no validity is left is a QuorumError', async () => {
    const { calling, runtime, nodes, b, c } = await unconfirmed(async (redlock) =>
      rejectionOf(redlock.tryAcquire('r', TTL)),
    );
    runtime.suspend(9898);
    for (const node of [b, c]) node.answer();
    expect(await calling).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      message: expect.stringContaining('too late for its ttl'),
    });
    await settle();
    expect(await holdersOf(nodes)).toEqual([null, null, null]);
  });

  test('takes its time from the validity', async () => {
    const { calling, runtime, b, c } = await unconfirmed(tried);
    await runtime.advance(300);
    for (const node of [b, c]) node.answer();
    expect((await calling)?.remaining()).toBe(9898 - 300);
  });
});

async function expectUnfenced(lock: Lock | null, nodes: readonly TestNode[]): Promise<void> {
  expect(lock?.fencingToken).toBe(0);
  await lock?.release();
  await settle();
  for (const { operations, server } of nodes) {
    expect(operations.map(({ fence }) => fence)).toEqual(operations.map(() => null));
    expect(operations.flatMap(({ counters }) => counters)).toEqual([]);
    expect(await server.counterOf('r')).toBeNull();
  }
}

describe('fencing: false', () => {
  type Call = (redlock: Redlock) => Promise<Lock | null>;
  const off = { fencing: false };
  const PER_CALL: readonly (readonly [string, Call])[] = [
    ['acquire', async (redlock) => redlock.acquire('r', TTL, off)],
    ['tryAcquire', async (redlock) => redlock.tryAcquire('r', TTL, off)],
    [
      'using',
      async (redlock) =>
        redlock.using('r', TTL, off, async (_, lock) => (await lock.extend(), lock)),
    ],
  ];
  const AS_DEFAULT: readonly (readonly [string, Call])[] = [
    ['acquire', async (redlock) => redlock.acquire('r', TTL)],
    ['tryAcquire', async (redlock) => redlock.tryAcquire('r', TTL)],
    [
      'using',
      async (redlock) => redlock.using('r', TTL, async (_, lock) => (await lock.extend(), lock)),
    ],
  ];

  test.each(PER_CALL)('of %s sends no counters, and the token is 0', async (_, call) => {
    const { redlock, nodes } = threeNodes();
    await expectUnfenced(await call(redlock), nodes);
  });

  test.each(AS_DEFAULT)('as default goes for %s', async (_, call) => {
    const { redlock, nodes } = threeNodes({ fencing: false });
    await expectUnfenced(await call(redlock), nodes);
  });

  test('as default gives way to the option of a call', async () => {
    const { redlock, runtime } = threeNodes({ fencing: false });
    const lock = await redlock.acquire('r', TTL, { fencing: true });
    expect(lock.fencingToken).toBe(microsOf(runtime));
  });

  test('excludes, and is excluded by, locks with fencing', async () => {
    const { redlock } = threeNodes();
    const plain = await redlock.acquire('r', TTL, off);
    expect(await redlock.tryAcquire('r', TTL)).toBeNull();
    await plain.release();
    await redlock.acquire('r', TTL);
    expect(await redlock.tryAcquire('r', TTL, off)).toBeNull();
  });
});

/** A lock, and at these nodes a counter above its token. */
async function overtaken(...names: readonly string[]) {
  const three = threeNodes();
  const lock = await three.redlock.acquire('r', TTL);
  await settle();
  for (const { name, server } of three.nodes) {
    if (names.includes(name)) await server.setCounter('r', lock.fencingToken + 1);
  }
  return { ...three, lock };
}

describe('an extension where a counter is above the token', () => {
  test('does without that node', async () => {
    const { lock, runtime, nodes } = await overtaken('a');
    await runtime.advance(1000);
    await lock.extend();
    expect(lock.remaining()).toBe(9898);
    await settle();
    for (const node of nodes) expect(node.kinds).toEqual(['grant', 'extend']);
  });

  test('does not count that node', async () => {
    const { lock, c } = await overtaken('a');
    c.mode = DOWN;
    const error = await rejectionOf(lock.extend());
    expect(error).toBeInstanceOf(QuorumError);
    expect(error).toMatchObject({
      votes: [
        { node: 'a', vote: 'denied' },
        { node: 'c', vote: 'failed' },
      ],
    });
    expect(lock.remaining()).toBe(9898);
  });

  test('on more nodes than can be spared says that it was not acknowledged, not that nodes are out of reach', async () => {
    const { redlock, nodes } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    await settle();
    for (const { server } of nodes) await server.setCounter('r', lock.fencingToken + 1);
    const error = (await rejectionOf(lock.extend())) as Error;
    expect(error.message).toContain('fewer than a quorum of nodes could acknowledge it');
    expect(error.message).not.toContain('out of reach');
  });

  test('on more nodes than can be spared is a QuorumError and no loss', async () => {
    const { lock, runtime, nodes, names } = await overtaken('a', 'b', 'c');
    const { signal } = lock;
    await runtime.advance(1000);
    expect(await rejectionOf(lock.extend())).toBeInstanceOf(QuorumError);
    await settle();
    expect(signal.aborted).toBe(false);
    expect(lock.remaining()).toBe(9898 - 1000);
    for (const node of nodes) expect(node.kinds).toEqual(['grant', 'extend']);
    await runtime.advance(9898 - 1000);
    expect(signal.reason).toMatchObject({ code: 'LOCK_LOST', cause: { code: 'EXPIRED' } });
    expect(names()).toEqual(['acquired', 'lost']);
  });

  test('is a loss when besides enough nodes say that the token is not theirs', async () => {
    const { lock, b, c } = await overtaken('a');
    await b.server.steal('r');
    await c.server.steal('r', 'other');
    expect(await rejectionOf(lock.extend())).toBeInstanceOf(LockLostError);
  });
});

test('a past holder cannot extend after a successor was granted, though its late grant came back', async () => {
  const runtime = new ManualRuntime();
  const ours = nodesNamed(3);
  const [, second, third] = ours;
  if (!second || !third) throw new Error('Three nodes');
  third.mode = 'hold';
  const past = await redlockOver(ours, {}, runtime).redlock.acquire('r', TTL);

  // Expired there, as on a server whose clock runs fast.
  await second.server.steal('r');
  const theirs = ours.map(({ name, server }) => new TestNode(name, { server }));
  const successor = await redlockOver(theirs, {}, runtime).redlock.acquire('r', TTL);
  expect(successor.fencingToken).toBeGreaterThan(past.fencingToken);
  await settle();
  expect(await holdersOf(ours)).toEqual([past.token, successor.token, successor.token]);
  await third.server.steal('r');
  third.answer();
  await settle();
  expect(await holdersOf(ours)).toEqual([past.token, successor.token, past.token]);

  expect(await rejectionOf(past.extend())).toBeInstanceOf(QuorumError);
  await settle();
  expect(successor.remaining()).toBe(9898);
  expect(await second.server.holderOf('r')).toBe(successor.token);
  expect(await second.server.counterOf('r')).toBe(successor.fencingToken);
  expect(second.kinds).toEqual(['grant', 'extend']);
});

function proposalsOf() {
  const clock = { ms: 1_700_000_000_000 };
  return { clock, propose: proposals(() => clock.ms) };
}

describe('proposals', () => {
  test('are the wall clock in microseconds, counting within each ms', () => {
    const { clock, propose } = proposalsOf();
    const micros = clock.ms * 1000;
    expect([propose(), propose(), propose()]).toEqual([micros, micros + 1, micros + 2]);
    clock.ms += 5;
    expect([propose(), propose()]).toEqual([micros + 5000, micros + 5001]);
  });

  test('grow on when there are more than fit a ms', () => {
    const { clock, propose } = proposalsOf();
    const micros = clock.ms * 1000;
    const all = Array.from({ length: 1500 }, propose);
    clock.ms += 1;
    all.push(propose());
    expectToGrow(all);
    expect(all.at(-1)).toBe(micros + 1500);
    clock.ms += 1;
    expect(propose()).toBe(micros + 2000);
  });

  test('follow a clock that is set back, and grow from there', () => {
    const { clock, propose } = proposalsOf();
    const micros = clock.ms * 1000;
    const before = [propose(), propose()];
    clock.ms -= HOUR;
    const after = [propose(), propose()];
    clock.ms += 1;
    after.push(propose());
    expect(after).toEqual([0, 1, 1000].map((more) => micros - HOUR * 1000 + more));
    expect(before).not.toEqual(expect.arrayContaining(after));
  });
});
