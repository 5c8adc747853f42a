import type { Response } from '../node/response.js';
import type { Claim } from '../protocol/claim.js';
import { release } from '../protocol/operation.js';
import type { GrantDetail } from '../protocol/reading.js';
import type { Quorum } from '../quorum/quorum.js';
import { isAwaited } from './refusal.js';

/**
 * The release of a waiter's failed attempt on the nodes that have denied it. It is sent before the waiter's next command
 * to them, and shares a command with that.
 *
 * Perf: commands a lock, under contention. Every failed attempt is released on every node. A node that has denied it
 * holds nothing of it, so that release can wait.
 */
export class DeferredRelease {
  #claim: Claim | null = null;
  /** The nodes that have denied the attempt. */
  #nodes: ReadonlySet<number> = new Set();

  /** @param responses to the attempt */
  defer(claim: Claim, responses: readonly Response<GrantDetail>[]): void {
    this.#claim = claim;
    // A node that has the key free calls whoever waits for it when it gets the release, so that release does not wait.
    const denied = responses.filter(
      ({ vote, detail }) => vote === 'denied' && (claim.quiet || !isAwaited(detail)),
    );
    this.#nodes = new Set(denied.map(({ index }) => index));
  }

  /** The nodes that are not sent the release yet. */
  get nodes(): ReadonlySet<number> {
    return this.#nodes;
  }

  /** Sends the release, if there is one. */
  send(quorum: Pick<Quorum, 'tell'>): void {
    const claim = this.#claim;
    if (!claim) return;
    this.#claim = null;
    claim.quiet = true;
    const operation = release(claim, claim.ttl);
    for (const node of this.#nodes) quorum.tell(node, operation);
  }
}
