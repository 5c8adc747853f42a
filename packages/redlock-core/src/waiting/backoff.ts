import type { Request } from '../attempt/request.js';
import { defaultTimeout } from '../node/deadlines/node-timeout.js';
import { roundTripOf, type Response } from '../node/response.js';
import type { Runtime } from '../time/runtime.js';
import type { ReleaseListener } from './release-listener.js';

/** The interval of the fallback poll grows to this many times `retryDelay` while releases are heard. */
const POLL_DELAYS_LIMIT = 10;

/** The most contenders assumed when retries are spread out. */
const CONTENDER_LIMIT = 4;

/** How long a waiter pauses before it asks the nodes again: the longer, the more often it has asked in vain. */
export class Backoff {
  readonly #request: Request;
  readonly #runtime: Runtime;
  /** How many polls there were in a row. */
  #polls = 0;
  /** How often the waiter was woken because a quorum seemed free. */
  #wakeUps = 0;

  constructor(request: Request, runtime: Runtime) {
    this.#request = request;
    this.#runtime = runtime;
  }

  /**
   * The time until the next poll, in ms. Polls are rare while releases are heard; otherwise they come as often as the
   * caller wants.
   */
  pollDelay(releases: ReleaseListener): number {
    const { retryDelay, retryJitter, ttl } = this.#request;
    const jitter = this.#runtime.random() * retryJitter;
    if (releases.hearsQuorum) {
      return retryDelay * Math.min(2 ** this.#polls, POLL_DELAYS_LIMIT) + jitter;
    }
    // A release between the last try and the subscription was not heard, so the first poll comes early.
    const settling = this.#polls === 0 && releases.listens;
    return settling ? Math.min(retryDelay, defaultTimeout(ttl)) + jitter : retryDelay + jitter;
  }

  /** The waiter polls, because it was not woken. */
  polling(): void {
    this.#polls++;
  }

  /**
   * The time, in ms, from a wake-up because a quorum seems free until the waiter asks again. Others were woken at the
   * same moment, and all of them would split the votes. A random pause makes one of them first. The more contenders there
   * seem to be, the longer the pauses must spread.
   * @param responses to the last attempt
   */
  wakeUpDelay(responses: readonly Response[]): number {
    this.#polls = 0;
    const contenders = Math.min(++this.#wakeUps, CONTENDER_LIMIT);
    return this.#runtime.random() * contenders * roundTripOf(responses);
  }
}
