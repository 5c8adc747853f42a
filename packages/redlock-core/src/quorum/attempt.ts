import type { NodeLink } from '../node/link.js';
import {
  Claim,
  acquire,
  adopt,
  extend,
  type Operation,
  type Ticketed,
} from '../protocol/operations.js';
import type { LockKeys } from '../protocol/keys.js';
import type { GrantDetail } from '../protocol/replies.js';
import type { Runtime } from '../time/runtime.js';
import { fullValidity, readClocks, Validity, type Instant } from '../time/validity.js';
import { Ballot } from './ballot.js';
import type { Batches } from './batches.js';
import type { Response } from './response.js';
import {
  judgeAcquire,
  judgeAll,
  judgeWriteBack,
  type AcquireVerdict,
  type WriteBackVerdict,
} from './verdict.js';
import type { Withdrawals } from './withdrawal.js';

/** What a lock is requested with. */
export interface AttemptTerms {
  readonly keys: LockKeys;
  readonly ttl: number;
  /** A fencing token above this one is proposed. */
  readonly above: number;
  /** The token of the lock that is taken over. */
  readonly adopts?: string | undefined;
  /** null: the caller has no ticket, and is behind all. */
  readonly queue: Ticketed | null;
  /** Connections are waited for until then, on the monotonic clock, and at most one node timeout longer. */
  readonly deadline: number;
  /** Ends the attempt at once. What nodes granted is released in the background. */
  readonly signal?: AbortSignal | undefined;
  /** Is called with each vote, also with those that come after the decision. */
  readonly onVotes?: ((response: Response) => void) | undefined;
}

export interface Granted {
  readonly granted: true;
  readonly claim: Claim;
  readonly validity: Validity;
  /** The token of the lock that was taken over. */
  readonly adopted?: string | undefined;
}

/**
 * Why an attempt failed. `locked`, `split`: see {@link AcquireVerdict}. `superseded`: a later grant has raised counters
 * above ours, or has taken keys. `unconfirmed`: too few nodes answered the write-back. `expired`: it took longer than the
 * ttl allows. `stale`: too many of the nodes that granted may have lost it since. `aborted`: by the caller.
 */
export type FailedVerdict =
  | Exclude<AcquireVerdict, 'granted'>
  | Exclude<WriteBackVerdict, 'written'>
  | 'expired'
  | 'stale'
  | 'aborted';

export interface FailedAttempt {
  readonly granted: false;
  readonly verdict: FailedVerdict;
  readonly responses: readonly Response[];
  /** On the monotonic clock. */
  readonly startedAt: number;
}

export type AttemptResult = Granted | FailedAttempt;

/** Whether others hold the resource or are ahead, as opposed to too many nodes that failed. */
export function isLocked({ verdict }: FailedAttempt): boolean {
  return verdict === 'locked' || verdict === 'split' || verdict === 'superseded';
}

export interface AttemptServices {
  readonly runtime: Runtime;
  readonly links: readonly NodeLink[];
  readonly batches: Batches;
  readonly withdrawals: Withdrawals;
  /** How many nodes must agree. */
  readonly size: number;
  readonly driftFactor: number;
  readonly newToken: () => string;
  /** How long an attempt may take, so that a loss of data on nodes is noticed, in ms. */
  readonly longestAttempt: number;
}

/** What an attempt was decided with, and the nodes on which it stands. */
interface Decision {
  readonly verdict: AcquireVerdict | WriteBackVerdict | null;
  readonly responses: readonly Response[];
  readonly footing: readonly Response[];
}

/** Makes attempts: each asks every node once, and leaves nothing on the nodes if it fails. */
export class Attempts {
  readonly #services: AttemptServices;

  constructor(services: AttemptServices) {
    this.#services = services;
  }

