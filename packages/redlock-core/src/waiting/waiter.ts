import type { Refused } from '../attempt/attempt.js';
import type { Cancellation } from '../attempt/cancellation.js';
import { isBusy } from '../attempt/refusal.js';
import { Backoff } from './backoff.js';
import { requestError, type OwnerRequest } from './own-holder.js';
import { ReleaseListener, type ReleaseSource } from './release-listener.js';
import { Sleep } from './sleep.js';
import { WaiterEntry } from './waiter-entry.js';
import type { WaitingLines } from './waiting-lines.js';

/** Reported when `wait` ends before this caller could ask the nodes at all. */
const HELD_HERE: Refused = { granted: false, refusal: 'held', responses: [] };

/** Everything that the waiters of one Redlock share. */
export interface WaiterServices extends ReleaseSource {
  readonly lines: WaitingLines;
  readonly cancellation: Cancellation;
}

/**
 * A call that waits for a lock. It stands in line with other callers of this process. At the head of the line it waits
 * for a release, for the end of the holder's ttl or for the next poll, whichever is first.
 */
export class Waiter {
  readonly #services: WaiterServices;
  readonly #request: OwnerRequest;
  readonly #deadline: number;
  readonly #sleep: Sleep;
  readonly #entry: WaiterEntry;
  readonly #releases: ReleaseListener;
  #backoff: Backoff | null = null;
  /** The latest attempt of this waiter. */
  #latest: Refused | null = null;

  constructor(services: WaiterServices, request: OwnerRequest) {
    this.#services = services;
    this.#request = request;
    this.#deadline = services.runtime.now() + request.wait;
    this.#sleep = new Sleep(services.cancellation, request);
    this.#entry = new WaiterEntry(services.lines, request.resources, this.#sleep);
    this.#releases = new ReleaseListener(services, request, this.#entry);
  }

  /** Whether the waiter may ask the nodes now. That may change in the next microtask. */
  get isTurn(): boolean {
    return this.#entry.isTurn;
  }

  /** Resolves when it may be this waiter's turn. Rejects if `wait` is over before that. */
  async turn(): Promise<void> {
    const left = this.#deadline - this.#services.runtime.now();
    // If there is no answer yet that an error could tell, the attempt that is under way is waited for.
    if (left <= 0 && this.#answer) throw this.#errorOf(this.#answer);
    await this.#sleep.pause(left > 0 ? left : Infinity);
    if (this.isTurn && this.#services.runtime.now() >= this.#deadline) {
      throw this.#errorOf(this.#answer ?? HELD_HERE);
    }
  }

  /** The waiter is about to ask the nodes. */
  asking(): void {
    this.#entry.asking();
    this.#releases.asking();
  }

  /** Resolves when it is worth asking again. Rejects if `wait` is over before that. */
  async refused(refused: Refused): Promise<void> {
    const { runtime } = this.#services;
    const backoff = (this.#backoff ??= new Backoff(this.#request, runtime));
    this.#latest = refused;
    this.#entry.refused(refused);
    if (isBusy(refused) && this.isTurn) this.#releases.listen();
    this.#releases.refused(refused);
    const pollAt = runtime.now() + backoff.pollDelay(this.#releases);
    let slept = false;
    for (;;) {
      const now = runtime.now();
      if (now >= this.#deadline) throw this.#errorOf(refused);
      const { freeAt } = this.#releases;
      if (freeAt > now) {
        this.#entry.standBehindHolder((resource) => this.#releases.isFree(resource, now));
      }
      if (this.#entry.isNext || !this.isTurn) return;
      const askAt = isBusy(refused) ? freeAt : Infinity;
      if (askAt <= now) break;
      // Sleep at least once: an attempt may fail without any wait, and without a sleep the event loop would never turn.
      if (now >= pollAt && slept) {
        backoff.polling();
        return;
      }
      await this.#sleep.pause(Math.max(Math.min(askAt, pollAt, this.#deadline) - now, 0));
      slept = true;
    }
    const delay = backoff.wakeUpDelay(refused.responses);
    await this.#sleep.pause(Math.min(delay, this.#deadline - runtime.now()));
  }

  leave(): void {
    this.#releases.close();
    this.#entry.leave();
  }

  /** The latest attempt of this waiter, or else the latest one of its line. */
  get #answer(): Refused | null {
    return this.#latest ?? this.#entry.latest;
  }

  #errorOf(refused: Refused) {
    return requestError(this.#services.lines, this.#request, refused);
  }
}
