import type { Ballot } from './ballot.js';
import { BatchEncoder } from './batch.js';
import { NodeLink, type LinkEvents } from './node-link.js';
import type { Operation } from './operation.js';
import type { Settings } from './options.js';
import { QuarantineTime } from './quarantine-time.js';
import type { RedisNode } from './redis-node.js';
import { Round } from './round.js';
import { RunIds } from './run-ids.js';
import type { Runtime } from './runtime.js';
import { Stragglers } from './stragglers.js';
import { Tick } from './tick.js';
import { readClocks } from './validity.js';
import { quorumOf } from './verdict.js';

/**
 * Decides a round from the ballots that are in, at most one a node, or says undefined to wait for
 * more. Must decide once all nodes that were asked have voted.
 */
export type Judge<T, D> = (ballots: readonly Ballot<T>[], nodes: number) => D | undefined;

/** With the ballots that decided. */
export interface Decision<T, D> {
  readonly decision: D;
  readonly ballots: readonly Ballot<T>[];
}

type QuorumSettings = Pick<Settings, 'nodeTimeout' | 'quarantine' | 'quarantineTime'>;

export interface AskOptions<T> {
  /** Is shown every ballot, also those that come after the decision. */
  readonly look?: (ballot: Ballot<T>) => void;
  /** Positions of nodes not to ask. */
  readonly except?: ReadonlySet<number>;
}

/** Below every default timeout, and half of it above a round trip on a fast network. In ms. */
const STRAGGLER_AGE = 10;

/** All nodes of a Redlock, and the one fan-out that every operation goes through. */
export class Quorum {
  readonly #runtime: Runtime;
  readonly #stragglers: Stragglers;
  readonly #quarantineTime: QuarantineTime;
  readonly #links: readonly NodeLink[];
  /** How many nodes must agree. */
  readonly size: number;

  /** How many there are. */
  get nodes(): number {
    return this.#links.length;
  }

  constructor(
    nodes: readonly RedisNode[],
    { nodeTimeout, quarantine, quarantineTime }: QuorumSettings,
    runtime: Runtime,
    events: LinkEvents,
  ) {
    const timeouts = nodes.map(({ timeout = nodeTimeout ?? Infinity }) => timeout);
    this.#runtime = runtime;
    this.#stragglers = new Stragglers(runtime, Math.min(STRAGGLER_AGE, ...timeouts) / 2);
    this.#quarantineTime = new QuarantineTime(quarantineTime);
    const terms = {
      strict: quarantine === 'strict',
      time: this.#quarantineTime,
      born: readClocks(runtime),
    };
    const shared = {
      runtime,
      tick: new Tick(runtime),
      encoder: new BatchEncoder(this.#quarantineTime),
      stragglers: this.#stragglers,
      quarantine: quarantine === false ? null : terms,
      runIds: new RunIds(),
      events,
    };
    this.#links = nodes.map((node, index) => new NodeLink(index, node, nodeTimeout, shared));
    this.size = quorumOf(nodes.length);
  }

  /**
   * Asks all nodes at once and resolves as soon as `judge` can decide. Never rejects.
   */
  ask<T, D>(
    operation: Operation<T>,
    judge: Judge<T, D>,
    { look, except }: AskOptions<T> = {},
  ): Promise<Decision<T, D>> {
    this.#quarantineTime.cover(operation);
    return new Promise((resolve) => {
      const nodes = this.#links.length - (except?.size ?? 0);
      const round = new Round(operation, this.#runtime.now(), (ballots, latest) => {
        look?.(latest);
        const decision = round.decided ? undefined : judge(ballots, nodes);
        if (decision === undefined) return false;
        resolve({ decision, ballots });
        return true;
      });
      for (const link of this.#links) if (!except?.has(link.index)) link.ask(round);
    });
  }

  /** Sends an operation to one node, off everybody's path. */
  tell(node: number, operation: Operation): void {
    this.#links[node]?.ask(new Round(operation, this.#runtime.now(), () => false));
  }

  async close(): Promise<void> {
    this.#stragglers.end();
    await Promise.all(this.#links.map((link) => link.close()));
  }
}
