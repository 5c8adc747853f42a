import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { QuorumError } from 'redlock-core';
import { settle } from '../support/settle.js';
import { threeNodes } from '../support/three-nodes.js';

test('resolves when a quorum of nodes can be used, having told all to connect', async () => {
  const { redlock, nodes, a, b } = threeNodes();
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

test('resolves at once where they are connected, and sends no lock command', async () => {
  const { redlock, nodes } = threeNodes();
  await redlock.connect({ wait: 0 });
  for (const node of nodes) expect(node.commands).toEqual([]);
});

test('waits until nodes have said which servers they are', async () => {
  const { redlock, runtime, nodes } = threeNodes();
  await settle();
  for (const node of nodes) {
    node.ready = false;
    node.identifying = 'hold';
  }
  const rejected = rejectionOf(redlock.connect());
  for (const node of nodes) node.connected();
  await runtime.advance(5000);
  const failed = { vote: 'failed', error: { code: 'UNIDENTIFIED' } };
  expect(await rejected).toMatchObject({ votes: [failed, failed, failed] });
  for (const node of nodes) node.questions.at(-1)?.();
  await redlock.connect();
});

test('one that is lost again while others come does not count', async () => {
  const { redlock, nodes, a, b, c } = threeNodes();
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

test('rejects when its time is over, and says of each node why', async () => {
  const { redlock, runtime, a, b } = threeNodes();
  a.ready = false;
  Object.assign(b, { ready: false, lastError: new Error('WRONGPASS invalid password') });
  const rejected = rejectionOf(redlock.connect({ wait: 700 }));
  await runtime.advance(699);
  let error: unknown;
  void rejected.then((reason) => (error = reason));
  await settle();
  expect(error).toBeUndefined();
  await runtime.advance(1);
  expect(await rejected).toBeInstanceOf(QuorumError);
  expect(await rejected).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    resources: [],
    message: expect.stringMatching(/within 700 ms.*b failed \(WRONGPASS: not connected: WRONGPASS/),
    votes: [
      { node: 'a', vote: 'failed', error: { code: 'NOT_READY' } },
      { node: 'b', vote: 'failed', error: { code: 'WRONGPASS' } },
      { node: 'c', vote: 'granted' },
    ],
  });
  expect(runtime.pending).toEqual([]);
});

test('rejects with CLOSED when closed, before or meanwhile', async () => {
  const { redlock, nodes } = threeNodes();
  for (const node of nodes) node.ready = false;
  const rejected = rejectionOf(redlock.connect({ wait: Infinity }));
  await redlock.close();
  expect(await rejected).toMatchObject({ code: 'CLOSED' });
  expect(await rejectionOf(redlock.connect())).toMatchObject({ code: 'CLOSED' });
});

test('takes nothing for a wait that is none', async () => {
  const { redlock } = threeNodes();
  expect(await rejectionOf(redlock.connect({ wait: -1 }))).toBeInstanceOf(RangeError);
  expect(await rejectionOf(redlock.connect({ wait: '1' as never }))).toBeInstanceOf(TypeError);
  expect(await rejectionOf(redlock.connect(5000 as never))).toBeInstanceOf(TypeError);
  expect(await rejectionOf(redlock.connect({ timeout: 1 } as never))).toMatchObject({
    name: 'TypeError',
    message: 'There is no option "timeout"; did you mean wait?',
  });
});