  async make(terms: AttemptTerms): Promise<AttemptResult> {
    const { runtime, links, withdrawals } = this.#services;
    const { keys, adopts, deadline, signal, onVotes } = terms;
    withdrawals.complete(keys);
    const start = readClocks(runtime);
    const claim = this.#claimFor(terms, start);
    const ballot = new Ballot(this.#operationFor(claim, terms), claim, links.length, judgeAcquire);
    ballot.patience = deadline - start.mono;
    if (onVotes) ballot.observe = onVotes;
    const verdict = await this.#ask(ballot, signal);
    // Perf: latency. Nearly always, all nodes have taken the proposal, and no vote needs to be looked at.
    const isPlain = verdict === 'granted' && ballot.isAlike && adopts === undefined;
    const granted = isPlain ? this.#grantedAlike(claim, ballot, start) : null;
    return granted ?? (await this.#decide(claim, ballot, verdict, terms, start));
  }

  #claimFor({ keys, ttl, adopts, queue }: AttemptTerms, { mono }: Instant): Claim {
    const claim = new Claim(keys, this.#services.newToken());
    // Adopted keys keep an expiry that is later than that of the adoption, and it is not known here.
    claim.ttl = adopts === undefined ? ttl : Infinity;
    claim.adoptedFrom = adopts ?? null;
    claim.ticket = queue?.ticket ?? null;
    claim.hasEntry = queue !== null && queue.entry !== null;
    claim.startedAt = mono;
    return claim;
  }

  #operationFor({ keys, token }: Claim, { ttl, above, adopts, queue }: AttemptTerms): Operation {
    const proposal = Math.max(this.#services.runtime.proposal(), above + 1);
    return adopts === undefined
      ? acquire(keys, token, ttl, proposal, queue)
      : adopt(keys, token, ttl, proposal, adopts);
  }

  #ask(
    ballot: Ballot<AcquireVerdict>,
    signal: AbortSignal | undefined,
  ): Promise<AcquireVerdict | null> {
    this.#services.batches.submit(ballot);
    return signal === undefined ? ballot.verdict : ballot.decided(signal);
  }

  /** @returns null: the grants are too old, and each is looked at */
  #grantedAlike(claim: Claim, { operation }: Ballot, start: Instant): Granted | null {
    const { runtime, driftFactor, longestAttempt } = this.#services;
    claim.fencingToken = operation.fence;
    const now = readClocks(runtime);
    const validity = Validity.since(start, fullValidity(operation.ttl, driftFactor));
    const elapsed = Math.max(now.mono - start.mono, now.wall - start.wall);
    if (validity.remainingAt(now) <= 0 || elapsed > longestAttempt) return null;
    return { granted: true, claim, validity };
  }

