import { tracingChannel } from 'node:diagnostics_channel';
import type { LockTrace } from 'redlock-core';

const NAMES = ['acquire', 'using', 'extend', 'release'] as const;

/** What was told of one call: its trace, and what the channels told of it, oldest first. */
interface Told {
  readonly trace: LockTrace;
  readonly steps: string[];
}

/** Subscribes to all tracing channels. */
export class Tracer implements Disposable {
  readonly told: Told[] = [];
  /** Called at the start of each call. */
  onStart: (trace: LockTrace) => void = () => {};
  readonly #ends: (() => void)[] = [];

  constructor() {
    for (const name of NAMES) {
      const channel = tracingChannel<unknown, LockTrace>(`redlock:${name}`);
      const step = (what: string) => (trace: LockTrace) => {
        this.told.find((told) => told.trace === trace)?.steps.push(what);
      };
      const subscribers = {
        start: (trace: LockTrace) => {
          this.told.push({ trace, steps: [`${name} start`] });
          this.onStart(trace);
        },
        end: step('end'),
        asyncStart: step('asyncStart'),
        asyncEnd: step('asyncEnd'),
        error: step('error'),
      };
      channel.subscribe(subscribers);
      this.#ends.push(() => channel.unsubscribe(subscribers));
    }
  }

  get traces(): readonly LockTrace[] {
    return this.told.map(({ trace }) => trace);
  }

  /** The traces of calls to one method. */
  of(operation: LockTrace['operation']): readonly LockTrace[] {
    return this.traces.filter((trace) => trace.operation === operation);
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end();
  }
}
