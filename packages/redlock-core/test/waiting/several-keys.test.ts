import { afterEach, describe, expect, test } from '@jest/globals';
import { until } from 'test-kit';
import { rejectionOf } from 'test-kit/rejection';
import { Redlock, type AcquireOptions } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { commandOf } from '../support/operations.js';

const TTL = 600_000;
/** The value of a key that is kept for another process. */
const RESERVATION = 'reserved:another';
/** No poll comes before the test is given up. */
const PATIENT = { retryDelay: TTL, wait: Infinity };

const opened: Redlock[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((redlock) => redlock.close()));
});

function fleet() {
  const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
  const process = (): Redlock => {
    const redlock = new Redlock(nodes, PATIENT);
    opened.push(redlock);
    return redlock;
  };
  const observer = process();
  const waits = (key: string, count: number): Promise<void> =>
    until(`${count} wait for ${key}`, async () => {
      const { waiting } = await observer.inspect(key);
      return waiting === count;
    });
  return { nodes, process, waits };
}

test('who is entered by most nodes in the queue of another key than before hears when that key is free', async () => {
  const { nodes, process, waits } = fleet();
  const [waiter, one, other] = [process(), process(), process()];
  await nodes[0]?.call(['set', 'y', 'of a dead process', 'nx', 'get', 'px', String(TTL)]);
  const y = await one.acquire('y', TTL);
  const waiting = waiter.acquire(['x', 'y'], TTL);
  await waits('y', 1);
  const x = await other.acquire('x', TTL);
  // Two nodes call the waiter for y. Now x denies it everywhere, and y on one node still.
  await y.release();
  await waits('x', 1);
  await x.release();
  expect((await waiting).resources).toEqual(['x', 'y']);
});

test('who was first in a line until an earlier waiter for several keys came before it hears when that one has gone', async () => {
  const { process, waits } = fleet();
  const [here, one, other, third] = [process(), process(), process(), process()];
  const b = await one.acquire('b', TTL);
  void here.acquire(['a', 'b'], TTL).catch(() => {});
  await waits('b', 1);
  const a = await other.acquire('a', TTL);
  const waiting = here.acquire('a', TTL);
  await waits('a', 1);
  // The earlier waiter is called for b, is denied by a, and so comes first in that line.
  await b.release();
  await waits('b', 0);
  await third.acquire('b', TTL);
  // It is called for a, is denied by b, and goes.
  await a.release();
  expect((await waiting).resources).toEqual(['a']);
});

test('whoever is denied by one that is held and by one that is kept for another waits for the one that is held', async () => {
  const { nodes, process, waits } = fleet();
  const [waiter, holder] = [process(), process()];
  for (const node of nodes) {
    await node.call(['set', 'x', RESERVATION, 'nx', 'get', 'px', String(TTL)]);
  }
  const y = await holder.acquire('y', TTL);
  const waiting = waiter.acquire(['x', 'y'], TTL);
  await waits('y', 1);
  // As the other one does, which is denied by y too. Nobody waits for x any more.
  const given = commandOf([{ kind: 'release', resources: ['x'], token: RESERVATION }]);
  for (const node of nodes) await node.call(given);
  await y.release();
  expect((await waiting).resources).toEqual(['x', 'y']);
});

/** Two nodes enter the waiter in the queue of y, and the third one in that of x. */
async function entered(options: AcquireOptions = {}) {
  const all = fleet();
  const { nodes, process, waits } = all;
  const [waiter, holder] = [process(), process()];
  await nodes[2]?.call(['set', 'x', 'of a dead process', 'nx', 'get', 'px', String(TTL)]);
  const y = await holder.acquire('y', TTL);
  const acquiring = waiter.acquire(['x', 'y'], TTL, options);
  await waits('y', 1);
  await waits('x', 1);
  return { ...all, y, acquiring };
}

describe('who was entered by one node in the queue of another key than by most', () => {
  test('leaves that queue too when it gives up', async () => {
    const caller = new AbortController();
    const { acquiring, waits } = await entered({ signal: caller.signal });
    caller.abort(new Error('no longer wanted'));
    await rejectionOf(acquiring);
    await waits('y', 0);
    await waits('x', 0);
  });

  test('leaves that queue too when it has had the lock', async () => {
    const { acquiring, y, waits } = await entered();
    await y.release();
    await (await acquiring).release();
    await waits('x', 0);
  });
});
