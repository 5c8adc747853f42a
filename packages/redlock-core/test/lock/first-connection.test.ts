import { expect, test } from '@jest/globals';
import { outcomeOf } from '../support/outcome.js';
import { redlockOver } from '../support/world.js';
import { TestNode } from '../support/test-node.js';

const TTL = 25_000;

/** An application that starts before its nodes: none of them is connected. */
function unconnected() {
  const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name));
  for (const node of nodes) node.ready = false;
  return redlockOver(nodes);
}

test('time-limit: an abort ends acquire, tryAcquire, using and adopt at once while nodes are being connected', async () => {
  const { redlock, runtime } = unconnected();
  const abort = new AbortController();
  const { signal } = abort;
  const begun: Promise<unknown>[] = [
    redlock.acquire('r', TTL, { signal }),
    redlock.tryAcquire('r', TTL, { signal }),
    redlock.using('r', TTL, { signal }, () => {}),
    redlock.adopt('r', 'token', TTL, { signal }),
  ];
  const calls = begun.map((call) => outcomeOf(call));
  await runtime.advance(100);
  const reason = new Error('enough');
  abort.abort(reason);
  await runtime.advance(0);
  expect(calls.map(({ error }) => error)).toEqual([reason, reason, reason, reason]);
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
