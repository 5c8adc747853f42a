import { NOT_A_STRING } from '../protocol/token.js';
import type { Claim } from '../protocol/operations.js';
import type { Quorum } from '../quorum/quorum.js';
import { collectVotes, denialsIn, votesOf, type Response } from '../quorum/response.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import { parseTtl, type Validity } from '../time/validity.js';
import type { Vote } from '../vote.js';

/** One request to the nodes: its outcome and the votes on it. */
export interface Round<T> {
  readonly outcome: T;
  /**
   * The votes of all nodes, in their order. Resolves when every node has voted or has had its time, which may be later
   * than the outcome. Never rejects.
   */
  readonly votes: Promise<readonly Vote[]>;
}

/**
 * Is called with each vote as it comes in, also with those that come after the decision. The denial of a key that is not a
 * string has an error.
 * @param node the position of the node, from 0
 */
export type VoteListener = (vote: Vote, node: number) => void;

/**
 * What an extension came to. `taken`: too few nodes can still have the token for a quorum. `unreachable`:
 * too few nodes answered; another attempt may succeed. `expired`: validity had ended, or ended meanwhile.
 */
export type ExtensionOutcome = 'extended' | 'taken' | 'unreachable' | 'expired';

/**
 * What a release came to. `released`: a quorum confirms that it held the token until now. `taken`: too few nodes can
 * still have the token for a quorum. `unreachable`: too few nodes answered; they get the release later, and
 * another attempt may confirm it.
 */
export type ReleaseOutcome = 'released' | 'taken' | 'unreachable';

/** @internal */
export interface HoldServices {
  readonly quorum: Quorum;
  readonly runtime: Runtime;
}

/** How long an operation waits for connections, in ms; an extension, at most for this part of the validity. */
const MAX_CONNECTING = 1000;
const CONNECTING_FRACTION = 0.1;

/**
 * One token on its resources. It is extended and released only when its owner says so, because another process may have a
 * copy of it.
 */
export class Hold {
  readonly #services: HoldServices;
  readonly #claim: Claim;
  #validity: Validity;
  #taken = false;
  #isReleased = false;
  /** The nodes that an earlier release has freed, or may have. One that lacks the token then confirms that release. */
  readonly #freed = new Set<number>();

  /** @internal */
  constructor(services: HoldServices, claim: Claim, validity: Validity) {
    this.#services = services;
    this.#claim = claim;
    this.#validity = validity;
  }

  /** The value of the keys. */
  get token(): string {
    return this.#claim.token;
  }

  /** Whether an extension or a release has found, before validity ended, that the token is not there any more. */
  get isTaken(): boolean {
    return this.#taken;
  }

  /** The validity that is left, in ms; 0 if it has ended, or if the token was released or is taken. */
  remaining(): number {
    if (this.#isReleased || this.#taken) return 0;
    return Math.max(0, this.#validity.remaining(this.#services.runtime));
  }

  /**
   * Asks the nodes once to keep the keys for `ttl` from now. It never shortens what they have. A process that has just
   * begun waits a second at most for its connections first.
   * @param ttl in ms
   * @param driftFactor as in `RedlockOptions`
   * @throws TypeError, RangeError for a bad ttl
   */
  async extend(
    ttl: number,
    driftFactor: number,
    onVote?: VoteListener,
  ): Promise<Round<ExtensionOutcome>> {
    parseTtl(ttl, driftFactor);
    await this.#connecting(this.remaining() * CONNECTING_FRACTION);
    if (this.remaining() === 0) return { outcome: 'expired', votes: Promise.resolve([]) };
    const { quorum, runtime } = this.#services;
    const { votes, collect } = voteCollector(quorum.count, onVote);
    const { verdict, validity } = await quorum.extend(this.#claim, ttl, collect).result;
    if (this.remaining() === 0) return { outcome: 'expired', votes };
    if (verdict === 'not-held') {
      this.#taken = true;
      return { outcome: 'taken', votes };
    }
    if (verdict === 'extended') {
      this.#validity = this.#validity.orLater(validity.shortenedBy(driftFactor * ttl), runtime);
    }
    return { outcome: verdict, votes };
  }

  /**
   * Asks the nodes once to give the keys back. From here on, the token is never extended. A process that has just begun
   * waits a second at most for its connections first.
   */
  async release(onVote?: VoteListener): Promise<Round<ReleaseOutcome>> {
    const wasValid = this.remaining() > 0;
    const { quorum } = this.#services;
    this.#isReleased = true;
    // End the claim only when its release is queued. Otherwise a link that reads a reply to an extension would send
    // another release first, and the vote on this one would be that the token is missing.
    await this.#connecting(MAX_CONNECTING);
    const { votes, collect } = voteCollector(quorum.count, onVote);
    const counts = { granted: 0, denied: 0, failed: 0 };
    const outcome = await new Promise<ReleaseOutcome>((resolve) => {
      const onVotes = (given: Response): void => {
        const response = this.#asFreed(given);
        counts[response.reading.vote]++;
        collect(response);
        const decided = judgeRelease(counts, quorum);
        if (decided) resolve(decided);
      };
      void quorum.release(this.#claim, { onVotes });
    });
    if (wasValid && outcome === 'taken') this.#taken = true;
    return { outcome, votes };
  }

  /**
   * Waits until a quorum is connected. Otherwise a process that has just begun could extend nothing, and would not learn
   * what became of a release.
   */
  async #connecting(ms: number): Promise<void> {
    const { quorum, runtime } = this.#services;
    if (quorum.isReachable) return;
    const limit = new Pause(Math.min(ms, MAX_CONNECTING), runtime, []);
    await quorum.connected(limit);
    limit.end();
  }

  /** The response to a release, granted if the node lacks the token because of an earlier release. */
  #asFreed(response: Response): Response {
    const { index, reading } = response;
    if (reading.vote !== 'denied') {
      this.#freed.add(index);
      return response;
    }
    if (!this.#freed.has(index)) return response;
    return { ...response, reading: { vote: 'granted', detail: undefined } };
  }
}

/**
 * Passes votes on as they come in, and collects them until every node has voted.
 * @internal
 */
export function voteCollector(
  nodes: number,
  onVote?: VoteListener,
): { readonly votes: Round<unknown>['votes']; readonly collect: (response: Response) => void } {
  let complete!: (votes: readonly Vote[]) => void;
  const votes = new Promise<readonly Vote[]>((resolve) => (complete = resolve));
  const add = collectVotes(nodes, complete);
  const collect = (response: Response): void => {
    for (const vote of votesOf([response])) onVote?.(withReason(vote, response), response.index);
    add(response);
  };
  return { votes, collect };
}

const WRONG_TYPE = {
  name: 'ReplyError',
  code: 'WRONGTYPE',
  message: 'WRONGTYPE Operation against a key holding the wrong kind of value',
};

/** A key of another type denies, as any value of another client does. For the listener, the denial says so. */
function withReason(vote: Vote, response: Response): Vote {
  const isWrong = denialsIn(response).some(({ value }) => value === NOT_A_STRING);
  return isWrong ? { ...vote, error: WRONG_TYPE } : vote;
}

/** Decides as early as the votes allow. */
function judgeRelease(
  { granted, denied, failed }: Readonly<Record<Vote['result'], number>>,
  { size, count }: Quorum,
): ReleaseOutcome | undefined {
  const pending = count - granted - denied - failed;
  if (granted >= size) return 'released';
  if (denied > count - size) return 'taken';
  const isOpen = granted + pending >= size || denied + pending > count - size;
  return isOpen ? undefined : 'unreachable';
}
