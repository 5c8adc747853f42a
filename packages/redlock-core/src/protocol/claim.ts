import type { LockKeys } from './lock-keys.js';

/**
 * One token on one set of keys: an attempt and, once granted, the lock. It is over when the
 * attempt has failed or the lock was released or lost; from then on nothing is written for it but
 * releases.
 */
export class Claim {
  over = false;
  /** The longest for which nodes were asked to keep it, in ms. */
  ttl = 0;
  /**
   * What a release puts in the token's place; null: it deletes the keys. An adoption that is not a lock yet
   * gives back the token that it has taken; a lock that is kept for a while is left to a token of nobody.
   */
  successor: string | null = null;
  /** Ms for which a release leaves the keys to its successor; 0: as long as they would have stayed. */
  keepFor = 0;
  /** Known once granted; 0 without fencing. */
  fencingToken = 0;
  /**
   * By the node's position. `settled`: it was written to, and all of that was answered. A node without
   * either was never written to, and owes this claim nothing. (Made for five: an array that grows from
   * nothing takes room for seventeen, and locks are many.)
   */
  readonly #traces: (Trace | 'settled' | undefined)[] = [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ];

  constructor(
    readonly lockKeys: LockKeys,
    readonly token: string,
  ) {}

  wasWrittenTo(node: number): boolean {
    return this.#traces[node] !== undefined;
  }

  /** The trace at a node that is written to, or was. */
  traceAt(node: number): Trace {
    const trace = this.#traces[node];
    if (typeof trace === 'object') return trace;
    return (this.#traces[node] = {
      claim: this,
      open: 0,
      releasing: 0,
      owing: false,
      released: false,
      owedUntil: null,
      stray: null,
      position: -1,
    });
  }

  /** Nothing is under way to the node, and nothing is owed. */
  settle(node: number): void {
    this.#traces[node] = 'settled';
  }
}

/** What was written for a claim to one node. */
export interface Trace {
  readonly claim: Claim;
  /** Commands written and not answered, releases among them. */
  open: number;
  /** Releases on their way: asked for and not answered. */
  releasing: number;
  /** The node has executed one. */
  released: boolean;
  /** A release is due when the node is ready: something may be left there. */
  owing: boolean;
  /** When all that was kept for it is over by itself, on the monotonic clock; known once a release has failed. */
  owedUntil: number | null;
  /**
   * The first connection on which something was written that was not answered on it. It may still arrive there:
   * once the claim is over, a release is due when the node is next connected, whatever was released before
   * on another connection.
   */
  stray: number | null;
  /** In the node's list of unsettled traces; -1: not there. */
  position: number;
}
