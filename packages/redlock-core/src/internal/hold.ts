import type { Claim } from '../protocol/operations.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Response } from '../quorum/response.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import { parseTtl, type Validity } from '../time/validity.js';
import { Tally, type Asked, type Tell } from './tally.js';

/**
 * What an extension came to. `taken`: so many nodes say that the token is not there that no quorum is left. `unreachable`:
 * too few nodes answered; another try may succeed. `expired`: validity had ended, or ended meanwhile.
 */
export type ExtensionOutcome = 'extended' | 'taken' | 'unreachable' | 'expired';

/**
 * What a release came to. `released`: a quorum confirms that it held the token until now. `taken`: so many nodes say that
 * the token is not there that no quorum is left. `unreachable`: too few nodes answered; they get the release later, and
 * another try may confirm it.
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
  async extend(ttl: number, driftFactor: number, tell?: Tell): Promise<Asked<ExtensionOutcome>> {
    parseTtl(ttl, driftFactor);
    await this.#connecting(this.remaining() * CONNECTING_FRACTION);
    if (this.remaining() === 0) return { outcome: 'expired', votes: Promise.resolve([]) };
    const { quorum, runtime } = this.#services;
    const { votes, onVotes } = new Tally(quorum.count, tell);
    const { verdict, validity } = await quorum.extend(this.#claim, ttl, onVotes).result;
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
  async release(tell?: Tell): Promise<Asked<ReleaseOutcome>> {
    const wasValid = this.remaining() > 0;
    const { quorum } = this.#services;
    this.#isReleased = true;
    // The claim is over only when its release is queued: a link that reads the reply to an extension meanwhile would send
    // a release of its own, and the vote on this one would be that the token is not there.
    await this.#connecting(MAX_CONNECTING);
    const tally = new Tally(quorum.count, tell);
    const outcome = await new Promise<ReleaseOutcome>((resolve) => {
      const onVotes = (response: Response): void => {
        tally.onVotes(this.#asFreed(response));
        const decided = judgeRelease(tally.responses, quorum);
        if (decided) resolve(decided);
      };
      void quorum.release(this.#claim, { onVotes });
    });
    if (wasValid && outcome === 'taken') this.#taken = true;
    return { outcome, votes: tally.votes };
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

/** Decides as early as the votes allow. */
function judgeRelease(
  responses: readonly Response[],
  { size, count }: Quorum,
): ReleaseOutcome | undefined {
  const granted = responses.filter(({ reading }) => reading.vote === 'granted').length;
  const denied = responses.filter(({ reading }) => reading.vote === 'denied').length;
  const pending = count - responses.length;
  if (granted >= size) return 'released';
  if (denied > count - size) return 'taken';
  const isOpen = granted + pending >= size || denied + pending > count - size;
  return isOpen ? undefined : 'unreachable';
}
