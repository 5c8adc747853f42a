import type { Stragglers } from '../node/deadlines/stragglers.js';
import type { GuardedNode } from '../node/guarded-node.js';
import type { QuarantineTime } from '../node/identity/quarantine-time.js';
import type { NodeLink } from '../node/node-link.js';
import type { Response } from '../node/response.js';
import { Round } from '../node/round.js';
import type { Operation } from '../protocol/operation.js';
import { NOT_AWAITED, RECONNECTED } from '../protocol/outcome.js';
import type { Runtime } from '../time/runtime.js';
import type { Instant } from '../time/validity.js';
import { linkNodes, type LinkSettings, type QuorumEvents } from './node-links.js';
import type { Patience } from './patience.js';
import { quorumOf } from './verdict.js';

/**
 * Decides a round from the responses that are in, at most one for each node. Returns undefined to wait for more, and
 * must decide when all nodes that were asked have voted.
 */
export type Judge<T, D> = (responses: readonly Response<T>[], nodes: number) => D | undefined;

/** A decision, with the responses that led to it. */
export interface Decision<T, D> {
  readonly decision: D;
  readonly responses: readonly Response<T>[];
}

export interface AskOptions<T> {
  /** Called with every response, also with those that come after the decision. */
  readonly observe?: ((response: Response<T>) => void) | undefined;
  /** Positions of nodes that are not asked. */
  readonly except?: ReadonlySet<number>;
  readonly patience?: Patience | undefined;
  readonly connecting?: Connecting | undefined;
}

/** For how long a round may wait for connections that are being made. */
export interface Connecting {
  /** Resolves when the caller has no more time for them. */
  readonly over: Promise<void>;
  /** Whether the caller was canceled, so that it waits for nothing any more. */
  isCanceled(): boolean;
}

/** All nodes of a Redlock. Every operation is asked through it. */
export class Quorum {
  readonly #runtime: Runtime;
  readonly #stragglers: Stragglers;
  readonly #quarantineTime: QuarantineTime;
  readonly #links: readonly NodeLink[];
  /** How many nodes must agree. */
  readonly size: number;
  /**
   * The longest time between the first grant that is written and the decision, in ms. Grants of an attempt that takes
   * longer do not count.
   */
  readonly longestAttempt: number;

  /** Whether a quorum of nodes could be written to now. */
  get isWithinReach(): boolean {
    return this.#links.filter(({ isWithinReach }) => isWithinReach).length >= this.size;
  }

  /** Whether all nodes are connected. */
  get isConnected(): boolean {
    return this.#links.every(({ isReady }) => isReady);
  }

  /** How many nodes there are. */
  get nodes(): number {
    return this.#links.length;
  }

  constructor(
    nodes: readonly GuardedNode[],
    settings: LinkSettings,
    runtime: Runtime,
    events: QuorumEvents,
  ) {
    const { links, stragglers, quarantineTime, longestAttempt } = linkNodes(
      nodes,
      settings,
      runtime,
      events,
    );
    this.#runtime = runtime;
    this.#links = links;
    this.#stragglers = stragglers;
    this.#quarantineTime = quarantineTime;
    this.longestAttempt = longestAttempt;
    this.size = quorumOf(nodes.length);
  }

  /**
   * Asks all nodes at once and resolves as soon as `judge` can decide. Never rejects.
   */
  ask<T, D>(
    operation: Operation<T>,
    judge: Judge<T, D>,
    { observe, except, patience, connecting }: AskOptions<T> = {},
  ): Promise<Decision<T, D>> {
    const { kind, claim, ttl } = operation;
    this.#quarantineTime.cover(operation);
    if (kind !== 'release' && kind !== 'inspect') claim.ttl = Math.max(claim.ttl, ttl);
    return new Promise((resolve) => {
      const nodes = this.#links.length - (except?.size ?? 0);
      const round = new Round(operation, this.#runtime.now(), (votes, latest) => {
        observe?.(latest);
        if (round.decided) return false;
        let responses = votes;
        let decision = judge(responses, nodes);
        if (kind === 'grant' && decision !== undefined) {
          responses = this.#withoutFallen(votes);
          if (responses !== votes) decision = judge(responses, nodes);
        }
        if (decision === undefined) return false;
        if (patience) responses = responses.filter(({ error }) => error !== NOT_AWAITED.error);
        resolve({ decision, responses });
        return true;
      });
      for (const link of this.#links) if (!except?.has(link.index)) link.ask(round);
      void connecting?.over.then(() => {
        // Otherwise, a node that is not connected would never be known as overdue, and later rounds would wait for it.
        if (round.decided) return;
        const now = connecting.isCanceled();
        for (const link of this.#links) link.stopWaiting(round, now);
      });
      patience?.beforeEnd(() => {
        if (round.decided) return;
        const silent = this.#links.filter(
          ({ index }) => !except?.has(index) && !round.hasVoteOf(index),
        );
        // If so many are silent, they are slow rather than dead, and without them nothing could be decided.
        if (silent.length <= this.nodes - this.size) for (const link of silent) link.giveUp(round);
      });
    });
  }

  /**
   * How many grants still count when an attempt is decided. A grant counts no more if the node may have forgotten it
   * since, as far as is known, or if the grant is so old that this would not have been noticed
   * (docs/decisions/no-second-vote.md).
   * @param start of the attempt
   * @param now when it is decided
   */
  standing(grants: readonly Response[], start: Instant, now: Instant): number {
    // How long the monotonic clock stood still, as it may while a machine is suspended.
    const stoodFor = Math.max(now.wall - start.wall - (now.mono - start.mono), 0);
    const earliest = now.mono + stoodFor - this.longestAttempt;
    let standing = 0;
    for (const grant of grants) {
      if (grant.written && grant.written.sentAt >= earliest && this.#stands(grant)) standing++;
    }
    return standing;
  }

  /** The responses, with grants that count no more as failures. */
  #withoutFallen<T>(responses: readonly Response<T>[]): readonly Response<T>[] {
    if (responses.every((response) => this.#stands(response))) return responses;
    return responses.map((response) =>
      this.#stands(response)
        ? response
        : { ...response, vote: 'failed', detail: undefined, error: RECONNECTED.error },
    );
  }

  #stands({ index, vote, written }: Response): boolean {
    if (vote !== 'granted') return true;
    return written !== undefined && this.#links[index]?.stands(written) === true;
  }

  /** Resolves when a quorum of nodes is connected, or when the Redlock is closed. */
  connected(): Promise<void> {
    let connected = 0;
    return new Promise((resolve) => {
      for (const link of this.#links) {
        void link.connected().then(() => {
          if (++connected === this.size) resolve();
        });
      }
    });
  }

  /**
   * Which nodes are connected now, and why the others are not, as votes.
   * @param start since when the caller has waited, on the monotonic clock
   */
  connections(start: number): readonly Response<void>[] {
    const ms = this.#runtime.now() - start;
    return this.#links.map((link) => link.connection(ms));
  }

  /** Sends an operation to one node. Nobody waits for it. */
  tell(node: number, operation: Operation): void {
    this.#links[node]?.ask(new Round(operation, this.#runtime.now(), () => false));
  }

  async close(): Promise<void> {
    this.#stragglers.end();
    await Promise.all(this.#links.map((link) => link.close()));
  }
}
