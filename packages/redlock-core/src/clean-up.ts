import type { Claim, Trace } from './claim.js';
import type { Operation } from './operation.js';
import type { RedisNode } from './redis-node.js';
import { UnsettledTraces } from './unsettled-traces.js';
import type { Vote } from './vote.js';

/** A command that a node may act on, however late. */
export interface Written {
  readonly trace: Trace;
  readonly isRelease: boolean;
  /** The one it was written on: unanswered there, it may act again, or later, on its server. */
  readonly connection: number;
}

/**
 * Sees to it that nothing written to one node outlives its claim (design section 5, rules 5 and 6).
 *
 * Invariant: a trace is in `#traces` while a command of it is unanswered or a release is owed.
 */
export class CleanUp {
  readonly #index: number;
  readonly #node: RedisNode;
  readonly #writeRelease: (claim: Claim) => void;
  readonly #traces = new UnsettledTraces();
  #connection = 0;
  #inFlight = 0;
  #debts = 0;

  /** @param writeRelease called only while the node is ready */
  constructor(index: number, node: RedisNode, writeRelease: (claim: Claim) => void) {
    this.#index = index;
    this.#node = node;
    this.#writeRelease = writeRelease;
  }

  /** Commands written and not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Claims that are owed a release. */
  get debts(): number {
    return this.#debts;
  }

  get isDone(): boolean {
    return this.#traces.size === 0;
  }

  /** A command is being written. */
  begin(claim: Claim, { kind }: Operation): Written {
    const trace = claim.leaveTraceAt(this.#index);
    const isRelease = kind === 'release';
    trace.open++;
    if (isRelease) trace.releasing++;
    this.#inFlight++;
    this.#traces.add(trace);
    return { trace, isRelease, connection: this.#connection };
  }

  /** @param answered by the server, be it with an error */
  end({ trace, isRelease, connection }: Written, vote: Vote['vote'], answered: boolean): void {
    trace.open--;
    this.#inFlight--;
    if (isRelease) {
      trace.releasing--;
      this.#owe(trace, !answered || connection !== this.#connection);
    } else if (trace.claim.over) {
      if (!answered) this.#owe(trace, true);
      // Whatever release this claim had was executed before, or may have been on a Cluster.
      const mayStay = trace.releasing === 0 || this.#node.cluster;
      if (vote === 'granted' && mayStay) this.#release(trace);
    }
    if (trace.open === 0 && !trace.owing) this.#traces.delete(trace);
  }

  /** The release of this claim cannot be written now. */
  postpone(trace: Trace): void {
    this.#owe(trace, true);
  }

  /** Releases what is owed. @param most so many claims */
  pay(most = Infinity): void {
    let left = Math.min(most, this.#debts);
    for (const trace of this.#traces) {
      if (left === 0) return;
      if (!trace.owing || trace.releasing > 0) continue;
      this.#release(trace);
      left--;
    }
  }

  /** Releases what was not answered on the connection it was written on, or is owed since before. */
  reconnected(): void {
    this.#connection++;
    for (const trace of this.#traces) if (trace.claim.over) this.#release(trace);
  }

  #release(trace: Trace): void {
    if (this.#node.ready) this.#writeRelease(trace.claim);
    else this.#owe(trace, true);
  }

  #owe(trace: Trace, owing: boolean): void {
    if (trace.owing !== owing) this.#debts += owing ? 1 : -1;
    trace.owing = owing;
    if (owing) this.#traces.add(trace);
  }
}
