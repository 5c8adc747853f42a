import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { settle } from '../support/settle.js';
import { world } from '../support/world.js';

const TTL = 100_000;
/** It is not the poll that wakes. */
const NO_POLL = { pollInterval: 50_000, wait: Infinity };

/** A process waits for what another holds. */
async function heldElsewhere() {
  const { redlock, process, time } = world();
  const lock = await redlock.acquire('r', TTL);
  return { lock, time, ...process(NO_POLL) };
}

test('a waiter subscribes at its first denial, once on each node', async () => {
  const { redlock, time, nodes, a, b } = await heldElsewhere();
  for (const node of nodes) node.mode = 'hold';
  void redlock.acquire('r', TTL);
  await time.advance(0);
  a.answer();
  await settle();
  for (const node of nodes) expect(node.subscribedTo).toEqual([]);
  b.answer();
  await settle();
  const channels = nodes.map(({ subscribedTo }) => subscribedTo);
  expect(channels[0]).toEqual([expect.stringMatching(/^redlock:notify:./)]);
  expect(channels).toEqual([channels[0], channels[0], channels[0]]);
});

test('a waiter does not subscribe where nothing is held', async () => {
  const { redlock, nodes } = world();
  await redlock.acquire('r', TTL);
  for (const node of nodes) expect(node.subscriptions).toEqual([]);
});

test('an attempt that fails at once is not followed by the next in the same turn of the event loop', async () => {
  const { redlock, nodes, time } = world();
  let asked = 0;
  for (const node of nodes) {
    node.mode = (command) => {
      // Else a loop without a turn would never let this test end.
      if (command.does('acquire')) asked++;
      if (asked < 1000) command.fail(new Error('connect ECONNREFUSED'));
    };
  }
  const options = { wait: 5000, pollInterval: 0 };
  const rejected = rejectionOf(redlock.acquire('r', 10_000, options));
  await settle();
  expect(asked).toBeLessThanOrEqual(nodes.length);
  for (const node of nodes) node.mode = 'answer';
  await redlock.close();
  await time.advance(1);
  expect(await rejected).toMatchObject({ code: 'CLOSED' });
});
