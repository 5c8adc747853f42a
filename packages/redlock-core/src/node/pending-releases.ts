import { type Claim, release, type Operation, type Successor } from '../protocol/operations.js';
import type { GrantDetail, Reading } from '../protocol/replies.js';
import type { Runtime, Timer } from '../time/runtime.js';
import { NOT_SENT } from './failures.js';
import type { Asked, Request } from './request.js';

/** The shortest and the longest pause before releases that failed are sent again, in ms. */
const MIN_PAUSE = 50;
const MAX_PAUSE = 2000;

/** How many releases one command has at most. */
const MAX_RELEASES = 128;

/**
 * Sees to it that nothing that was written to one node outlives its claim: keeps the releases that are still to be sent
 * there, of claims that are over, and of which the node has something, or may still be given something by a command that
 * has not been answered (docs/decisions.md#pending-releases).
 *
 * Invariant: each of them is sent when the node is next ready. One that fails with an error is sent again after growing
 * pauses, until its keys have expired.
 */
export class PendingReleases {
  readonly #node: number;
  readonly #isCluster: boolean;
  readonly #runtime: Runtime;
  readonly #onDue: () => void;
  readonly #pending = new Set<Claim>();
  /** Those that could not be sent, or that were not answered: they are pending again when the pause has ended. */
  readonly #paused = new Set<Claim>();
  /**
   * Claims of which a command was not answered on the connection on which it was written, with the first such connection.
   * A copy of it may be executed behind every release so far, so another release follows on the next connection. Once a
   * release is answered on that very connection, the command was executed ahead of it, or never will be.
   */
  readonly #uncertain = new Map<Claim, number>();
  #pause = 0;
  #timer: Timer | null = null;
  /** The server has answered the latest release with an error: until the pause has ended, only one is tried. */
  #refused = false;

  /**
   * @param node the node's position
   * @param onDue is called when a pause has ended, to send what {@link take} gives
   */
  constructor(node: number, isCluster: boolean, runtime: Runtime, onDue: () => void) {
    this.#node = node;
    this.#isCluster = isCluster;
    this.#runtime = runtime;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#pending.size + this.#paused.size;
  }

  /**
   * A release could not be written, was not answered, or was refused. It is sent again after a pause: a client may reject
   * commands at once although its connection stays. If the keys expire before that, there is nothing left to release.
   */
  retry(claim: Claim): void {
    claim.expiredBy ??= this.#endOf(claim);
    this.#paused.add(claim);
    this.#begin();
  }

