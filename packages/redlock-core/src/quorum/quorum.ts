import type { GuardedNode } from '../node/guarded-node.js';
import { processKnowledge, RunIds } from '../node/known-servers.js';
import { NodeLink, type LinkEvents } from '../node/link.js';
import { QuarantineTime } from '../node/quarantine.js';
import { MAX_DEFAULT, timeoutTermsOf } from '../node/timeouts.js';
import {
  type Claim,
  extend,
  inspect,
  release,
  repair,
  type Leaving,
} from '../protocol/operations.js';
import type { LockKeys } from '../protocol/keys.js';
import { successorOf } from '../node/pending-releases.js';
import { tokenOf } from '../protocol/token.js';
import type { Settings } from '../settings/settings.js';
import type { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import { fullValidity, readClocks, Validity, type Instant } from '../time/validity.js';
import { Attempts, type AttemptResult, type AttemptTerms, type FailedAttempt } from './attempt.js';
import { Ballot, type Tally } from './ballot.js';
import { Batches } from './batches.js';
import type { Response } from './response.js';
import {
  isMissing,
  judgeAll,
  judgeExtend,
  judgeRelease,
  judgeWriteBack,
  quorumOf,
  type ExtendVerdict,
} from './verdict.js';
import { Withdrawals } from './withdrawal.js';

export type QuorumSettings = Pick<
  Settings,
  'nodeTimeout' | 'quarantine' | 'quarantineTime' | 'driftFactor' | 'owner'
>;

export interface QuorumEvents extends LinkEvents {
  /** A ttl is longer than the quarantine time that the user chose; in ms. */
  exceeded(ttl: number): void;
}

export interface ExtendResult {
  readonly verdict: ExtendVerdict;
  /** That of the lock, if it was extended. */
  readonly validity: Validity;
  readonly responses: readonly Response[];
}

/** An extension under way. */
export interface Extension {
  /** The votes so far. */
  readonly tally: Tally;
  /** Never rejects. */
  readonly result: Promise<ExtendResult>;
}

/** How a claim is released. */
export interface ReleaseTerms {
  /** What it does in the queues; without it, no waiter is notified. */
  readonly queue?: Leaving | null;
  /** How long the keys stay on the nodes without an owner, in ms. */
  readonly keepFor?: number;
  /** Whether a quorum is enough, or every node must have answered or have had its time. Default: quorum. */
  readonly decidedBy?: 'quorum' | 'all';
  /** Is called with each vote, also with those that come after the decision. */
  readonly onVotes?: (response: Response) => void;
}

/** An attempt has two rounds at most, an acquire and a write-back. */
const ROUNDS = 2;

/** All nodes of a Redlock. Every operation goes through it. */
export class Quorum {
  /** How many nodes must agree. */
  readonly size: number;
  /** How many nodes there are. */
  readonly count: number;
  readonly hasCluster: boolean;
  readonly #runtime: Runtime;
  readonly #driftFactor: number;
  readonly #newToken: () => string;
  readonly #quarantineTime: QuarantineTime;
  readonly #links: readonly NodeLink[];
  readonly #batches: Batches;
  readonly #withdrawals: Withdrawals;
  readonly #attempts: Attempts;

  constructor(
    nodes: readonly GuardedNode[],
    { nodeTimeout, quarantine, quarantineTime: given, driftFactor, owner }: QuorumSettings,
    runtime: Runtime,
    events: QuorumEvents,
  ) {
    const timeouts = nodes.map(({ timeout = nodeTimeout ?? Infinity }) => timeout);
    const longest = Math.max(MAX_DEFAULT, ...timeouts.filter((ms) => ms < Infinity));
    const longestAttempt = ROUNDS * longest;
    const process = processKnowledge(runtime);
    const quarantineTime = new QuarantineTime(given, process, (ttl) => events.exceeded(ttl));
    const terms = {
      process,
      strict: quarantine === 'strict',
      time: quarantineTime,
      longestAttempt,
      born: readClocks(runtime),
    };
    const counterGrace = (): number => quarantineTime.counterGrace;
    const context = {
      runtime,
      quarantine: quarantine === false ? null : terms,
      runIds: new RunIds(),
      events,
      counterGrace,
    };
    this.size = quorumOf(nodes.length);
    this.count = nodes.length;
    this.hasCluster = nodes.some(({ cluster }) => cluster);
    this.#runtime = runtime;
    this.#driftFactor = driftFactor;
    this.#newToken = () => tokenOf(owner, runtime.token());
    this.#quarantineTime = quarantineTime;
    this.#links = nodes.map((node, index) => new NodeLink(index, node, nodeTimeout, context));
    this.#batches = new Batches(this.#links, runtime, counterGrace);
    this.#withdrawals = new Withdrawals(this.#links, this.#batches, runtime);
    this.#attempts = new Attempts({
      runtime,
      links: this.#links,
      batches: this.#batches,
      withdrawals: this.#withdrawals,
      size: this.size,
      driftFactor,
      newToken: this.#newToken,
      longestAttempt,
    });
  }

  /** The round trip as measured, of the q-th fastest node that has answered, in ms. */
  get roundTrip(): number {
    const measured = this.#links.map(({ timeout }) => timeout.roundTrip).filter((ms) => ms > 0);
    measured.sort((a, b) => a - b);
    return Math.max(measured[Math.min(this.size, measured.length) - 1] ?? 1, 0.1);
  }

  /** Whether a quorum of nodes could be written to now. */
  get isReachable(): boolean {
    return this.#links.filter(({ isReachable }) => isReachable).length >= this.size;
  }

  /** The longest timeout of a node for an acquire, in ms. */
  nodeTimeout(ttl: number): number {
    const terms = timeoutTermsOf({ verb: 'acquire', ttl });
    return Math.max(...this.#links.map(({ timeout }) => timeout.of(terms)));
  }

  /** Takes note of a time for which nodes keep something, in ms. */
  noteTtl(ms: number): void {
    this.#quarantineTime.note(ms);
  }

  /** Makes one attempt. Never rejects, and leaves nothing on the nodes if it fails. */
  attempt(terms: AttemptTerms): Promise<AttemptResult> {
    this.noteTtl(terms.ttl);
    return this.#attempts.make(terms);
  }

  /**
   * Extends a lock on all nodes. After it has succeeded, the lock is put back on nodes that lack it, so that it survives
   * restarts of nodes. No caller waits for that, and it counts for nothing.
   * @param onVotes is called with each vote, also with those that come after the decision
   */
  extend(claim: Claim, ttl: number, onVotes?: (response: Response) => void): Extension {
    const { keys, token, fencingToken } = claim;
    this.noteTtl(ttl);
    claim.ttl = Math.max(claim.ttl, ttl);
    const start = readClocks(this.#runtime);
    const operation = extend(keys, token, ttl, fencingToken);
    const tally = new Ballot(operation, claim, this.count, judgeExtend);
    if (onVotes) tally.observe = onVotes;
    this.#batches.submit(tally);
    return { tally, result: this.#extended(tally, claim, ttl, start) };
  }

  async #extended(
    ballot: Ballot<ExtendVerdict>,
    claim: Claim,
    ttl: number,
    start: Instant,
  ): Promise<ExtendResult> {
    const verdict = (await ballot.verdict) ?? 'unreachable';
    const validity = Validity.since(start, fullValidity(ttl, this.#driftFactor));
    const { responses, observe } = ballot;
    if (verdict === 'extended') {
      const repairMissing = (response: Response): void => {
        if (isMissing(response) && !claim.over && !claim.isDetached)
          this.#repair(claim, ttl, response.index);
      };
      for (const response of ballot.latest) repairMissing(response);
      ballot.observe = (response) => {
        repairMissing(response);
        observe?.(response);
      };
    }
    return { verdict, validity, responses };
  }

  #repair(claim: Claim, ttl: number, node: number): void {
    const operation = repair(claim.keys, claim.token, ttl, claim.fencingToken);
    this.#batches.submit(new Ballot(operation, claim, this.count, judgeAll, new Set([node])));
  }

  /**
   * Raises the counters of a quorum to a fencing token that was granted to the same owner since.
   * @returns why that failed; null: it is done
   */
  async raise(claim: Claim, ttl: number, fencingToken: number): Promise<FailedAttempt | null> {
    const startedAt = this.#runtime.now();
    const operation = extend(claim.keys, claim.token, ttl, fencingToken);
    const ballot = new Ballot(operation, claim, this.count, judgeWriteBack(0, this.size));
    this.#batches.submit(ballot);
    const verdict = (await ballot.verdict) ?? 'unconfirmed';
    if (verdict === 'written') return null;
    return { granted: false, verdict, responses: ballot.responses, startedAt };
  }

  /**
   * Ends a claim, and releases it on all nodes; an adoption that was canceled is undone. Never rejects.
   * @returns whether a quorum confirms that it held the token until now
   */
  async release(claim: Claim, terms: ReleaseTerms = {}): Promise<boolean> {
    claim.over = true;
    if (claim.adoptedFrom === null) return (await this.#askToRelease(claim, terms)) ?? false;
    await this.#withdrawals.restore(claim);
    return false;
  }

  #askToRelease(claim: Claim, terms: ReleaseTerms): Promise<boolean | null> {
    const { queue = null, keepFor = 0, decidedBy = 'quorum', onVotes } = terms;
    const now = this.#runtime.now();
    if (keepFor > 0) {
      this.noteTtl(keepFor);
      // The keys are left to a token that no client has, so that no late command finds them to be ours and keeps them longer.
      claim.kept = { token: this.#newToken(), until: now + keepFor };
    }
    const successor = successorOf(claim, -1, now);
    const operation = release(claim.keys, claim.token, claim.ttl, queue, successor);
    const judge = decidedBy === 'all' ? judgeReleaseByAll : judgeRelease;
    const ballot = new Ballot(operation, claim, this.count, judge);
    if (onVotes) ballot.observe = onVotes;
    this.#batches.submit(ballot);
    return ballot.verdict;
  }

  /** Removes entries from the queues of keys, and notifies the next. No caller waits for that. */
  leave(keys: LockKeys, leaving: Leaving): void {
    const operation = release(keys, this.#newToken(), Infinity, leaving);
    this.#batches.submit(new Ballot(operation, null, this.count, judgeAll));
  }

  /**
   * Asks every node for the state of a key.
   * @param signal ends that at once, with the votes so far
   */
  async inspect(keys: LockKeys, signal?: AbortSignal): Promise<readonly Response[]> {
    const ballot = new Ballot(inspect(keys), null, this.count, judgeAll);
    this.#batches.submit(ballot);
    await (signal === undefined ? ballot.verdict : ballot.decided(signal));
    return ballot.responses;
  }

  /** Lets no request wait for connections any more. */
  stopConnecting(): void {
    for (const link of this.#links) link.stopConnecting();
  }

  /**
   * Resolves when a quorum of nodes is connected and identified, when the limit has passed, or when the Redlock is closed.
   * Then nothing waits any more, provided that the caller ends the limit.
   */
  connected(limit: Pause): Promise<void> {
    let connected = 0;
    return new Promise((resolve) => {
      for (const link of this.#links) {
        void link.connected(limit).then(() => {
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
    const now = this.#runtime.now();
    return this.#links.map(({ index, node, fault }) => ({
      index,
      node: node.name,
      reading: fault ?? { vote: 'granted', detail: undefined },
      duration: now - start,
      connection: -1,
      sentAt: now,
    }));
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()));
  }
}

function judgeReleaseByAll(tally: Parameters<typeof judgeRelease>[0]): boolean | undefined {
  return judgeAll(tally) && judgeRelease(tally);
}
