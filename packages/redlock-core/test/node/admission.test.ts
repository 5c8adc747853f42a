import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { lockedElsewhere, threeNodes } from '../support/three-nodes.js';

/** Behind the time, if the client gives no reason. */
const HINT = ', without an error; check the address and TLS';

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
    const failed = { error: { message: `not connected within ${allowance} ms${HINT}` } };
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
    const error = { message: `not connected within 500 ms${HINT}` };
    expect(await failed).toMatchObject({ votes: [{}, { error }, { error }] });
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
    const waited = { error: { code, message: `not connected within ${ms} ms${why || HINT}` } };
    expect(await tried).toMatchObject({ votes: [waited, waited] });
    // A node that has not connected in time is not waited for again.
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