  /**
   * Learns what became of an operation.
   * @param reading `undefined`: it was done
   * @param isCertain whether the node has answered on the connection on which the command was written
   */
  settle(
    { operation, claim }: Asked,
    reading: Reading | undefined,
    isCertain: boolean,
    connection: number,
  ): void {
    if (!claim) return;
    if (operation.adopts !== null) this.#noteExpiry(claim, reading);
    const hasFailed = reading?.vote === 'failed' && reading !== NOT_SENT;
    if (operation.verb === 'release') {
      if (!isCertain) this.retry(claim);
      else if (hasFailed) {
        this.#refused = true;
        this.retry(claim);
      } else {
        claim.releaseAnswered |= 1 << this.#node;
        if (this.#uncertain.get(claim) === connection && !this.#isCluster) {
          this.#uncertain.delete(claim);
        }
        this.unblock();
      }
      return;
    }
    if (!isCertain) this.#uncertain.set(claim, this.#uncertain.get(claim) ?? connection);
    // The node answers, so what it was not sent before can follow.
    else if (!hasFailed && !this.#refused) this.#resume();
    if (!claim.over) return;
    // A vote that does not count has set the key nevertheless.
    const mayHold = reading === undefined || reading.vote === 'granted' || hasFailed;
    const isUndone = isCertain && (!mayHold || this.#isReleasedBehind(claim, connection));
    if (isUndone) return;
    // A server that was stopped has executed the command just now, so its keys expire only after their full ttl.
    if (claim.expiredBy !== null) claim.expiredBy = this.#endOf(claim);
    this.#pending.add(claim);
  }

  /** A command is not waited for any more: claims in it that are over are released behind it. */
  giveUp({ asked }: Request, connection: number): void {
    for (const { claim, operation } of asked) {
      if (!claim?.over || operation.verb === 'release') continue;
      if (!this.#isReleasedBehind(claim, connection)) this.#pending.add(claim);
    }
  }

  /** There is a new connection. Commands of the former one may be executed late, or the client sends them again. */
  reconnected(unsettled: readonly { readonly request: Request }[]): void {
    this.unblock();
    for (const { request } of unsettled) {
      for (const { claim } of request.asked) if (claim?.over) this.#pending.add(claim);
    }
    for (const claim of this.#uncertain.keys()) {
      if (!claim.over) continue;
      this.#uncertain.delete(claim);
      this.#pending.add(claim);
    }
  }

  /** A release was executed, or may be executed: none needs to wait. */
  unblock(): void {
    this.#refused = false;
    this.#pause = 0;
    this.#stop();
    this.#resume();
  }

  /** The releases to send now. While the server refuses them, only one after each pause. */
  take(): Claim[] {
    if (this.#refused && this.#timer) return [];
    const now = this.#runtime.now();
    const taken: Claim[] = [];
    for (const claim of this.#pending) {
      if (taken.length === (this.#refused ? 1 : MAX_RELEASES)) break;
      this.#pending.delete(claim);
      if (!this.#hasEnded(claim, now)) taken.push(claim);
    }
    return taken;
  }

  /** Stops the timer. Pending releases are kept, and sent on the next connection. */
  close(): void {
    this.#stop();
  }

  /** A release is sent on a connection. */
  sent(claim: Claim, connection: number): void {
    const released = [...claim.releaseWrittenOn];
    released[this.#node] = connection;
    claim.releaseWrittenOn = released;
  }

  /** Puts back what was taken, and could not be sent. */
  putBack(claims: readonly Claim[]): void {
    for (const claim of claims) this.#pending.add(claim);
  }

  /** When the keys of a claim will have expired, if nothing more is executed for it. */
  #endOf({ ttl, kept }: Claim): number {
    return Math.max(this.#runtime.now() + ttl, kept?.until ?? 0);
  }

  /** Whether the keys of a claim have expired by themselves, and no copy of a command can set them again. */
  #hasEnded(claim: Claim, now: number): boolean {
    return (claim.expiredBy ?? Infinity) <= now && !this.#uncertain.has(claim);
  }

  /** Whether a release is or will be written behind the claim's other commands, and is executed behind them. */
  #isReleasedBehind(claim: Claim, connection: number): boolean {
    if (claim.isReleaseQueued) return true;
    const isAnswered = (claim.releaseAnswered & (1 << this.#node)) !== 0;
    return claim.releaseWrittenOn[this.#node] === connection && !isAnswered && !this.#isCluster;
  }

  /** An adoption that fails gives each node back the expiry that it had. */
  #noteExpiry(claim: Claim, reading: Reading | undefined): void {
    if (reading?.vote !== 'granted') return;
    const { expiresAt } = reading.detail as GrantDetail;
    if (expiresAt === undefined) return;
    claim.adoptedExpiry ??= new Map();
    claim.adoptedExpiry.set(this.#node, expiresAt);
  }

  #begin(): void {
    if (this.#timer) return;
    this.#pause = Math.min(Math.max(2 * this.#pause, MIN_PAUSE), MAX_PAUSE);
    this.#timer = this.#runtime.setTimeout(() => {
      this.#timer = null;
      this.#resume();
      const now = this.#runtime.now();
      for (const claim of this.#pending)
        if (this.#hasEnded(claim, now)) this.#pending.delete(claim);
      this.#onDue();
      if (this.size > 0) this.#begin();
    }, this.#pause);
    this.#timer.unref();
  }

  #resume(): void {
    if (this.#paused.size === 0) return;
    for (const claim of this.#paused) this.#pending.add(claim);
    this.#paused.clear();
  }

  #stop(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/**
 * A release of a claim that is sent late. It names no queue: the claim's ticket may belong to another lock by now.
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
