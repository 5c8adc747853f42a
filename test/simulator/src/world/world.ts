import { Trace } from './trace.js';

/** Something that will happen, unless it is called off. */
export interface Appointment {
  readonly time: number;
  readonly order: number;
  act: (() => void) | null;
}

/** True time, in ms, which nobody in it can read, and what happens when. Its events are its trace. */
export class World {
  now = 0;
  events = 0;
  readonly trace = new Trace();
  /** A binary heap: the earliest is first; of one moment, the one arranged first. */
  readonly #heap: Appointment[] = [];
  #order = 0;

  at(time: number, act: () => void): Appointment {
    const appointment = { time: Math.max(time, this.now), order: this.#order++, act };
    const heap = this.#heap;
    let hole = heap.push(appointment) - 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, appointment)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = appointment;
    return appointment;
  }

  after(ms: number, act: () => void): Appointment {
    return this.at(this.now + ms, act);
  }

  /** Does what is next. False: there is nothing any more, or not before `end`. */
  step(end: number): boolean {
    for (;;) {
      const first = this.#heap[0];
      if (!first || first.time > end) {
        if (end < Infinity) this.now = Math.max(this.now, end);
        return false;
      }
      this.#removeFirst();
      if (!first.act) continue;
      this.now = first.time;
      this.events++;
      this.trace.number(first.time);
      this.trace.number(first.order);
      first.act();
      return true;
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    const { length } = heap;
    if (!last || length === 0) return;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      let below = heap[child];
      if (!below) break;
      const other = heap[child + 1];
      if (other && isBefore(other, below)) {
        below = other;
        child++;
      }
      if (isBefore(last, below)) break;
      heap[hole] = below;
      hole = child;
    }
    heap[hole] = last;
  }
}

function isBefore(a: Appointment, b: Appointment): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
