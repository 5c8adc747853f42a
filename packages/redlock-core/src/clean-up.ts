import type { Claim, Trace } from './claim.js';
import type { Operation } from './operation.js';
import type { RedisNode } from './redis-node.js';
import { UnsettledTraces } from './unsettled-traces.js';
import type { Vote } from './vote.js';

/** Where the key is ours already. */
const SETS_EXPIRY: ReadonlySet<Operation['kind']> = new Set(['extend', 'heal', 'adopt']);

/**
 * Sees to it that nothing written to one node outlives its claim (design section 5, rules 5 and 6).
 *
 * Invariant: a trace is in `#traces` while a command of it is unanswered, or a release is owed or will be.
 */
export class CleanUp {
  readonly #index: number;
  readonly #node: RedisNode;
  readonly #submitRelease: (claim: Claim) => void;
  readonly #traces = new UnsettledTraces();
  #releasing = 0;
  #debts = 0;

  /** @param submitRelease called only while the node is ready */
  constructor(index: number, node: RedisNode, submitRelease: (claim: Claim) => void) {
    this.#index = index;
    this.#node = node;
    this.#submitRelease = submitRelease;
  }

  /** Releases asked for and not answered. */
  get releasing(): number {
    return this.#releasing;
  }

  /** Claims that are owed a release. */
  get debts(): number {
    return this.#debts;
  }

  get isDone(): boolean {
    return this.#traces.size === 0 && this.#releasing === 0;
  }

  /** A release is asked for: until it is answered, or put off, none has to follow it. */
  expect({ claim }: Operation): void {
    if (claim.wasWrittenTo(this.#index)) this.#count(claim.traceAt(this.#index), 1);
  }

  /** An operation is being written. */
  begin({ claim }: Operation): void {
    const trace = claim.traceAt(this.#index);
    trace.open++;
    this.#traces.add(trace);
  }

  /**
   * @param answered by the server, be it with an error, on the connection it was written on
   * @param connection that it was written on
   */
  end(
    { kind, claim, ttl }: Operation,
    vote: Vote['vote'],
    answered: boolean,
    connection: number,
  ): void {
    const trace = claim.traceAt(this.#index);
    trace.open--;
    // What was written before it on the same connection has been executed before it. A Cluster may reorder,
    // but there what only its client gave up would otherwise be remembered until the next connection.
    const isInOrder = kind === 'release' || !this.#node.cluster;
    if (answered && isInOrder && trace.stray === connection) forgetStray(trace);
    if (kind === 'release') {
      this.#count(trace, -1);
      this.#owe(trace, !answered);
    } else {
      if (!answered) {
        trace.stray ??= connection;
        if (SETS_EXPIRY.has(kind)) trace.strayTtl = Math.min(trace.strayTtl, ttl);
      }
      if (claim.over) this.#endLate(trace, vote, answered);
    }
    // What is kept for a while shall not be kept anew.
    const willOwe = claim.over && trace.stray !== null && claim.keepFor === 0;
    if (trace.open > 0 || trace.owing || willOwe) return;
    this.#traces.delete(trace);
    // A lock that is held for long has nothing to remember of its nodes but that.
    if (trace.releasing === 0 && trace.stray === null) claim.settle(this.#index);
  }

  /** What was not a release, of a claim that is over by now. */
  #endLate(trace: Trace, vote: Vote['vote'], answered: boolean): void {
    if (!answered) this.#owe(trace, true);
    // Whatever release this claim had was executed before, or may have been on a Cluster.
    const mayStay = trace.releasing === 0 || this.#node.cluster;
    if (vote === 'granted' && mayStay) this.#release(trace);
  }

  /** The release that was expected cannot be written now. */
  postpone({ claim }: Operation): void {
    const trace = claim.traceAt(this.#index);
    this.#count(trace, -1);
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
    for (const trace of this.#traces) {
      if (!trace.claim.over) continue;
      forgetStray(trace);
      // One that has been asked for and not written goes out on this connection.
      if (trace.open > 0 || trace.releasing === 0) this.#release(trace);
    }
  }

  #release(trace: Trace): void {
    if (this.#node.ready) this.#submitRelease(trace.claim);
    else this.#owe(trace, true);
  }

  #count(trace: Trace, more: number): void {
    trace.releasing += more;
    this.#releasing += more;
  }

  #owe(trace: Trace, owing: boolean): void {
    if (trace.owing !== owing) this.#debts += owing ? 1 : -1;
    trace.owing = owing;
    if (owing) this.#traces.add(trace);
  }
}

function forgetStray(trace: Trace): void {
  trace.stray = null;
  trace.strayTtl = Infinity;
}
