import type { Trace } from '../../protocol/claim.js';

/** The traces of one node that are not settled: a command is unanswered, or a release is owed. */
export class UnsettledTraces {
  // An array, because a Set that is added to and deleted from at every command is rebuilt all the time.
  readonly #traces: Trace[] = [];

  get size(): number {
    return this.#traces.length;
  }

  [Symbol.iterator](): Iterator<Trace> {
    return this.#traces.values();
  }

  add(trace: Trace): void {
    if (trace.position >= 0) return;
    trace.position = this.#traces.push(trace) - 1;
  }

  delete(trace: Trace): void {
    if (trace.position < 0) return;
    const last = this.#traces.pop();
    if (last && last !== trace) {
      this.#traces[trace.position] = last;
      last.position = trace.position;
    }
    trace.position = -1;
  }
}
