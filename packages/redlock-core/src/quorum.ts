import type { Ballot } from './ballot.js';
import type { Claim } from './claim.js';
import { NodeLink, type LinkEvents } from './node-link.js';
import { NodeTimeout } from './node-timeout.js';
import type { Operation } from './operation.js';
import type { RedisNode } from './redis-node.js';
import { Stragglers } from './stragglers.js';
import { Round, type Judge } from './round.js';
import type { Runtime } from './runtime.js';
import { quorumOf } from './verdict.js';

/** Below every default timeout, and half of it above a round trip on a fast network. In ms. */
const STRAGGLER_AGE = 10;

/** All nodes of a Redlock, and the one fan-out that every operation goes through. */
export class Quorum {
  readonly #runtime: Runtime;
  readonly #stragglers: Stragglers;
  readonly #links: readonly NodeLink[];
  /** How many nodes must agree. */
  readonly size: number;

  constructor(
    nodes: readonly RedisNode[],
    nodeTimeout: number | undefined,
    runtime: Runtime,
    events: LinkEvents,
  ) {
    const timer = new NodeTimeout(runtime);
    this.#runtime = runtime;
    this.#links = nodes.map(
      (node, index) => new NodeLink(index, node, nodeTimeout, runtime, timer, events),
    );
    const timeouts = nodes.map(({ timeout = nodeTimeout ?? Infinity }) => timeout);
    this.#stragglers = new Stragglers(runtime, Math.min(STRAGGLER_AGE, ...timeouts) / 2);
    this.size = quorumOf(nodes.length);
  }

  /**
   * Asks all nodes at once and resolves as soon as `judge` can decide, with the ballots that
   * decided. Never rejects.
   * @param ttl the operation's, in ms, from which the nodes' default timeout follows
   */
  ask<T, D>(
    operation: Operation<T>,
    claim: Claim,
    ttl: number,
    judge: Judge<T, D>,
  ): Promise<{ decision: D; ballots: readonly Ballot<T>[] }> {
    return new Promise((resolve) => {
      const { length } = this.#links;
      const round = new Round(operation, claim, this.#runtime.now(), (ballots) => {
        const decision = judge(ballots, length);
        if (decision === undefined) return false;
        resolve({ decision, ballots });
        return true;
      });
      const sent = this.#links.map((link) => link.ask(round));
      this.#stragglers.checkLater(() => {
        if (round.votes === length) return;
        for (const [index, link] of this.#links.entries()) {
          const reply = sent[index];
          if (reply && !round.hasVoteOf(index)) void link.limit(round, reply, ttl);
        }
      });
    });
  }

  async close(): Promise<void> {
    this.#stragglers.end();
    await Promise.all(this.#links.map((link) => link.close()));
  }
}
