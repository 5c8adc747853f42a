import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError } from 'redlock-core';
import { outcomeOf } from '../support/outcome.js';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

test('connect() asks all nodes to connect, and resolves when a quorum can be used', async () => {
  const { redlock, nodes, a, b } = world();
  for (const node of nodes) node.ready = false;
  let connected = false;
  const connecting = redlock.connect().then(() => (connected = true));
  await settle();
  for (const node of nodes) expect(node.connects).toBe(1);
  a.connected();
  await settle();
  expect(connected).toBe(false);
  b.connected();
  await connecting;
});

test('time-limit: connect() leaves no wait behind when it rejects', async () => {
  const { redlock, time, nodes, a } = world();
  for (const node of nodes) node.ready = false;
  const rejected = rejectionOf(redlock.connect({ wait: 100 }));
  await time.advance(100);
  await rejected;
  const { connects } = a;
  // A wait that goes on asks for the connection again.
  a.connected(false);
  await settle();
  expect(a.connects).toBe(connects);
});

test('connect() resolves at once if the nodes are connected, and sends no lock command', async () => {
  const { redlock, sent } = world();
  await redlock.connect({ wait: 0 });
  expect(sent()).toEqual([0, 0, 0]);
});

test('connect() waits until nodes have identified their servers', async () => {
  const { redlock, time, nodes } = world();
  await settle();
  for (const node of nodes) {
    node.ready = false;
    node.identifying = 'hold';
  }
  const rejected = rejectionOf(redlock.connect());
  for (const node of nodes) node.connected();
  await time.advance(5000);
  const failed = { result: 'failed', error: { code: 'IDENTITY_UNKNOWN' } };
  expect(await rejected).toMatchObject({ votes: [failed, failed, failed] });
  for (const node of nodes) node.questions.at(-1)?.();
  await redlock.connect();
});

test('connect() does not count a connection that is lost again', async () => {
  const { redlock, nodes, a, b, c } = world();
  for (const node of nodes) node.ready = false;
  let connected = false;
  const connecting = redlock.connect().then(() => (connected = true));
  await settle();
  a.connected();
  await settle();
  a.disconnect();
  b.connected();
  await settle();
  expect(connected).toBe(false);
  c.connected();
  await connecting;
});

test('time-limit: connect() rejects when `wait` is over, with the reason of each node', async () => {
  const { redlock, time, a, b } = world();
  a.ready = false;
  Object.assign(b, { ready: false, lastError: new Error('WRONGPASS invalid password') });
  const rejected = rejectionOf(redlock.connect({ wait: 700 }));
  await time.advance(699);
  let error: unknown;
  void rejected.then((reason) => (error = reason));
  await settle();
  expect(error).toBeUndefined();
  await time.advance(1);
  expect(await rejected).toBeInstanceOf(QuorumError);
  expect(await rejected).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    resources: [],
    message: expect.stringMatching(/within 700 ms.*b failed \(WRONGPASS: not connected: WRONGPASS/),
    votes: [
      { node: 'a', result: 'failed', error: { code: 'NOT_CONNECTED' } },
      { node: 'b', result: 'failed', error: { code: 'WRONGPASS' } },
      { node: 'c', result: 'granted' },
    ],
  });
  expect(time.pending).toEqual([]);
});

test('closing: rejects connect() as CLOSED, before and after the call', async () => {
  const { redlock, nodes } = world();
  for (const node of nodes) node.ready = false;
  const rejected = rejectionOf(redlock.connect({ wait: Infinity }));
  await redlock.close();
  expect(await rejected).toMatchObject({ code: 'CLOSED' });
  expect(await rejectionOf(redlock.connect())).toMatchObject({ code: 'CLOSED' });
});

/** An application that starts before its nodes: none of them is connected. */
function unconnected() {
  const all = world();
  for (const node of all.nodes) node.ready = false;
  return all;
}

test('time-limit: an abort ends acquire, tryAcquire, using, adopt and steal at once while nodes are being connected', async () => {
  const { redlock, runtime } = unconnected();
  const abort = new AbortController();
  const { signal } = abort;
  const begun: Promise<unknown>[] = [
    redlock.acquire('r', TTL, { signal }),
    redlock.tryAcquire('r', TTL, { signal }),
    redlock.using('r', TTL, { signal }, () => {}),
    redlock.adopt('r', 'token', TTL, { signal }),
    redlock.acquire('r', TTL, { signal, steal: true }),
  ];
  const calls = begun.map((call) => outcomeOf(call));
  await runtime.advance(100);
  const reason = new Error('enough');
  abort.abort(reason);
  await runtime.advance(0);
  expect(calls.map(({ error }) => error)).toEqual(calls.map(() => reason));
});

test('time-limit: acquire rejects one node timeout after wait at the latest while nodes are being connected', async () => {
  const { redlock, runtime } = unconnected();
  const long = outcomeOf(redlock.acquire('r', TTL, { wait: 2000 }));
  await runtime.advance(1999);
  expect(long.error).toBeUndefined();
  await runtime.advance(1);
  expect(long.error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
  const other = unconnected();
  const short = outcomeOf(other.redlock.acquire('r', TTL, { wait: 100 }));
  await other.runtime.advance(1000);
  expect(short.error).toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
});

test('an acquire that is closed while nodes are being connected rejects at once', async () => {
  const { redlock, runtime } = unconnected();
  const call = outcomeOf(redlock.acquire('r', TTL));
  await runtime.advance(100);
  void redlock.close();
  await runtime.advance(0);
  expect(call.error).toMatchObject({ code: 'CLOSED' });
});