  /** Reads the votes of an attempt, brings one fencing token to a quorum, and withdraws the attempt if it has failed. */
  async #decide(
    claim: Claim,
    ballot: Ballot<AcquireVerdict>,
    decided: AcquireVerdict | null,
    { keys, ttl, adopts }: AttemptTerms,
    asked: Instant,
  ): Promise<AttemptResult> {
    const { runtime, driftFactor, size } = this.#services;
    let start = asked;
    let outcome: Decision = { verdict: decided, responses: ballot.responses, footing: [] };
    if (decided === 'granted') {
      const granted = ballot.responses.filter(isGrant);
      claim.fencingToken = Math.max(...granted.map(counterOf));
      const agreed = granted.filter((response) => counterOf(response) === claim.fencingToken);
      const asIs = { ...outcome, footing: agreed };
      start = adopts === undefined ? start : readClocks(runtime);
      if (adopts !== undefined) outcome = await this.#writeBack(claim, ttl, asIs, []);
      else outcome = agreed.length < size ? await this.#writeBack(claim, ttl, asIs, agreed) : asIs;
    }
    const { verdict, responses, footing } = outcome;
    let failed: FailedVerdict;
    if (verdict === 'granted' || verdict === 'written') {
      const now = readClocks(runtime);
      const validity = Validity.since(start, fullValidity(ttl, driftFactor));
      if (validity.remainingAt(now) <= 0) failed = 'expired';
      else if (this.#countValid(footing, start, now) < size) failed = 'stale';
      // A counter that a node has lost is set by a write-back, so here none has it.
      else if (keys.fenced && claim.fencingToken === 0) failed = 'stale';
      else {
        claim.adoptedFrom = null;
        if (adopts !== undefined) this.#extendOnRest(claim, ttl, ballot);
        return { granted: true, claim, validity, adopted: adopts };
      }
    } else failed = verdict ?? 'aborted';
    const withdrawn = this.#services.withdrawals.withdraw(claim, ballot, decided === 'granted');
    // What nodes hold keeps others out, so the caller goes on when those that granted have released it.
    if (failed !== 'aborted') await withdrawn;
    return { granted: false, verdict: failed, responses, startedAt: start.mono };
  }

  /**
   * Brings one fencing token to a quorum: writes the highest counter back to the nodes whose counters differ, unless a
   * later grant has raised theirs above it (docs/decisions.md#write-back). A node whose grant is still under way may
   * acknowledge too, because the write-back follows the grant on the same connection.
   * @param agreed the grants of nodes whose counter it is already
   */
  async #writeBack(
    claim: Claim,
    ttl: number,
    { responses }: Decision,
    agreed: readonly Response[],
  ): Promise<Decision> {
    const { links, batches, size } = this.#services;
    const { keys, token, fencingToken, adoptedFrom } = claim;
    const settled = responses.filter(
      (each) => each.reading.vote !== 'granted' || agreed.includes(each),
    );
    const voted = new Set(responses.map(({ index }) => index));
    const without = new Set(settled.map(({ index }) => index));
    // A node that has not answered an adoption must keep the expiry of the adopted lock.
    const only = new Set(
      links
        .map(({ index }) => index)
        .filter((index) => !without.has(index) && (adoptedFrom === null || voted.has(index))),
    );
    const judge = judgeWriteBack(agreed.length, size);
    const operation = extend(keys, token, ttl, fencingToken);
    const ballot = new Ballot(operation, claim, links.length, judge, only);
    batches.submit(ballot);
    const verdict = await ballot.verdict;
    const acknowledged = ballot.responses;
    const grants = [...agreed, ...acknowledged.filter(isGrant)];
    // If a node's grant was still under way when it acknowledged, the acknowledgement stands for the grant.
    const footing = grants.map(
      (grant) => responses.find(({ index }) => index === grant.index) ?? grant,
    );
    return { verdict, responses: [...settled, ...acknowledged], footing };
  }

  /** Extends an adopted lock also on nodes that answered too late for the write-back. No caller waits for that. */
  #extendOnRest(claim: Claim, ttl: number, ballot: Ballot<AcquireVerdict>): void {
    const { links, batches } = this.#services;
    const { keys, token, fencingToken } = claim;
    const written = new Set(ballot.responses.map(({ index }) => index));
    const extendLate = (response: Response): void => {
      if (!isGrant(response) || written.has(response.index) || claim.over) return;
      const operation = extend(keys, token, ttl, fencingToken);
      const only = new Set([response.index]);
      batches.submit(new Ballot(operation, claim, links.length, judgeAll, only));
    };
    for (const response of ballot.latest) extendLate(response);
    ballot.observe = extendLate;
  }

  /**
   * How many grants still count. A grant counts no more if the node may have lost it since, as far as is known, or if
   * it is so old that this would not have been noticed (docs/decisions.md#no-second-vote).
   */
  #countValid(grants: readonly Response[], start: Instant, now: Instant): number {
    const { links, longestAttempt } = this.#services;
    // How long the monotonic clock stopped, as it may while a machine is suspended.
    const stoodFor = Math.max(now.wall - start.wall - (now.mono - start.mono), 0);
    const earliest = now.mono + stoodFor - longestAttempt;
    let count = 0;
    for (const { index, connection, sentAt } of grants) {
      if (sentAt >= earliest && links[index]?.stillCounts(connection)) count++;
    }
    return count;
  }
}

function isGrant({ reading }: Response): boolean {
  return reading.vote === 'granted';
}

function counterOf({ reading }: Response): number {
  return reading.vote === 'granted' && typeof reading.detail === 'object'
    ? (reading.detail as GrantDetail).counter
    : -1;
}
