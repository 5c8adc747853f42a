import type { Claim } from '../protocol/claim.js';
import { release, type Operation, type Successor } from '../protocol/operations.js';
import type { Runtime, Timer } from '../time/runtime.js';

/** The shortest and the longest pause before releases that failed are sent again, in ms. */
const MIN_PAUSE = 50;
const MAX_PAUSE = 2000;

/** How many releases one command has at most. */
const MAX_RELEASES = 128;

/**
 * The releases that one node is still to be sent: of claims that are over, and of which the node may have something, or
 * may still be sent something by an old connection (docs/decisions/clean-up-by-debts.md).
 *
 * Invariant: each of them is sent when the node is next ready. One that fails with an error is sent again after growing
 * pauses, until its keys have expired.
 */
export class PendingReleases {
  readonly #runtime: Runtime;
  readonly #onDue: () => void;
  readonly #pending = new Set<Claim>();
  #pause = 0;
  #timer: Timer | null = null;
  /** The server has answered the latest release with an error: until the pause is over, only one is tried. */
  #refused = false;

  /** @param onDue is called when a pause is over, to send what {@link take} gives */
  constructor(runtime: Runtime, onDue: () => void) {
    this.#runtime = runtime;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** A release is due, however late it can be sent. */
  add(claim: Claim): void {
    this.#pending.add(claim);
  }

  /** A release could not be written, or nobody answered it. */
  retry(claim: Claim): void {
    this.#pending.add(claim);
    this.#begin();
  }

  /** The server has answered a release with an error. It is dropped when its keys have expired. */
  refused(claim: Claim): void {
    const now = this.#runtime.now();
    claim.expiredBy ??= Math.max(now + claim.ttl, claim.kept?.until ?? 0);
    this.#refused = true;
    this.retry(claim);
  }

  /** A release was executed, or there is a new connection: none needs to wait. */
  unblock(): void {
    this.#refused = false;
    this.#pause = 0;
    this.#stop();
  }

  /** The releases to send now. While the server refuses them, only one after each pause. */
  take(): Claim[] {
    if (this.#refused && this.#timer) return [];
    const now = this.#runtime.now();
    const taken: Claim[] = [];
    for (const claim of this.#pending) {
      if (taken.length === (this.#refused ? 1 : MAX_RELEASES)) break;
      this.#pending.delete(claim);
      if ((claim.expiredBy ?? Infinity) > now) taken.push(claim);
    }
    return taken;
  }

  /** Lets no timer run any more. What is pending stays, and is sent on the next connection. */
  close(): void {
    this.#stop();
  }

  #begin(): void {
    if (this.#timer) return;
    this.#pause = Math.min(Math.max(2 * this.#pause, MIN_PAUSE), MAX_PAUSE);
    this.#timer = this.#runtime.setTimeout(() => {
      this.#timer = null;
      this.#onDue();
      if (this.#pending.size > 0) this.#begin();
    }, this.#pause);
    this.#timer.unref();
  }

  #stop(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/**
 * A release of a claim that is sent late. It names no queue: the claim's ticket may be somebody else's by now.
 * @param node the node's position
 * @param now on the monotonic clock
 */
export function lateRelease(claim: Claim, node: number, now: number): Operation {
  const { keys, token, ttl } = claim;
  return release(keys, token, ttl, null, successorOf(claim, node, now));
}

/** What a release leaves in the keys; null: nothing. */
export function successorOf(
  { adoptedFrom, adoptedExpiry, kept }: Claim,
  node: number,
  now: number,
): Successor | null {
  if (adoptedFrom !== null) {
    const at = adoptedExpiry?.get(node);
    return { token: adoptedFrom, until: at === undefined ? 'unchanged' : { at } };
  }
  const ms = kept ? Math.ceil(kept.until - now) : 0;
  return kept && ms > 0 ? { token: kept.token, until: { ms } } : null;
}
