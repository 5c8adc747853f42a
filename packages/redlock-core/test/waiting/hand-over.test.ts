import { describe, expect, test } from '@jest/globals';
import type { Verb } from '../support/command.js';
import { crowd, NAMES, PATIENT, taken, TTL } from './support/crowd.js';
import { after } from './support/three-nodes.js';
import type { TestNode } from '../support/test-node.js';
import { waitElsewhere } from './support/wait-elsewhere.js';

function kindsOf(node: TestNode, from = 0): Verb[][] {
  return node.commands.slice(from).map(({ operations }) => operations.map(({ verb }) => verb));
}

/** An attempt that is refused has a release too. */
const REFUSED = 1;

/** Which of all releases go alone. */
function alone(node: TestNode): number[] {
  const releases = kindsOf(node).filter((kinds) => kinds.includes('release'));
  return releases.flatMap((kinds, index) => (kinds.length === 1 ? [index + 1] : []));
}

describe('fairness to other processes', () => {
  test('after 16 hand-overs in a row the lock goes to who waits elsewhere', async () => {
    const { process, join, leave, served, runtime } = crowd();
    await join('n0');
    for (const name of NAMES(20).slice(1)) void join(name);
    const elsewhere = process(PATIENT);
    const other = elsewhere.redlock.acquire('r', TTL).then((lock) => {
      served.push('elsewhere');
      return lock;
    });
    await runtime.advance(100);
    for (const name of NAMES(17)) await leave(name);
    expect(served).toEqual([...NAMES(17), 'elsewhere']);
    await runtime.advance(10);
    await (await other).release();
    await runtime.advance(0);
    expect(served).toEqual([...NAMES(17), 'elsewhere', 'n17']);
  });

  test('is no reason to stop where nobody else waits', async () => {
    const { rush, served, runtime, a } = crowd();
    await rush(40);
    const start = runtime.now();
    await runtime.advance(0);
    expect(served).toEqual(NAMES(40));
    expect(runtime.now()).toBe(start);
    // The last has nobody to hand on to.
    expect(alone(a)).toEqual([REFUSED, 40 + REFUSED]);
  });

  test('does not count its own place in the queue as that of another process', async () => {
    const { join, set, served, runtime } = await taken();
    for (const name of NAMES(40)) void join(name).then((lock) => lock.release());
    await runtime.advance(100);
    await set();
    await runtime.advance(0);
    expect(served).toEqual(NAMES(40));
  });

  test('lets the line ask again after 250 ms, if nobody has called it and nobody else has taken the lock', async () => {
    const { join, leave, served, servers, runtime } = crowd();
    await join('n0');
    await waitElsewhere(servers, 1);
    for (const name of NAMES(20).slice(1)) void join(name).then((lock) => lock.release());
    await runtime.advance(10);
    await leave('n0');
    await runtime.advance(249);
    expect(served).toEqual(NAMES(17));
    await runtime.advance(1);
    expect(served).toEqual(NAMES(20));
  });

  test('lets the line ask again after a reservation, where that is longer', async () => {
    const { join, leave, served, servers, nodes, runtime } = crowd();
    const roundTrip = 100;
    for (const node of nodes) node.mode = after(runtime, roundTrip);
    for (const name of NAMES(18)) void join(name);
    await runtime.advance(5 * roundTrip);
    await waitElsewhere(servers, 2);
    void leave('n0');
    await runtime.advance(roundTrip);
    for (const node of nodes) node.mode = 'answer';
    for (const name of NAMES(17).slice(1)) await leave(name);
    expect(served).toEqual(NAMES(17));
    await runtime.advance(4 * roundTrip - 1);
    expect(served).toEqual(NAMES(17));
    await runtime.advance(1);
    expect(served).toEqual(NAMES(18));
  });

  test('lets the line go on as soon as a node calls it', async () => {
    const { process, join, leave, served, runtime } = crowd();
    await join('n0');
    const elsewhere = process(PATIENT);
    const other = elsewhere.redlock.acquire('r', TTL);
    for (const name of NAMES(20).slice(1)) void join(name).then((lock) => lock.release());
    await runtime.advance(100);
    await leave('n0');
    await runtime.advance(10);
    expect(served).toEqual(NAMES(17));
    await (await other).release();
    await runtime.advance(0);
    expect(served).toEqual(NAMES(20));
  });

  test('lets the line stay in the queue while this process takes the lock over and releases it', async () => {
    const { process, join, leave, served, redlock, runtime } = crowd();
    await join('n0');
    const elsewhere = process(PATIENT);
    const other = elsewhere.redlock.acquire('r', TTL);
    for (const name of NAMES(20).slice(1)) void join(name).then((lock) => lock.release());
    await runtime.advance(100);
    await leave('n0');
    await runtime.advance(10);
    expect(served).toEqual(NAMES(17));
    const held = await other;
    held.detach();
    await (await redlock.adopt('r', held.token, TTL)).release();
    await runtime.advance(0);
    expect(served).toEqual(NAMES(20));
  });

  // The timer of the first time is still running, and ends the second.
  test('stands back for as long when it has been called meanwhile', async () => {
    const { process, join, leave, served, servers, runtime } = crowd();
    await join('n0');
    const elsewhere = process(PATIENT);
    const other = elsewhere.redlock.acquire('r', TTL);
    await runtime.advance(1);
    for (const name of NAMES(60).slice(1)) void join(name);
    await runtime.advance(100);
    for (const name of NAMES(17)) await leave(name);
    expect(served).toEqual(NAMES(17));
    await runtime.advance(50);
    await (await other).release();
    await runtime.advance(0);
    expect(served).toEqual(NAMES(18));
    await waitElsewhere(servers, 1);
    for (const name of NAMES(60).slice(17, 34)) await leave(name);
    expect(served).toEqual(NAMES(34));
    await runtime.advance(249);
    expect(served).toEqual(NAMES(34));
  });

  test('stands back after a second of hand-overs too', async () => {
    const { runtime, join, leave, served, servers } = crowd();
    for (const name of NAMES(4)) void join(name);
    await runtime.advance(10);
    await waitElsewhere(servers, 1);
    await leave('n0');
    await runtime.advance(999);
    await leave('n1');
    expect(served).toEqual(NAMES(3));
    await runtime.advance(1);
    await leave('n2');
    expect(served).toEqual(NAMES(3));
    await runtime.advance(250);
    expect(served).toEqual(NAMES(4));
  });

  test('begins a new streak when it has stood back', async () => {
    const { join, leave, served, servers, runtime, a } = crowd();
    await join('n0');
    await waitElsewhere(servers, 3);
    for (const name of NAMES(50).slice(1)) void join(name).then((lock) => lock.release());
    await runtime.advance(10);
    await leave('n0');
    await runtime.advance(1000);
    expect(served).toEqual(NAMES(50));
    // The last has nobody to hand on to.
    expect(alone(a)).toEqual([REFUSED, 18, 35, 51]);
  });

  test('begins a new streak when the lock went elsewhere', async () => {
    const { join, leave, servers, served, runtime, a } = crowd();
    for (const name of NAMES(30)) void join(name);
    await runtime.advance(0);
    for (const name of NAMES(10)) await leave(name);
    for (const server of servers) await server.steal('r', 'another');
    await leave('n10');
    expect(served).toEqual(NAMES(11));
    for (const server of servers) await server.steal('r');
    await runtime.advance(0);
    await waitElsewhere(servers, 1);
    const before = a.commands.length;
    for (const name of NAMES(30).slice(11)) await leave(name);
    expect(served).toEqual(NAMES(28));
    expect(kindsOf(a, before).filter(([kind]) => kind === 'release')).toHaveLength(17);
  });

  test('counts hand-overs also where two take turns, so that the line is empty now and then', async () => {
    const { process, join, leave, served, runtime } = crowd();
    await join('n0');
    const elsewhere = process(PATIENT);
    void elsewhere.redlock.acquire('r', TTL).then(() => served.push('elsewhere'));
    for (const [index, name] of NAMES(20).entries()) {
      void join(`n${index + 1}`);
      await runtime.advance(10);
      await leave(name);
    }
    expect(served).toEqual([...NAMES(17), 'elsewhere']);
  });
});

test('a lock whose end is noticed late does not take the waiter of its process out of the queues', async () => {
  const { join, redlock, servers, served, runtime } = crowd();
  const lost = await redlock.acquire('r', 1000);
  runtime.suspend(5000);
  for (const server of servers) await server.steal('r');
  const successor = await redlock.acquire('r', TTL);
  await successor.release();
  for (const server of servers) await server.steal('r', 'another');
  void join('next');
  await runtime.advance(0);
  expect(await redlock.inspect('r')).toMatchObject({ waiting: 1 });
  await runtime.advance(1000);
  expect(lost.signal.aborted).toBe(true);
  expect(await redlock.inspect('r')).toMatchObject({ waiting: 1 });
  for (const server of servers) await server.steal('r');
  await runtime.advance(0);
  expect(served).toEqual(['next']);
});
