import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'testbed/rejection';
import { QuorumError } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { threeServers } from '../support/processes.js';
import { redlockOver, threeNodes } from '../support/three-nodes.js';

/** Three nodes of which two deny, so that every attempt has failed before `c` has answered. */
async function lockedElsewhere(resource = 'r') {
  const three = threeNodes();
  await three.a.server.steal(resource, 'other');
  await three.b.server.steal(resource, 'other');
  return three;
}

/** Every node has been shown grant and release, and `c` has forgotten them. */
async function forgotten() {
  const three = threeNodes();
  await (await three.redlock.acquire('warm', 10_000)).release();
  await settle();
  three.c.server.flushScripts();
  for (const { commands } of three.nodes) commands.length = 0;
  return three;
}

/** `c` is silent, and known to be. */
async function silent() {
  const three = threeNodes();
  three.c.mode = 'hold';
  await three.redlock.acquire('first', 60_000);
  await three.runtime.advance(1000);
  return three;
}

describe('readiness', () => {
  test('nothing is written to a node that is not ready, only its client told to connect', async () => {
    const { redlock, c } = threeNodes();
    c.ready = false;
    const lock = await redlock.acquire('r', 10_000);
    expect(await lock.release()).toBe(true);
    expect(c).toMatchObject({ commands: [], connects: 1 });
  });

  test('a cold connection is waited for, and then written to', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) node.ready = false;
    const trying = redlock.tryAcquire('r', 10_000);
    await runtime.advance(1999);
    for (const node of nodes) node.connected();
    expect((await trying)?.remaining()).toBe(9898 - 1999);
    for (const node of nodes) expect(node.kinds).toEqual(['grant']);
  });

  test.each([
    { ttl: 600, allowance: 300 },
    { ttl: 2000, allowance: 500 },
    { ttl: 10_000, allowance: 2000 },
    { ttl: 3_600_000, allowance: 5000 },
  ])('a ttl of $ttl ms allows $allowance ms for a connection', async ({ ttl, allowance }) => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) node.ready = false;
    const tried = rejectionOf(redlock.tryAcquire('r', ttl));
    await runtime.advance(allowance - 10);
    for (const node of nodes) expect(node.connects).toBe(1);
    await runtime.advance(10);
    const failed = { error: { message: `not connected within ${allowance} ms` } };
    expect(await tried).toMatchObject({ votes: [failed, failed] });
  });

  test('the replies of a connection that was waited for have a time of their own', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) Object.assign(node, { ready: false, mode: 'hold' });
    const trying = redlock.tryAcquire('r', 1000);
    await runtime.advance(470);
    for (const node of nodes) node.connected();
    await runtime.advance(40);
    for (const node of nodes) node.answer();
    expect((await trying)?.remaining()).toBe(988 - 510);
  });

  test('the others decide as early as ever', async () => {
    const { redlock, runtime, b, c } = threeNodes();
    for (const node of [b, c]) node.ready = false;
    const trying = redlock.tryAcquire('r', 10_000);
    await runtime.advance(100);
    b.connected();
    expect((await trying)?.remaining()).toBe(9898 - 100);
    expect(c.commands).toEqual([]);
  });

  test('an extension waits for a connection no longer than for a reply, to be tried again in time', async () => {
    const { redlock, runtime, b, c } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    for (const node of [b, c]) node.ready = false;
    const failed = rejectionOf(lock.extend());
    await runtime.advance(500);
    const error = { message: 'not connected within 500 ms' };
    expect(await failed).toMatchObject({ votes: [{}, { error }, { error }] });
  });

  test('a node far away has three round trips by default', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) node.mode = 'hold';
    const roundTrip = async (ms: number): Promise<void> => {
      await runtime.advance(ms);
      for (const { unanswered } of nodes) unanswered[0]?.reply();
      await settle();
    };
    const first = rejectionOf(redlock.tryAcquire('r', 1000));
    await roundTrip(60);
    expect(await first).toMatchObject({ votes: [{ error: { code: 'TIMEOUT' } }, {}] });
    await roundTrip(60);
    const second = redlock.tryAcquire('s', 1000);
    await roundTrip(150);
    expect((await second)?.remaining()).toBe(988 - 150);
  });

  test('a process that stands still past the node timeout goes on with the connections that it is making', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) node.ready = false;
    const trying = redlock.tryAcquire('r', 10_000);
    await settle();
    // The socket is connected, the server's greeting arrives, and the reply to what the client says to that.
    let steps = 0;
    runtime.sockets = () => {
      if (++steps === 3 * nodes.length) for (const node of nodes) node.connected();
    };
    runtime.standStill(3000);
    await runtime.advance(1000);
    expect((await trying)?.remaining()).toBeGreaterThan(0);
    for (const node of nodes) expect(node.kinds).toEqual(['grant']);
  });

  test('a process that stands still again and again waits for a connection no longer than it runs', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) node.ready = false;
    const tried = rejectionOf(redlock.tryAcquire('r', 60_000));
    for (let second = 0; second < 20; second++) {
      runtime.standStill(700);
      await runtime.advance(300);
    }
    expect(await tried).toMatchObject({ votes: [{ error: { code: 'NOT_READY' } }, {}] });
  });

  test('what was not written in that time never is, and owes no release', async () => {
    const { redlock, runtime, nodes } = threeNodes();
    for (const node of nodes) node.ready = false;
    const tried = rejectionOf(redlock.tryAcquire('r', 10_000));
    await runtime.advance(2000);
    const failed = { vote: 'failed', error: { code: 'NOT_READY' }, ms: 2000 };
    expect(await tried).toMatchObject({ code: 'QUORUM_UNAVAILABLE', votes: [failed, failed] });
    for (const node of nodes) node.connected();
    await settle();
    for (const node of nodes) expect(node.commands).toEqual([]);
  });

  const reasons = [
    {
      lastError: new Error('WRONGPASS invalid username-password pair or user is disabled.'),
      code: 'WRONGPASS',
      message: 'WRONGPASS invalid username-password pair or user is disabled.',
    },
    {
      lastError: Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED' }),
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED ::1:1',
    },
    {
      // As Node has it where a host has several addresses.
      lastError: new AggregateError([
        Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED' }),
        new Error('another'),
      ]),
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED ::1:1',
    },
    {
      lastError: new Error('cannot reach redis://bob:hunter2@secret.example'),
      code: 'CONNECTION',
      message: 'cannot reach (url)',
    },
    { lastError: undefined, code: 'NOT_READY', message: '' },
  ];

  test.each(reasons)('a node that is not connected says why: $message', async (reason) => {
    const { redlock, runtime, nodes } = threeNodes();
    const { lastError, code } = reason;
    const why = reason.message && `: ${reason.message}`;
    // One that has been refused is waited for no longer than a reply.
    const ms = lastError ? 500 : 2000;
    for (const node of nodes) Object.assign(node, { ready: false, lastError });
    const tried = rejectionOf(redlock.tryAcquire('r', 10_000));
    await runtime.advance(ms);
    const waited = { error: { code, message: `not connected within ${ms} ms${why}` } };
    expect(await tried).toMatchObject({ votes: [waited, waited] });
    // What has not connected in time is not waited for again.
    const failed = { error: { code, message: `not connected${why}` } };
    expect(await rejectionOf(redlock.tryAcquire('r', 10_000))).toMatchObject({
      votes: [failed, failed],
    });
  });

  test('what waits for a connection is not written once the attempt has failed', async () => {
    const { redlock, c } = await lockedElsewhere();
    c.ready = false;
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    c.connected();
    await settle();
    expect(c.commands).toEqual([]);
  });
});

