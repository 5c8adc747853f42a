import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Redlock } from 'redlock-core';
import { Pause } from '../../src/time/pause.js';
import type { Held } from '../../src/waiting/held.js';
import { WaitingLine, type Place } from '../../src/waiting/waiting-line.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { threeNodes, threeServers } from './support/three-nodes.js';
import { settle } from '../support/settle.js';

const TTL = 100_000;
/** It is not the poll that wakes. */
const NO_POLL = { retryDelay: 50_000, retryJitter: 0, wait: Infinity };

/** Works under the lock for no time at all, again and again. */
async function work(redlock: Redlock, times: number, log: () => void): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    const lock = await redlock.acquire('r', TTL);
    log();
    await lock.release();
  }
}

/** Workers of one process wait for a lock that it holds. */
async function manyHere(workers: number) {
  const { process, runtime } = threeServers();
  runtime.chance = 0;
  const here = process(NO_POLL);
  const there = process(NO_POLL);
  const log: string[] = [];
  const first = await here.redlock.acquire('r', TTL);
  const working = Array.from({ length: workers }, async () =>
    work(here.redlock, 20, () => log.push('here')),
  );
  await runtime.advance(100);
  return { runtime, here, there, log, first, working };
}

describe('fairness to another process', () => {
  test('that listens: it has its turn after 16 hand-overs of many workers here', async () => {
    const { runtime, there, log, first, working } = await manyHere(10);
    const other = work(there.redlock, 2, () => log.push('there'));
    await runtime.advance(100);
    expect(log).toEqual([]);
    await first.release();
    await runtime.advance(10_000);
    await Promise.all([...working, other]);
    expect(log).toHaveLength(202);
    const [once = 0, again = 0] = log.flatMap((who, index) => (who === 'there' ? [index] : []));
    expect(once).toBe(16);
    expect(again - once).toBeLessThanOrEqual(18);
  });

  test('the line stands back for 250 ms where the other is called and does not ask, and goes on', async () => {
    const { runtime, there, log, first, working } = await manyHere(10);
    const other = there.redlock.acquire('r', TTL);
    await runtime.advance(100);
    // It is called, and its tries are not sent.
    for (const node of there.nodes) node.mode = 'hold';
    await first.release();
    await runtime.advance(249);
    expect(log).toHaveLength(16);
    await runtime.advance(1);
    expect(log.length).toBeGreaterThan(16);
    for (const node of there.nodes) node.answer();
    await runtime.advance(10_000);
    await (await other).release();
    await runtime.advance(10_000);
    await Promise.all(working);
  });

  test('whoever becomes head while the line stands back does so too', async () => {
    const { process, runtime } = threeServers();
    runtime.chance = 0;
    const here = process(NO_POLL);
    const there = process(NO_POLL);
    const first = await here.redlock.acquire('r', TTL);
    const gone = new AbortController();
    const log: number[] = [];
    const waiting = Array.from({ length: 20 }, async (_, index) => {
      const options = index === 16 ? { signal: gone.signal } : {};
      const lock = await here.redlock.acquire('r', TTL, options);
      log.push(index);
      await lock.release();
    }).map(async (worker) => worker.catch(() => {}));
    const other = there.redlock.acquire('r', TTL);
    await runtime.advance(100);
    for (const node of there.nodes) node.mode = 'hold';
    await first.release();
    await runtime.advance(2);
    gone.abort();
    await runtime.advance(247);
    expect(log).toHaveLength(16);
    await runtime.advance(1);
    expect(log.slice(16)).toEqual([17, 18, 19]);
    await Promise.all(waiting);
    for (const node of there.nodes) node.answer();
    await runtime.advance(60_000);
    await (await other).release();
  });

  test('nobody stands back where nobody else waits', async () => {
    const { runtime, log, first, working } = await manyHere(10);
    await first.release();
    await runtime.advance(4);
    expect(log).toHaveLength(200);
    await Promise.all(working);
  });
});

describe('whoever becomes head after its time is over', () => {
  test('asks no more, though nobody was refused before', async () => {
    const { redlock, nodes, runtime } = threeNodes({ nodeTimeout: 1000 });
    for (const node of nodes) node.mode = 'hold';
    const first = redlock.acquire('r', TTL);
    const second = rejectionOf(redlock.acquire('r', TTL, { wait: 100 }));
    await runtime.advance(200);
    for (const node of nodes) node.answer();
    await first;
    await settle();
    expect(await second).toMatchObject({ code: 'RESOURCE_LOCKED', resources: ['r'] });
    for (const node of nodes) expect(node.given('acquire')).toHaveLength(1);
  });

  // It asks once more: its deadline is looked at one microtask before its turn comes.
  test('is told why the one before it was refused', async () => {
    const { redlock, nodes, runtime } = threeNodes({ nodeTimeout: 1000 });
    for (const { server } of nodes) await server.steal('r', 'another');
    for (const node of nodes) node.mode = 'hold';
    const first = rejectionOf(redlock.acquire('r', TTL, { wait: 150 }));
    const second = rejectionOf(redlock.acquire('r', TTL, { wait: 100 }));
    await runtime.advance(200);
    for (const node of nodes) node.answer();
    await runtime.advance(0);
    const votes = [{ vote: 'denied' }, { vote: 'denied' }];
    expect(await first).toMatchObject({ code: 'RESOURCE_LOCKED', votes });
    expect(await second).toMatchObject({ code: 'RESOURCE_LOCKED', votes });
    for (const node of nodes) expect(node.given('acquire')).toHaveLength(1);
  });
});

test('a line of a semaphore that stands back asks again when a try under way gets a permit, because the nodes will not call', async () => {
  const runtime = new ManualRuntime();
  const line = new WaitingLine(runtime, true);
  const wakes: number[] = [];
  const first: Pick<Place, 'order' | 'mode' | 'wake'> = {
    order: 0,
    mode: 'exclusive',
    wake: () => wakes.push(runtime.now()),
  };
  const place = first as Place;
  line.enter(place);
  line.standBack(new Pause(250, runtime, []));
  await runtime.advance(10);
  expect(line.isTurnOf(place)).toBe(false);
  line.held({ lines: ['r'], mode: 'exclusive', permit: 0 } as Partial<Held> as Held);
  expect(line.isTurnOf(place)).toBe(true);
  expect(wakes).toEqual([runtime.now()]);
  expect(runtime.pending).toEqual([]);
});
