import type { Response } from '../node/response.js';
import type { Claim } from '../protocol/claim.js';
import { heal, type ExtendDetail } from '../protocol/operation.js';
import type { Quorum } from '../quorum/quorum.js';

/**
 * Puts a lock back on the nodes that lack it, once an extension has shown that it is still held: so
 * it survives nodes that come and go (design section 6). Off the caller's path, and not counted.
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

  /** Takes note of the extension's responses, whenever they come. */
  look({ index, detail }: Response<ExtendDetail>): void {
    if (detail !== 'missing') return;
    this.#missing.push(index);
    if (this.#begun) this.begin();
  }

  /** The extension has succeeded. */
  begin(): void {
    this.#begun = true;
    const missing = this.#missing;
    this.#missing = [];
    for (const node of missing) this.#quorum.tell(node, heal(this.#claim, this.#ttl));
  }
}