test('what waits for a connection leaves in time, also when the lock is held', async () => {
  const { redlock, runtime, c } = threeNodes();
  c.ready = false;
  await redlock.acquire('r', 10_000);
  await runtime.advance(2000);
  c.connected();
  await settle();
  expect(c.commands).toEqual([]);
});

describe('a release is owed at the next readiness for', () => {
  test('what was not answered when the connection was lost, though it is executed late', async () => {
    const { redlock, c } = await lockedElsewhere();
    c.mode = 'hold';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await settle();
    c.disconnect();
    await settle();
    c.latest('grant').command.execute();
    c.mode = 'answer';
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
    // Once is enough.
    c.disconnect();
    c.connected();
    await settle();
    expect(c.commands).toHaveLength(3);
  });

  test('an attempt whose connection was lost while it was undecided', async () => {
    const { redlock, a, b, c } = threeNodes();
    for (const node of [a, b, c]) node.mode = 'hold';
    const tried = rejectionOf(redlock.tryAcquire('r', 10_000));
    await settle();
    for (const node of [b, c]) node.disconnect();
    a.answer();
    expect(await tried).toBeInstanceOf(QuorumError);
    c.latest('grant').command.execute();
    c.mode = 'answer';
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a lock released while its node was away', async () => {
    const { redlock, c } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    c.disconnect();
    expect(await lock.release()).toBe(true);
    expect(c.kinds).toEqual(['grant']);
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a command that the client sends again by itself on the new connection', async () => {
    const { redlock, c } = await lockedElsewhere();
    c.mode = 'hold';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await settle();
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    // Releases first, the grant last.
    for (const command of c.commands.slice(1)) command.reply();
    await settle();
    c.answer();
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('a lock whose grant the client had sent again, though it is released before the first one is executed', async () => {
    const { redlock, c } = threeNodes();
    c.mode = 'hold';
    const lock = await redlock.acquire('r', 10_000);
    await settle();
    c.connected();
    c.mode = 'answer';
    c.answer();
    await settle();
    expect(await lock.release()).toBe(true);
    await settle();
    expect(c.kinds).toEqual(['grant', 'release']);
    c.latest('grant').command.execute();
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
    // Once is enough.
    c.connected();
    await settle();
    expect(c.commands).toHaveLength(3);
  });

  test('a grant that was still unanswered when its release was answered', async () => {
    const { redlock, c } = await lockedElsewhere();
    c.mode = 'hold';
    expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
    await settle();
    c.latest('release').command.reply();
    await settle();
    c.disconnect();
    await settle();
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant', 'release', 'release']);
    c.answer();
  });

  test('not for a lock that is held', async () => {
    const { redlock, c } = threeNodes();
    await redlock.acquire('r', 10_000);
    c.disconnect();
    c.connected();
    await settle();
    expect(c.kinds).toEqual(['grant']);
  });
});

/** A lock whose shorter extension two of three nodes have not answered, and which are connected anew. */
async function shortExtensionLost() {
  const three = threeNodes();
  const { redlock, runtime, nodes, b, c } = three;
  for (const { server } of nodes) server.expiry = runtime.now;
  const lock = await redlock.acquire('r', 10_000);
  for (const node of [b, c]) node.mode = 'hold';
  const short = rejectionOf(lock.extend(2000));
  await settle();
  const late = [b, c].map((node) => node.latest('extend').command);
  for (const node of [b, c]) node.disconnect();
  expect(await short).toBeInstanceOf(QuorumError);
  for (const node of [b, c]) {
    node.mode = 'answer';
    node.connected();
  }
  return { ...three, lock, late };
}

describe('an extension by more time than one that was lost with its connection', () => {
  test('counts, and so do those after it', async () => {
    const { lock } = await shortExtensionLost();
    await lock.extend(60_000);
    expect(lock.remaining()).toBe(60_000 - 602);
    await lock.extend();
    expect(lock.remaining()).toBe(60_000 - 602);
  });

  test('is not cut short where that one still arrives, late or twice', async () => {
    const { lock, late, runtime, nodes } = await shortExtensionLost();
    await lock.extend(60_000);
    for (const command of late) command.execute();
    for (const { args, server } of late) await server.run(args);
    await runtime.advance(50_000);
    for (const { server } of nodes) expect(await server.holderOf('r')).toBe(lock.token);
    expect(lock.remaining()).toBeGreaterThan(9000);
  });
});

test('an extension by more time than one that the client gave up counts when it is answered behind it', async () => {
  const { redlock, b, c } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  for (const node of [b, c]) node.mode = new Error('Command timed out');
  await rejectionOf(lock.extend(2000));
  for (const node of [b, c]) node.mode = 'answer';
  await lock.extend(60_000);
  expect(lock.remaining()).toBeGreaterThan(50_000);
});

test('what only looks at a node that does not answer leaves nothing behind', async () => {
  const { redlock, c } = threeNodes();
  c.mode = new Error('Command timed out');
  await redlock.inspect('r');
  await redlock.close();
  expect(c.listeners).toBe(0);
});

test('a key that is kept for a while is not kept anew when its node is connected again', async () => {
  const { redlock, runtime, nodes, c } = threeNodes();
  for (const { server } of nodes) server.expiry = runtime.now;
  const lock = await redlock.acquire('r', 10_000);
  c.mode = 'hold';
  await lock.extend();
  c.connected();
  c.answer();
  await settle();
  expect(await lock.release({ keepFor: 60_000 })).toBe(true);
  await settle();
  await runtime.advance(50_000);
  // What was sent on the connection before may have been executed by now, so it is released, but not kept.
  c.connected();
  await settle();
  expect(c.all('release').map(({ successor }) => successor !== null)).toEqual([true, false]);
  await runtime.advance(10_000);
  for (const { server } of nodes) expect(await server.holderOf('r')).toBeNull();
});

test('a lock whose grant the client gave up owes nothing once a release behind it was answered', async () => {
  const { redlock, c } = threeNodes();
  c.mode = new Error('Command timed out');
  const lock = await redlock.acquire('r', 10_000);
  await settle();
  c.mode = 'answer';
  expect(await lock.release()).toBe(true);
  await settle();
  c.connected();
  await settle();
  expect(c.kinds).toEqual(['grant', 'release']);
});

test('a release on which the client gave up follows when the node answers again', async () => {
  const { redlock, runtime, c } = threeNodes();
  const lock = await redlock.acquire('r', 10_000);
  await runtime.advance(1);
  c.mode = new Error('Command timed out');
  expect(await lock.release()).toBe(true);
  await settle();
  c.mode = 'answer';
  await redlock.acquire('another', 10_000);
  await settle();
  expect(c.kinds).toEqual(['grant', 'release', 'grant', 'release']);
  expect(await c.server.holderOf('r')).toBeNull();
});

test('a Cluster may reorder commands: a late grant is released again though its release was written', async () => {
  const c = new TestNode('c', { cluster: true });
  const { redlock, nodes } = redlockOver([new TestNode('a'), new TestNode('b'), c]);
  for (const node of nodes.slice(0, 2)) await node.server.steal('r', 'other');
  c.mode = 'hold';
  expect(await redlock.tryAcquire('r', 10_000)).toBeNull();
  await settle();
  c.latest('release').command.execute();
  c.answer();
  await settle();
  expect(c.kinds).toEqual(['grant', 'release', 'release']);
  expect(await c.server.holderOf('r')).toBeNull();
});

describe('scripts', () => {
  test('are sent by digest once a connection has shown that its server knows them', async () => {
    const { redlock, c } = threeNodes();
    await redlock.acquire('one', 10_000);
    await settle();
    await redlock.acquire('two', 10_000);
    c.connected();
    await redlock.acquire('three', 10_000);
    expect(c.commands.map(({ whole }) => whole)).toEqual([true, false, true]);
  });

  test('that a server has forgotten are sent whole while the attempt is undecided', async () => {
    const { redlock, a, b, c } = await forgotten();
    a.mode = 'hold';
    b.mode = new Error('read ECONNRESET');
    const acquiring = redlock.acquire('r', 10_000);
    await settle();
    a.answer();
    const lock = await acquiring;
    expect(c.operations.map(({ kind, command }) => [kind, command.whole])).toEqual([
      ['grant', false],
      ['grant', true],
    ]);
    expect(await c.server.holderOf('r')).toBe(lock.token);
  });

  test.each(['granted', 'denied'])(
    'are not sent again for a grant when the attempt is %s',
    async (decision) => {
      const { redlock, a, b, c } = await forgotten();
      c.mode = 'hold';
      if (decision === 'denied') {
        await a.server.steal('r', 'other');
        await b.server.steal('r', 'other');
      }
      const lock = await redlock.tryAcquire('r', 10_000);
      expect(lock === null).toBe(decision === 'denied');
      c.answer();
      await settle();
      expect(c.kinds.filter((kind) => kind === 'grant')).toHaveLength(1);
      expect(await c.server.holderOf('r')).toBeNull();
    },
  );

  test('are not sent again for an extension when the release has gone out', async () => {
    const { redlock, b, c } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    await lock.extend();
    await settle();
    c.server.flushScripts();
    for (const node of [b, c]) node.mode = 'hold';
    const extended = rejectionOf(lock.extend());
    await settle();
    const releasing = lock.release();
    b.answer();
    c.answer();
    expect(await releasing).toBe(true);
    expect(await extended).toMatchObject({ cause: { code: 'RELEASED' } });
    await settle();
    expect(c.kinds.slice(-2)).toEqual(['extend', 'release']);
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('are always sent again for a release', async () => {
    const { redlock, c } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    await settle();
    c.server.flushScripts();
    expect(await lock.release()).toBe(true);
    await settle();
    expect(c.operations.slice(-2).map(({ kind, command }) => [kind, command.whole])).toEqual([
      ['release', false],
      ['release', true],
    ]);
    expect(await c.server.holderOf('r')).toBeNull();
  });
});

describe('a node that has stopped answering', () => {
  test('is sent a bounded number of commands, however many locks come and go', async () => {
    const { redlock, runtime, c } = await silent();
    const lockAndRelease = async (round: number): Promise<number> => {
      for (let index = 0; index < 1000; index++) {
        const lock = await redlock.acquire(`r${round}-${index}`, 60_000);
        await lock.release();
      }
      await runtime.advance(1000);
      return c.commands.length;
    };
    const bound = await lockAndRelease(0);
    expect(bound).toBeLessThan(200);
    expect(await lockAndRelease(1)).toBe(bound);
    expect(await lockAndRelease(2)).toBe(bound);

    c.answer();
    await settle();
    await redlock.acquire('last', 60_000);
    expect(c.latest('grant').keys).toEqual(['last']);
    const left = c.operations.flatMap(({ keys }) => keys).filter((key) => key.startsWith('r'));
    for (const key of left) expect(await c.server.holderOf(key)).toBeNull();
  });

  test('is sent one extension of a lock, not all of them', async () => {
    const { redlock, c } = await silent();
    const lock = await redlock.acquire('r', 60_000);
    const before = c.commands.length;
    for (let count = 0; count < 10; count++) await lock.extend();
    expect(c.commands.length).toBe(before);
  });

  test('fails at once when enough is in flight', async () => {
    const { redlock, b, c } = await silent();
    for (let count = 0; count < 100; count++) await redlock.acquire(`r${count}`, 60_000);
    b.mode = new Error('connect ECONNREFUSED');
    const error = await rejectionOf(redlock.tryAcquire('r', 60_000));
    expect(error).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      votes: expect.arrayContaining([
        expect.objectContaining({ node: 'c', error: expect.objectContaining({ code: 'SILENT' }) }),
      ]),
    });
    expect(c.unanswered.length).toBeLessThan(100);
  });

  test('has its connection replaced after each 10 s without an answer', async () => {
    const { runtime, c } = await silent();
    await runtime.advance(8999);
    expect(c.reconnects).toBe(0);
    await runtime.advance(1);
    expect(c.reconnects).toBe(1);
    await runtime.advance(10_000);
    expect(c.reconnects).toBe(2);
  });

  test.each(['answers', 'connects', 'is not connected'] as const)(
    'keeps its connection if it %s meanwhile',
    async (what) => {
      const { runtime, c } = await silent();
      if (what === 'answers') c.answer();
      else if (what === 'connects') c.connected();
      else c.disconnect();
      await runtime.advance(30_000);
      expect(c.reconnects).toBe(0);
    },
  );

  test('keeps its connection when its client has given up all it was given, and nothing was asked since', async () => {
    const { redlock, runtime, c } = threeNodes();
    c.mode = new Error('Command timed out');
    await redlock.acquire('r', 60_000);
    await runtime.advance(30_000);
    expect(c.unanswered).toEqual([]);
    expect(c.reconnects).toBe(0);
  });

  test('has its connection replaced when its client gives up one command after another', async () => {
    const { redlock, runtime, c } = threeNodes();
    c.mode = new Error('Command timed out');
    for (let seconds = 0; seconds < 21; seconds++) {
      await redlock.acquire(`r${seconds}`, 60_000);
      await runtime.advance(1000);
    }
    expect(c.reconnects).toBe(2);
  });

  test('is one that has answered nothing since the very moment at which it was asked', async () => {
    const { redlock, runtime, c } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    await settle();
    c.mode = 'hold';
    await lock.release();
    await runtime.advance(10_000);
    expect(c.reconnects).toBe(1);
  });

  test('is none that leaves one command unanswered but has answered another', async () => {
    const { redlock, runtime, c } = threeNodes();
    c.mode = 'hold';
    await redlock.acquire('one', 60_000);
    await runtime.advance(100);
    await redlock.acquire('two', 60_000);
    await runtime.advance(1);
    c.latest('grant').command.reply();
    await runtime.advance(30_000);
    expect(c.reconnects).toBe(0);
  });

  test('keeps its connection after close()', async () => {
    const { redlock, runtime, c } = await silent();
    await redlock.close();
    await runtime.advance(30_000);
    expect(c.reconnects).toBe(0);
  });

  test('keeps its connection when close() comes before its timeout', async () => {
    const { redlock, runtime, c } = threeNodes();
    c.mode = 'hold';
    await redlock.acquire('r', 60_000);
    await redlock.close();
    await runtime.advance(30_000);
    expect(c.reconnects).toBe(0);
  });
});

describe('the node timeout', () => {
  test.each([
    { ttl: 200, options: {}, timeout: undefined, ms: 50 },
    { ttl: 10_000, options: {}, timeout: undefined, ms: 500 },
    { ttl: 100_000, options: {}, timeout: undefined, ms: 1000 },
    { ttl: 100_000, options: { nodeTimeout: 70 }, timeout: undefined, ms: 70 },
    { ttl: 100_000, options: { nodeTimeout: 70 }, timeout: 130, ms: 130 },
    { ttl: 100_000, options: {}, timeout: 20, ms: 20 },
  ])(
    'of ttl $ttl, $options and timeout $timeout is $ms ms',
    async ({ ttl, options, timeout, ms }) => {
      const node = new TestNode('a', timeout === undefined ? {} : { timeout });
      node.mode = 'hold';
      const { redlock, runtime } = redlockOver([node], options);
      let error: unknown;
      const tried = rejectionOf(redlock.tryAcquire('r', ttl)).then((reason) => (error = reason));
      await runtime.advance(ms - 1);
      expect(error).toBeUndefined();
      await runtime.advance(1);
      await tried;
      expect(error).toMatchObject({
        votes: [
          {
            node: 'a',
            vote: 'failed',
            error: { name: 'TimeoutError', code: 'TIMEOUT', message: `no reply within ${ms} ms` },
            ms,
          },
        ],
      });
    },
  );

  test('does not fail a reply that is in the socket when it fires', async () => {
    const node = new TestNode('a');
    node.mode = 'hold';
    const { redlock, runtime } = redlockOver([node]);
    runtime.sockets = () => node.answer();
    const trying = redlock.tryAcquire('r', 10_000);
    await runtime.advance(500);
    expect((await trying)?.remaining()).toBe(9898 - 500);
  });
});

test('commands to one node are written in the order of the calls', async () => {
  const { redlock, c } = threeNodes();
  c.mode = 'hold';
  await Promise.all(['one', 'two', 'three'].map((resource) => redlock.acquire(resource, 10_000)));
  expect(c.operations.flatMap(({ keys }) => keys)).toEqual(['one', 'two', 'three']);
});

test('a node whose client gives up what it is given is asked again, and costs no more each time', async () => {
  const { redlock, names, c } = threeNodes();
  await redlock.acquire('first', 10_000);
  c.mode = new Error('Command timed out');
  const unsettled = async (): Promise<number> => {
    for (let count = 0; count < 100; count++) {
      const lock = await redlock.acquire(`r${count}`, 10_000);
      await settle();
      await lock.release();
      await settle();
    }
    return c.commands.length;
  };
  await unsettled();
  expect(names()).toContain('nodeFailed');
  c.mode = 'answer';
  await unsettled();
  expect(names()).toContain('nodeRecovered');
  const asked = new Set(c.operations.flatMap(({ keys }) => keys));
  asked.delete('first');
  for (const key of asked) expect(await c.server.holderOf(key)).toBeNull();
});

test('an adapter that throws, or rejects with anything at all, only fails its own vote', async () => {
  const { redlock, a, b } = threeNodes();
  a.call = () => {
    throw new Error('boom');
  };
  const lock = await redlock.acquire('r', 10_000);
  expect(await lock.release()).toBe(true);
  b.call = () => Promise.reject({ name: 5, message: 5 });
  const error = await rejectionOf(redlock.tryAcquire('r', 10_000));
  expect(error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
});

describe('a release that the server answers with an error', () => {
  const BUSY = new Error('BUSY Redis is busy running a script. You can only call SCRIPT KILL');
  const LOADING = new Error('LOADING Redis is loading the dataset in memory');

  test.each([BUSY, LOADING, new Error('NOREPLICAS Not enough good replicas to write.')])(
    'is repeated until it is executed: %s',
    async (error) => {
      const node = new TestNode('a');
      const { redlock, runtime } = redlockOver([node]);
      const lock = await redlock.acquire('r', 60_000);
      node.mode = error;
      expect(await lock.release()).toBe(false);
      await runtime.advance(5000);
      node.mode = 'answer';
      await runtime.advance(2000);
      expect(await node.server.holderOf('r')).toBeNull();
      expect(await redlock.tryAcquire('r', 60_000)).not.toBeNull();
    },
  );

  test('is repeated after pauses that grow, whatever else the node answers, one for all', async () => {
    const node = new TestNode('a');
    const { redlock, runtime } = redlockOver([node]);
    const names = ['one', 'two', 'three'];
    const locks = await Promise.all(names.map((name) => redlock.acquire(name, 60_000)));
    node.mode = (command) => {
      if (command.has('release')) command.fail(BUSY);
      else command.reply();
    };
    await Promise.all(locks.map((lock) => lock.release()));
    const before = node.all('release').length;
    for (let round = 0; round < 100; round++) {
      await redlock.inspect('one');
      await runtime.advance(100);
    }
    const repeated = node.all('release').length - before;
    expect(repeated).toBeGreaterThan(5);
    expect(repeated).toBeLessThan(15);
    node.mode = 'answer';
    await runtime.advance(2000);
    for (const name of names) expect(await node.server.holderOf(name)).toBeNull();
  });

  test('is not repeated any more when what it would delete has expired', async () => {
    const node = new TestNode('a');
    const { redlock, runtime } = redlockOver([node]);
    const lock = await redlock.acquire('r', 10_000);
    node.mode = BUSY;
    await lock.release();
    await runtime.advance(12_500);
    const sent = node.commands.length;
    await runtime.advance(60_000);
    expect(node.commands).toHaveLength(sent);
    expect(runtime.pending).toEqual([]);
  });

  test('leaves a timer that keeps no process alive', async () => {
    const node = new TestNode('a');
    const { redlock, runtime } = redlockOver([node]);
    const lock = await redlock.acquire('r', 10_000);
    node.mode = BUSY;
    await lock.release();
    await runtime.advance(20);
    expect(runtime.pending).toHaveLength(1);
    expect(runtime.holding).toEqual([]);
  });
});

const boom = (): never => {
  throw new Error('boom');
};

describe('an adapter with a member that throws', () => {
  test.each(['ready', 'call', 'connect', 'onReady', 'subscribe'] as const)(
    'once, %s: only that node fails, and it votes again',
    async (member) => {
      const three = threeServers().process();
      const { a, nodes, redlock, runtime } = three;
      const own = Object.getOwnPropertyDescriptor(a, member);
      if (member === 'connect') a.ready = false;
      Object.defineProperty(a, member, {
        configurable: true,
        get: () => {
          if (own) Object.defineProperty(a, member, own);
          else Reflect.deleteProperty(a, member);
          return member === 'ready' ? boom() : boom;
        },
      });
      const other = await three.redlock.acquire('other', 10_000);
      const waiting = redlock.acquire('other', 10_000, { retryDelay: 100 });
      await runtime.advance(50);
      a.connected();
      await other.release();
      await runtime.advance(1000);
      await (await waiting).release();
      const lock = await redlock.acquire('r', 10_000);
      await runtime.advance(10);
      for (const { server } of nodes) expect(await server.holderOf('r')).toBe(lock.token);
      await redlock.close();
    },
  );

  test('always, all of them: the others decide, and close() ends', async () => {
    const { redlock, a, runtime } = threeNodes();
    for (const member of ['ready', 'call', 'connect', 'onReady', 'reconnect'] as const) {
      Object.defineProperty(a, member, { get: () => (member === 'ready' ? boom() : boom) });
    }
    const lock = await redlock.acquire('r', 10_000);
    await lock.extend();
    expect(await lock.release()).toBe(true);
    await runtime.advance(20_000);
    await redlock.close();
  });
});
