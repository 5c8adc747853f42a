import type { LockKeys } from './lock-keys.js';

/**
 * One token on one set of keys: an attempt and, once granted, the lock. It is over when the
 * attempt has failed or the lock was released or lost; from then on nothing is written for it but
 * releases.
 */
export class Claim {
  over = false;
  /** Known once granted; 0 without fencing. */
  fencingToken = 0;
  /** By the node's position. A node without one was never written to, and owes this claim nothing. */
  readonly #traces: Trace[] = [];

  constructor(
    readonly lockKeys: LockKeys,
    readonly token: string,
  ) {}

  traceAt(node: number): Trace | undefined {
    return this.#traces[node];
  }

  /** The trace at a node that is about to be written to. */
  leaveTraceAt(node: number): Trace {
    return (this.#traces[node] ??= {
      claim: this,
      open: 0,
      releasing: 0,
      owing: false,
      position: -1,
    });
  }
}

/** What was written for a claim to one node. */
export interface Trace {
  readonly claim: Claim;
  /** Commands written and not answered, releases among them. */
  open: number;
  /** Releases on their way: asked for and not answered. */
  releasing: number;
  /** A release is due when the node is ready: something may be left there. */
  owing: boolean;
  /** In the node's list of unsettled traces; -1: not there. */
  position: number;
}
