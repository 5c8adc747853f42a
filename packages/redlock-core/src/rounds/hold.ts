import { Extension, type RoundServices } from '../lock/extension.js';
import { hasFreed } from '../node/cleanup/ledger.js';
import type { Response } from '../node/response.js';
import type { Claim } from '../protocol/claim.js';
import { release } from '../protocol/operation.js';
import { judgeRelease } from '../quorum/verdict.js';
import { parseTtl } from '../settings/ttl.js';
import { Pause } from '../time/pause.js';
import type { Validity } from '../time/validity.js';
import type { Asked, Tell } from './asked.js';
import { Tally } from './tally.js';

/**
 * What an extension came to. `taken`: so many nodes say that the token is not ours that no quorum is left. `unreachable`:
 * too few nodes answered; another try may succeed. `expired`: validity had ended, or ended meanwhile.
 */
export type ExtensionOutcome = 'extended' | 'taken' | 'unreachable' | 'expired';

/**
 * What a release came to. `released`: a quorum confirms that it held the token until now. `taken`: so many nodes say that
 * the token is not ours that no quorum is left. `unreachable`: too few nodes answered; they are owed the release, and
 * another try may confirm it.
 */
export type ReleaseOutcome = 'released' | 'taken' | 'unreachable';

/** How long an operation waits for connections, in ms; an extension, at most for this part of the validity. */
const LONGEST_CONNECTING = 1000;
const CONNECTING_FRACTION = 0.1;

/** One token on its resources. It is extended and released only when its owner says so. */
export class Hold {
  readonly #services: Omit<RoundServices, 'driftFactor'>;
  readonly #claim: Claim;
  #validity: Validity;
  #ttl: number;
  #taken = false;

  /**
   * @param ttl the latest one, in ms
   * @internal
   */
  constructor(
    services: Omit<RoundServices, 'driftFactor'>,
    claim: Claim,
    validity: Validity,
    ttl: number,
  ) {
    this.#services = services;
    this.#claim = claim;
    this.#validity = validity;
    this.#ttl = ttl;
  }

  /** The value of the keys. */
  get token(): string {
    return this.#claim.token;
  }

  /** Whether an extension or a release has found, before validity ended, that the token is not ours any more. */
  get isTaken(): boolean {
    return this.#taken;
  }

  /** The validity that is left, in ms; 0 if it has ended, or if the token was released or is taken. */
  remaining(): number {
    if (this.#claim.over) return 0;
    return Math.max(0, this.#validity.remaining(this.#services.runtime));
  }

  /**
   * Asks the nodes once to keep the keys for `ttl` from now. It never shortens what they have. A hold that is taken or
   * expires meanwhile is released on all nodes, because they may have extended it. A process that has just begun waits a
   * second at most for its connections first.
   * @param ttl in ms
   * @param driftFactor as in `RedlockOptions`
   * @throws TypeError, RangeError for a bad ttl
   */
  async extend(ttl: number, driftFactor: number, tell?: Tell): Promise<Asked<ExtensionOutcome>> {
    parseTtl(ttl, driftFactor);
    if (this.remaining() === 0) return { outcome: 'expired', votes: Promise.resolve([]) };
    await this.#connecting(this.remaining() * CONNECTING_FRACTION);
    const claim = this.#claim;
    const { runtime, quorum } = this.#services;
    const tally = new Tally(quorum.nodes, tell);
    const lease = { claim, isOver: false };
    const extension = new Extension({ ...this.#services, driftFactor }, lease, ttl);
    const { decision } = await extension.ask((response) => tally.count(response));
    const { votes } = tally;
    const isExpired = this.remaining() === 0;
    if (isExpired || decision === 'taken') {
      lease.isOver = true;
      this.#taken = !isExpired;
      void this.#withdraw();
      return { outcome: isExpired ? 'expired' : decision, votes };
    }
    if (decision === 'extended') {
      this.#validity = this.#validity.orLater(extension.validity, runtime);
      this.#ttl = ttl;
      extension.heal();
    }
    return { outcome: decision, votes };
  }

  /**
   * Asks the nodes once to give the keys back. From here on, the token is never extended. A process that has just begun
   * waits a second at most for its connections first.
   */
  async release(tell?: Tell): Promise<Asked<ReleaseOutcome>> {
    const wasValid = this.remaining() > 0;
    this.#claim.over = true;
    await this.#connecting(LONGEST_CONNECTING);
    const tally = new Tally(this.#services.quorum.nodes, tell);
    const outcome = await this.#withdraw((response) => tally.count(response));
    if (wasValid && outcome === 'taken') this.#taken = true;
    return { outcome, votes: tally.votes };
  }

  /**
   * Waits until a quorum is connected. Otherwise a process that has just begun could extend nothing, and would not learn
   * what became of a release.
   */
  async #connecting(ms: number): Promise<void> {
    const { quorum, runtime } = this.#services;
    if (quorum.isWithinReach) return;
    const limit = new Pause(Math.min(ms, LONGEST_CONNECTING), runtime, []);
    await Promise.race([quorum.connected(), limit.over]);
    limit.end();
  }

  async #withdraw(observe: (response: Response<void>) => void = () => {}): Promise<ReleaseOutcome> {
    const { quorum } = this.#services;
    this.#claim.over = true;
    const { decision, responses } = await quorum.ask(
      release(this.#claim, this.#ttl),
      (votes, nodes) => judgeRelease(votes.map(this.#asFreed), nodes),
      {
        observe: (response) => observe(this.#asFreed(response)),
      },
    );
    if (decision) return 'released';
    const denials = responses.map(this.#asFreed).filter(({ vote }) => vote === 'denied');
    return denials.length > quorum.nodes - quorum.size ? 'taken' : 'unreachable';
  }

  /** The response, granted if its node has released the token before, asked by an earlier try or by the clean-up. */
  readonly #asFreed = (response: Response): Response<void> => ({
    ...response,
    vote:
      response.vote === 'denied' && hasFreed(this.#claim, response.index)
        ? 'granted'
        : response.vote,
    detail: undefined,
  });
}
