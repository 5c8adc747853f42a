import { QuorumError, Redlock } from 'redlock-core';
import { type MemoryNode, memoryNode } from 'redlock-core/memory';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KEEP_FOR, makeOnce } from './report';

let nodes: MemoryNode[];
let machines: Redlock[];

beforeEach(() => {
  vi.useFakeTimers();
  nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
  machines = ['amsterdam', 'berlin'].map((owner) => new Redlock(nodes, { owner }));
});

afterEach(async () => {
  await Promise.all(machines.map((redlock) => redlock.close()));
  vi.useRealTimers();
});

/** A report that takes so many ms, and stops when its signal aborts. */
const reportOf = (ms: number) => (signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    setTimeout(resolve, ms);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

test('one of two machines makes the report, however long it takes', async () => {
  const [amsterdam, berlin] = machines;
  const making = makeOnce(amsterdam, reportOf(120_000));
  await vi.advanceTimersByTimeAsync(100_000);
  expect(await makeOnce(berlin, reportOf(0))).toBe(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await making).toBe(true);
});

test('a machine whose clock is behind does not make it again, and the next night it is made', async () => {
  const [amsterdam, berlin] = machines;
  expect(await makeOnce(amsterdam, async () => {})).toBe(true);
  await vi.advanceTimersByTimeAsync(KEEP_FOR - 60_000);
  expect(await makeOnce(berlin, async () => {})).toBe(false);
  await vi.advanceTimersByTimeAsync(24 * 60 * 60_000);
  expect(await makeOnce(berlin, async () => {})).toBe(true);
});

test('when a report fails, another machine may make it at once', async () => {
  const [amsterdam, berlin] = machines;
  const failing = makeOnce(amsterdam, async () => {
    throw new Error('no paper');
  });
  await expect(failing).rejects.toThrow('no paper');
  expect(await makeOnce(berlin, async () => {})).toBe(true);
});

test('a report stops when its lock is lost', async () => {
  const [amsterdam] = machines;
  const making = makeOnce(amsterdam, reportOf(60_000)).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(0);
  for (const node of nodes) node.clear();
  await vi.advanceTimersByTimeAsync(4000);
  expect(await making).toMatchObject({ code: 'LOCK_LOST', reason: 'NOT_HELD' });
});

test('while most nodes are away no machine makes it', async () => {
  const [amsterdam] = machines;
  nodes[0].fail();
  nodes[1].fail();
  await expect(makeOnce(amsterdam, reportOf(0))).rejects.toThrow(QuorumError);
});
