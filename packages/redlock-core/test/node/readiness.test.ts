import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { held, TTL, world, type ProcessOptions } from '../support/world.js';

/** Behind the time, if the client gives no reason. */
const HINT = ', without an error; check the address and TLS';

/** None of the clients is connected yet. */
function coldWorld(options?: ProcessOptions) {
  const all = world(3, options);
  for (const node of all.nodes) node.ready = false;
  return all;
}

test('a node that is not ready is sent nothing, and its client is asked to connect', async () => {
  const { redlock, c } = world();
  c.ready = false;
  const lock = await redlock.acquire('r', TTL);
  expect(await lock.release()).toBe(true);
  expect(c).toMatchObject({ commandCount: 0, connects: 1 });
});

test('validity: a connection that is being made is waited for, and the wait counts', async () => {
  const { redlock, time, nodes, holders, everywhere } = coldWorld();
  const trying = redlock.tryAcquire('r', TTL);
  await time.advance(1999);
  for (const node of nodes) node.connected();
  const lock = await trying;
  expect(lock?.remaining()).toBe(9898 - 1999);
  expect(await holders()).toEqual(everywhere(lock?.token));
});

test.each([
  { ttl: 600, allowance: 300 },
  { ttl: 2000, allowance: 500 },
  { ttl: 10_000, allowance: 2000 },
  { ttl: 3_600_000, allowance: 5000 },
])('a ttl of $ttl ms allows $allowance ms for a connection', async ({ ttl, allowance }) => {
  const { redlock, time, nodes } = coldWorld();
  const tried = rejectionOf(redlock.tryAcquire('r', ttl));
  await time.advance(allowance - 10);
  for (const node of nodes) expect(node.connects).toBe(1);
  await time.advance(10);
  const failed = { error: { message: `not connected within ${allowance} ms${HINT}` } };
  expect(await tried).toMatchObject({ votes: [failed, failed] });
});

test('a reply on a connection that was waited for has its whole timeout', async () => {
  const { redlock, time, nodes } = coldWorld();
  for (const node of nodes) node.mode = 'hold';
  const trying = redlock.tryAcquire('r', 1000);
  await time.advance(470);
  for (const node of nodes) node.connected();
  await time.advance(40);
  for (const node of nodes) node.answer();
  expect((await trying)?.remaining()).toBe(988 - 510);
});

test('an extension waits for a connection only as long as for a reply', async () => {
  const { time, b, c, lock } = await held();
  for (const node of [b, c]) node.ready = false;
  const failed = rejectionOf(lock.extend());
  await time.advance(500);
  const error = { message: `not connected within 500 ms${HINT}` };
  expect(await failed).toMatchObject({ votes: [{}, { error }, { error }] });
});

test('after a process pause, connections that are being made are still used', async () => {
  const { redlock, time, nodes, holders, everywhere } = coldWorld();
  const trying = redlock.tryAcquire('r', TTL);
  await settle();
  // The socket is connected, the server's greeting arrives, and the reply to what the client says to that.
  let steps = 0;
  time.sockets = () => {
    if (++steps === 3 * nodes.length) for (const node of nodes) node.connected();
  };
  time.standStill(3000);
  await time.advance(1000);
  const lock = await trying;
  expect(lock?.remaining()).toBeGreaterThan(0);
  expect(await holders()).toEqual(everywhere(lock?.token));
});

test('a wait for a connection goes on if the adapter reports it before it is ready', async () => {
  const { redlock, time, nodes, holders, everywhere } = coldWorld();
  const trying = redlock.tryAcquire('r', TTL);
  await time.advance(100);
  for (const node of nodes) node.connected(false);
  await time.advance(100);
  for (const node of nodes) node.connected(false);
  await time.advance(100);
  for (const node of nodes) node.connected();
  const lock = await trying;
  await settle();
  expect(await holders()).toEqual(everywhere(lock?.token));
});

test('repeated process pauses do not prolong the wait for a connection', async () => {
  const { redlock, time } = coldWorld();
  const tried = rejectionOf(redlock.tryAcquire('r', 60_000));
  for (let second = 0; second < 20; second++) {
    time.standStill(700);
    await time.advance(300);
  }
  expect(await tried).toMatchObject({ votes: [{ error: { code: 'NOT_CONNECTED' } }, {}] });
});

test('an attempt that failed for lack of a connection is never written, nor released', async () => {
  const { redlock, time, nodes } = coldWorld();
  const tried = rejectionOf(redlock.tryAcquire('r', TTL));
  await time.advance(2000);
  const failed = { result: 'failed', error: { code: 'NOT_CONNECTED' }, duration: 2000 };
  expect(await tried).toMatchObject({ code: 'QUORUM_UNAVAILABLE', votes: [failed, failed] });
  for (const node of nodes) node.connected();
  await settle();
  for (const node of nodes) expect(node.commandCount).toBe(0);
});

const REFUSED = Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED' });
const WRONGPASS = 'WRONGPASS invalid username-password pair or user is disabled.';

test.each([
  { lastError: new Error(WRONGPASS), code: 'WRONGPASS', message: WRONGPASS },
  { lastError: REFUSED, code: 'ECONNREFUSED', message: REFUSED.message },
  {
    // Node throws this for a host that has several addresses.
    lastError: new AggregateError([REFUSED, new Error('another')]),
    code: 'ECONNREFUSED',
    message: REFUSED.message,
  },
  {
    lastError: new Error('cannot reach redis://bob:hunter2@secret.example'),
    code: 'CONNECTION',
    message: 'cannot reach (url)',
  },
  { lastError: undefined, code: 'NOT_CONNECTED', message: '' },
])('errors: a vote says why its node is not connected: $code $message', async (reason) => {
  const { redlock, time, nodes } = coldWorld();
  const { lastError, code } = reason;
  const why = reason.message && `: ${reason.message}`;
  // A node that has been refused is waited for only as long as a reply.
  const ms = lastError ? 500 : 2000;
  for (const node of nodes) node.lastError = lastError;
  const tried = rejectionOf(redlock.tryAcquire('r', TTL));
  await time.advance(ms);
  const waited = { error: { code, message: `not connected within ${ms} ms${why || HINT}` } };
  expect(await tried).toMatchObject({ votes: [waited, waited] });
  // A node that has not connected in time is not waited for again.
  const failed = { error: { code, message: `not connected${why}` } };
  expect(await rejectionOf(redlock.tryAcquire('r', TTL))).toMatchObject({
    votes: [failed, failed],
  });
});
