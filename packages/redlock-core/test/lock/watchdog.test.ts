import { describe, expect, test } from '@jest/globals';
import { Watchdog, type Watchable } from '../../src/lock/watchdog.js';
import { ManualRuntime } from '../support/manual-runtime.js';

/** Something to be done at its time, and again after each `period`. */
class Thing implements Watchable {
  position = -1;
  /** When it was looked at, on its own clock, which starts at 0. */
  readonly looks: number[] = [];
  /** When it was done. */
  readonly done: number[] = [];
  onLook = (): void => {};
  readonly #runtime: ManualRuntime;
  readonly #start: number;

  constructor(
    runtime: ManualRuntime,
    public due: number,
    readonly slack = 0,
    readonly period = Infinity,
  ) {
    this.#runtime = runtime;
    this.#start = runtime.now();
  }

  check(early: boolean): number {
    const now = this.#runtime.now() - this.#start;
    this.looks.push(now);
    this.onLook();
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
  const add = (due: number, slack = 0, period = Infinity): Thing => {
    const thing = new Thing(runtime, due, slack, period);
    watch.add(thing);
    return thing;
  };
  return { runtime, watch, add };
}

describe('the timer', () => {
  test('is one for any number, and keeps no process alive', async () => {
    const { runtime, add } = watching();
    for (let count = 0; count < 1000; count++) add(100 + ((count * 37) % 5000), 10, 300);
    expect(runtime.pending).toHaveLength(1);
    expect(runtime.holding).toEqual([]);
    for (let ms = 0; ms < 3000; ms += 100) {
      await runtime.advance(100);
      expect(runtime.pending).toHaveLength(1);
      expect(runtime.holding).toEqual([]);
    }
  });

  test('is set only while something is held', async () => {
    const { runtime, watch, add } = watching();
    expect(runtime.pending).toEqual([]);
    const things = [add(500), add(200), add(5000)];
    for (const thing of things) {
      expect(runtime.pending).toHaveLength(1);
      watch.remove(thing);
    }
    expect(runtime.pending).toEqual([]);
    await runtime.advance(10_000);
    expect(things.map(({ looks }) => looks)).toEqual([[0], [0], [0]]);
    const later = add(50);
    expect(runtime.pending).toEqual([50]);
    await runtime.advance(50);
    expect(later.done).toEqual([50]);
  });

  test('is set anew when something is due sooner, and not when it is later', async () => {
    const { runtime, add } = watching();
    add(700);
    add(300);
    expect(runtime.pending).toEqual([300]);
    const set = runtime.delays.length;
    add(900);
    add(300);
    add(2 ** 40);
    expect(runtime.delays).toHaveLength(set);
  });

  test('is set for a second at most, however far off all is', async () => {
    const { runtime, add } = watching();
    add(Infinity);
    add(Number.MAX_SAFE_INTEGER);
    await runtime.advance(60_000);
    expect(new Set(runtime.delays)).toEqual(new Set([1000]));
    expect(runtime.delays.length).toBeLessThanOrEqual(62);
  });

  test('never fires for something that is over: 0 is nothing ever again', async () => {
    const { runtime, add } = watching();
    const thing = add(100);
    thing.check = () => {
      thing.looks.push(-1);
      return 0;
    };
    await runtime.advance(999);
    expect(thing.looks).toEqual([0, -1]);
  });
});

describe('checks', () => {
  test('at everything at least once a second, also at what is far from due', async () => {
    const { runtime, add } = watching();
    const far = [add(60_000), add(Infinity)];
    add(130, 0, 130);
    await runtime.advance(5000);
    for (const { looks } of far) expect(looks).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  });

  test('at something as it is added, and whenever it has changed', async () => {
    const { runtime, watch, add } = watching();
    const thing = add(800);
    await runtime.advance(100);
    thing.due = 300;
    watch.check(thing);
    expect(thing.looks).toEqual([0, 100]);
    await runtime.advance(200);
    expect(thing.done).toEqual([300]);
  });

  test('not at what was removed, be it by another in the same turn', async () => {
    const { runtime, watch, add } = watching();
    const [one, two] = [add(500), add(500)];
    one.onLook = () => watch.remove(two);
    two.onLook = () => watch.remove(one);
    await runtime.advance(5000);
    expect(one.done).toEqual([500]);
    expect(two.done).toEqual([]);
    watch.check(two);
    expect(two.looks).toEqual([0]);
    watch.remove(two);
    expect(one.looks.at(-1)).toBe(5000);
  });

  test('at everything once, though some end as they are looked at', async () => {
    const { runtime, watch, add } = watching();
    const things = Array.from({ length: 10 }, () => add(60_000));
    for (const thing of things.slice(0, 5)) thing.onLook = () => watch.remove(thing);
    await runtime.advance(1000);
    for (const { looks } of things) expect(looks).toEqual([0, 1000]);
    await runtime.advance(1000);
    for (const { looks } of things.slice(5)) expect(looks).toEqual([0, 1000, 2000]);
  });

  test('at what was added by another in the same turn', async () => {
    const { runtime, add } = watching();
    const added: Thing[] = [];
    const first = add(1000);
    first.onLook = () => {
      if (first.looks.length === 2) added.push(add(70));
    };
    await runtime.advance(3000);
    expect(added.map(({ done }) => done)).toEqual([[70]]);
  });
});

describe('what is due', () => {
  test.each([1, 7, 999, 1000, 1001, 2500, 10_000])('is done to the ms: %i', async (due) => {
    const { runtime, add } = watching();
    await runtime.advance(12_345);
    add(Infinity);
    await runtime.advance(400);
    const thing = add(due);
    await runtime.advance(due - 1);
    expect(thing.done).toEqual([]);
    await runtime.advance(1);
    expect(thing.done).toEqual([due]);
  });

  test('is done after its time, not before, where that is a fraction of a ms', async () => {
    const { runtime, add } = watching();
    const thing = add(99.4);
    await runtime.advance(99);
    expect(thing.looks).toEqual([0]);
    await runtime.advance(1);
    expect(thing.done).toEqual([100]);
  });

  test('a thousand at times of their own, each at its own', async () => {
    const { runtime, add } = watching();
    const dues = Array.from({ length: 1000 }, (_, index) => 1 + ((index * 7919) % 4999));
    const things = dues.map((due) => add(due));
    await runtime.advance(5000);
    expect(things.map(({ done }) => done)).toEqual(dues.map((due) => [due]));
  });

  test('changed meanwhile is done at its new time only, sooner or later', async () => {
    const { runtime, watch, add } = watching();
    const sooner = add(600);
    const later = add(200);
    await runtime.advance(100);
    [sooner.due, later.due] = [300, 700];
    for (const thing of [sooner, later]) watch.check(thing);
    await runtime.advance(5000);
    expect(sooner.done).toEqual([300]);
    expect(later.done).toEqual([700]);
  });

  test('again and again, is done at each time', async () => {
    const { runtime, add } = watching();
    const thing = add(300, 0, 300);
    await runtime.advance(3000);
    expect(thing.done).toEqual([300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000]);
  });
});

describe('slack', () => {
  test('what is due within its own is done together with what is due', async () => {
    const { runtime, add } = watching();
    add(500);
    const within = add(530, 30);
    const beyond = add(532, 30);
    const none = add(501);
    await runtime.advance(500);
    expect(within.done).toEqual([500]);
    expect(beyond.done).toEqual([]);
    expect(none.done).toEqual([]);
    await runtime.advance(32);
    expect(beyond.done).toEqual([532]);
    expect(none.done).toEqual([501]);
  });

  test('is not used while nothing else is due', async () => {
    const { runtime, watch, add } = watching();
    const thing = add(500, 400);
    await runtime.advance(200);
    watch.check(thing);
    await runtime.advance(299);
    expect(thing.done).toEqual([]);
    await runtime.advance(1);
    expect(thing.done).toEqual([500]);
  });

  test('gathers what was spread out: of a hundred in a row the timer fires for few', async () => {
    const { runtime, add } = watching();
    const things = Array.from({ length: 100 }, (_, index) => add(300 + index, 30, 300));
    const set = runtime.delays.length;
    await runtime.advance(420);
    expect(runtime.delays.length - set).toBeLessThanOrEqual(6);
    for (const [index, { done }] of things.entries()) {
      expect(done).toHaveLength(1);
      expect(done[0]).toBeLessThanOrEqual(300 + index);
      expect(done[0]).toBeGreaterThanOrEqual(300 + index - 30);
    }
  });
});

test.each([
  ['as they were added', (index: number) => index],
  ['the other way round', (index: number) => 999 - index],
  ['in any order', (index: number) => (index * 389) % 1000],
])('a thousand are removed %s, and the others are still looked at', async (_, order) => {
  const { runtime, watch, add } = watching();
  const things = Array.from({ length: 1000 }, () => add(Infinity));
  const removed = new Set<Thing>();
  for (let index = 0; index < 1000; index++) {
    const thing = things[order(index)];
    if (thing) {
      watch.remove(thing);
      watch.remove(thing);
      removed.add(thing);
    }
    if (index % 250 !== 0) continue;
    const before = things.map(({ looks }) => looks.length);
    await runtime.advance(1000);
    const looked = things.map(({ looks }, each) => looks.length - (before[each] ?? 0));
    expect(looked).toEqual(things.map((each) => (removed.has(each) ? 0 : 1)));
  }
  expect(removed.size).toBe(1000);
  expect(runtime.pending).toEqual([]);
});
