import { describe, expect, test } from '@jest/globals';
import { Watchdog, type Watchable } from '../../src/lease/watchdog.js';
import { ManualRuntime } from '../support/manual-runtime.js';

/** Something to be done at its time, and again after each `period`. */
class Task implements Watchable {
  position = -1;
  /** When it was checked, on its own clock, which starts at 0. */
  readonly checks: number[] = [];
  readonly done: number[] = [];
  onCheck = (): void => {};
  readonly #start: number;

  constructor(
    readonly runtime: ManualRuntime,
    public due: number,
    readonly slack = 0,
    readonly period = Infinity,
  ) {
    this.#start = runtime.now();
  }

  check(early: boolean): number {
    const now = this.runtime.now() - this.#start;
    this.checks.push(now);
    this.onCheck();
    if (this.due - now <= (early ? this.slack : 0)) {
      this.done.push(now);
      this.due = now + this.period;
    }
    return this.due - now;
  }
}

function watching() {
  const runtime = new ManualRuntime();
  const watch = new Watchdog(runtime);
  const add = (due: number, slack = 0, period = Infinity): Task => {
    const task = new Task(runtime, due, slack, period);
    watch.add(task);
    return task;
  };
  return { runtime, watch, add };
}

describe('the timer', () => {
  test('is one for any number, and keeps no process alive', async () => {
    const { runtime, add } = watching();
    for (let count = 0; count < 1000; count++) add(100 + ((count * 37) % 5000), 10, 300);
    for (let ms = 0; ms < 3000; ms += 100) {
      expect(runtime.pending).toHaveLength(1);
      expect(runtime.holding).toEqual([]);
      await runtime.advance(100);
    }
  });

  test('is set only while something is watched, for a second at most, and is not cleared', async () => {
    const { runtime, watch, add } = watching();
    const tasks = [add(Infinity), add(200), add(Number.MAX_SAFE_INTEGER)];
    await runtime.advance(60_000);
    expect(Math.max(...runtime.delays)).toBe(1000);
    expect(runtime.delays.length).toBeLessThanOrEqual(64);
    for (const task of tasks) watch.remove(task);
    const set = runtime.delays.length;
    await runtime.advance(60_000);
    expect(runtime.pending).toEqual([]);
    expect(runtime.delays).toHaveLength(set);
  });

  test('is set again if something is due sooner, and not if it is due later', () => {
    const { runtime, add } = watching();
    add(700);
    add(300);
    expect(runtime.pending).toEqual([300]);
    const set = runtime.delays.length;
    for (const due of [900, 300, 2 ** 40]) add(due);
    expect(runtime.delays).toHaveLength(set);
  });
});

describe('checks', () => {
  test('are done at once, and then once a second for what is not due', async () => {
    const { runtime, add } = watching();
    const far = [add(60_000), add(Infinity)];
    add(130, 0, 130);
    await runtime.advance(5000);
    for (const { checks } of far) expect(checks).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  });

  test('are not done for what was removed, even by another in the same turn', async () => {
    const { runtime, watch, add } = watching();
    const [one, two] = [add(500), add(500)];
    one.onCheck = () => watch.remove(two);
    two.onCheck = () => watch.remove(one);
    await runtime.advance(5000);
    expect(one.done).toEqual([500]);
    expect(one.checks.at(-1)).toBe(5000);
    watch.check(two);
    watch.remove(two);
    expect(two.checks).toEqual([0]);
  });

  test('are done for what was added in the same turn', async () => {
    const { runtime, add } = watching();
    const added: Task[] = [];
    const first = add(1000);
    first.onCheck = () => {
      if (first.checks.length === 2) added.push(add(70));
    };
    await runtime.advance(3000);
    expect(added.map(({ done }) => done)).toEqual([[70]]);
  });
});

describe('what is due', () => {
  test.each([1, 1000, 10_000])('is done to the ms: %i', async (due) => {
    const { runtime, add } = watching();
    await runtime.advance(12_345);
    add(Infinity);
    await runtime.advance(400);
    const task = add(due);
    await runtime.advance(due - 1);
    expect(task.done).toEqual([]);
    await runtime.advance(1);
    expect(task.done).toEqual([due]);
  });

  test('is done after its time, not before, if that is a fraction of a ms', async () => {
    const { runtime, add } = watching();
    const task = add(99.4);
    await runtime.advance(100);
    expect(task.checks).toEqual([0, 100]);
    expect(task.done).toEqual([100]);
  });

  test('is done at its new time only, sooner or later, if that has changed', async () => {
    const { runtime, watch, add } = watching();
    const [sooner, later] = [add(600), add(200)];
    await runtime.advance(100);
    [sooner.due, later.due] = [300, 700];
    for (const task of [sooner, later]) watch.check(task);
    await runtime.advance(5000);
    expect(sooner.done).toEqual([300]);
    expect(later.done).toEqual([700]);
  });
});

describe('slack', () => {
  test('lets what is due soon be done together with what is due', async () => {
    const { runtime, add } = watching();
    add(500);
    const [within, beyond, none] = [add(530, 30), add(532, 30), add(501)];
    await runtime.advance(532);
    expect([within.done, beyond.done, none.done]).toEqual([[500], [532], [501]]);
  });

  test('is not used while nothing else is due', async () => {
    const { runtime, watch, add } = watching();
    const task = add(500, 400);
    await runtime.advance(200);
    watch.check(task);
    await runtime.advance(300);
    expect(task.done).toEqual([500]);
  });

  test('gathers what was spread out: for a hundred in a row the timer fires few times', async () => {
    const { runtime, add } = watching();
    const tasks = Array.from({ length: 100 }, (_, index) => add(300 + index, 30, 300));
    const set = runtime.delays.length;
    await runtime.advance(420);
    expect(runtime.delays.length - set).toBeLessThanOrEqual(6);
    for (const [index, { done }] of tasks.entries()) {
      expect(done).toHaveLength(1);
      expect(done[0]).toBeLessThanOrEqual(300 + index);
      expect(done[0]).toBeGreaterThanOrEqual(300 + index - 30);
    }
  });
});

test('of a thousand that are removed in any order, the others are still checked', async () => {
  const { runtime, watch, add } = watching();
  const tasks = Array.from({ length: 1000 }, () => add(Infinity));
  const removed = new Set<Task>();
  for (let index = 0; index < 1000; index++) {
    const task = tasks[(index * 389) % 1000];
    if (task) {
      watch.remove(task);
      watch.remove(task);
      removed.add(task);
    }
    if (index % 250 !== 0) continue;
    const before = tasks.map(({ checks }) => checks.length);
    await runtime.advance(1000);
    const checked = tasks.map(({ checks }, each) => checks.length - (before[each] ?? 0));
    expect(checked).toEqual(tasks.map((each) => (removed.has(each) ? 0 : 1)));
  }
  expect(removed.size).toBe(1000);
  await runtime.advance(1000);
  expect(runtime.pending).toEqual([]);
});
