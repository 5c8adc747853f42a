import type { Response } from '../node/response.js';
import { BatchEncoder } from '../protocol/batch.js';
import type { GuardedNode } from '../node/guarded-node.js';
import type { LinkEvents } from '../node/link-context.js';
import { NodeLink } from '../node/node-link.js';
import { LONGEST_DEFAULT } from '../node/deadlines/node-timeout.js';
import type { Operation } from '../protocol/operation.js';
import { QuarantineTime } from '../node/identity/quarantine-time.js';
import { Round } from '../node/round.js';
import { RunIds } from '../node/identity/run-ids.js';
import type { Runtime } from '../time/runtime.js';
import type { Settings } from '../settings/settings.js';
import { Stragglers } from '../node/deadlines/stragglers.js';
import { Tick } from '../time/tick.js';
import { readClocks, type Instant } from '../time/validity.js';
import { RECONNECTED } from '../protocol/outcome.js';
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

type QuorumSettings = Pick<Settings, 'nodeTimeout' | 'quarantine' | 'quarantineTime'>;

export interface QuorumEvents extends LinkEvents {
  /** A ttl is longer than the quarantine time that the user chose; in ms. */
  exceeded(ttl: number): void;
}

export interface AskOptions<T> {
  /** Called with every response, also with those that come after the decision. */
  readonly look?: (response: Response<T>) => void;
  /** Positions of nodes that are not asked. */
  readonly except?: ReadonlySet<number>;
}

/** An attempt has two rounds at most, a grant and a confirm. */
const ROUNDS = 2;

/**
 * A command is a straggler at this age at the latest, in ms: half of it is above a round trip on a fast network, and
 * all of it is below every default timeout.
 */
const STRAGGLER_AGE = 10;

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

  /** How many nodes there are. */
  get nodes(): number {
    return this.#links.length;
  }

  constructor(
    nodes: readonly GuardedNode[],
    { nodeTimeout, quarantine, quarantineTime }: QuorumSettings,
    runtime: Runtime,
    events: QuorumEvents,
  ) {
    const given = nodes.map(({ timeout = nodeTimeout ?? Infinity }) => timeout);
    const longest = Math.max(LONGEST_DEFAULT, ...given.filter((ms) => ms < Infinity));
    this.longestAttempt = ROUNDS * longest;
    this.#runtime = runtime;
    this.#stragglers = new Stragglers(runtime, Math.min(STRAGGLER_AGE, ...given) / 2);
    this.#quarantineTime = new QuarantineTime(quarantineTime, (ttl) => events.exceeded(ttl));
    const terms = {
      strict: quarantine === 'strict',
      time: this.#quarantineTime,
      longestAttempt: this.longestAttempt,
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
    const { kind, claim, ttl } = operation;
    this.#quarantineTime.cover(operation);
    if (kind !== 'release' && kind !== 'inspect') claim.ttl = Math.max(claim.ttl, ttl);
    return new Promise((resolve) => {
      const nodes = this.#links.length - (except?.size ?? 0);
      const round = new Round(operation, this.#runtime.now(), (votes, latest) => {
        look?.(latest);
        if (round.decided) return false;
        let responses = votes;
        let decision = judge(responses, nodes);
        if (kind === 'grant' && decision !== undefined) {
          responses = this.#withoutFallen(votes);
          if (responses !== votes) decision = judge(responses, nodes);
        }
        if (decision === undefined) return false;
        resolve({ decision, responses });
        return true;
      });
      for (const link of this.#links) if (!except?.has(link.index)) link.ask(round);
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
  connections(start: number): readonly Response[] {
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
