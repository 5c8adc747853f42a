import type { Response } from '../node/response.js';
import type { Claim } from '../protocol/claim.js';
import { heal } from '../protocol/operation.js';
import type { ExtendDetail } from '../protocol/reading.js';
import type { Quorum } from '../quorum/quorum.js';

/**
 * Puts a lock back on nodes that lack it, after an extension has shown that the lock is still held. So a lock survives
 * nodes that come and go. No caller waits for that, and it counts for nothing
 * (docs/decisions/healing-apart-from-extension.md).
 */
export class Healing {
  readonly #quorum: Quorum;
  readonly #claim: Claim;
  readonly #ttl: number;
  #missing: number[] = [];
  #begun = false;

  constructor(quorum: Quorum, claim: Claim, ttl: number) {
    this.#quorum = quorum;
    this.#claim = claim;
    this.#ttl = ttl;
  }

  /** Takes note of a response to the extension, which may also come after `begin`. */
  observe({ index, detail }: Response<ExtendDetail>): void {
    if (detail !== 'missing') return;
    this.#missing.push(index);
    if (this.#begun) this.begin();
  }

  /** Begins to heal, because the extension has succeeded. */
  begin(): void {
    this.#begun = true;
    const missing = this.#missing;
    this.#missing = [];
    for (const node of missing) this.#quorum.tell(node, heal(this.#claim, this.#ttl));
  }
}
