import { successorOf } from '../node/pending-releases.js';
import type { NodeLink } from '../node/link.js';
import type { LockKeys } from '../protocol/keys.js';
import { type Claim, release } from '../protocol/operations.js';
import type { Runtime } from '../time/runtime.js';
import { Ballot } from './ballot.js';
import type { Batches } from './batches.js';
import { judgeAll } from './verdict.js';

/** A failed attempt, and the nodes that have not answered it. */
interface Unanswered {
  readonly claim: Claim;
  readonly nodes: ReadonlySet<number>;
}

/**
 * Takes attempts back that have failed, so that they leave nothing on the nodes. What a node grants later is released by
 * node/pending-releases.ts.
 */
export class Withdrawals {
  readonly #links: readonly NodeLink[];
  readonly #batches: Batches;
  readonly #runtime: Runtime;
  /** Failed attempts that some nodes have not answered, by key. */
  readonly #unanswered = new Map<string, Unanswered>();

  constructor(links: readonly NodeLink[], batches: Batches, runtime: Runtime) {
    this.#links = links;
    this.#batches = batches;
    this.#runtime = runtime;
  }

  /**
   * Releases a failed attempt where nodes granted it, or may have. A node that denied it on the connection on which it was
   * asked holds nothing. One that has not answered gets its release from its link, or before the next attempt.
   */
  async withdraw(claim: Claim, ballot: Ballot, wasGranted: boolean): Promise<void> {
    const { keys } = claim;
    claim.over = true;
    const votes = new Map(ballot.latest.map((response) => [response.index, response]));
    const granted = new Set<number>();
    const failed = new Set<number>();
    const unanswered = new Set<number>();
    for (const { index, node, connection } of this.#links) {
      if (!claim.wasWrittenTo(index)) continue;
      const vote = votes.get(index);
      const isSame =
        vote?.connection === claim.acquireWrittenOn[index] && vote?.connection === connection;
      if (vote === undefined && !wasGranted) unanswered.add(index);
      // A node may have granted it after the decision, while the fencing token was written back.
      else if (vote === undefined) failed.add(index);
      else if (vote.reading.vote === 'granted') granted.add(index);
      else if (vote.reading.vote === 'failed' || node.cluster || !isSame) failed.add(index);
    }
    if (unanswered.size > 0) {
      const entry: Unanswered = { claim, nodes: unanswered };
      for (const key of keys.keys) this.#unanswered.set(key, entry);
      void ballot.allAnswered?.().then(() => this.#forget(entry));
    }
    void this.#release(claim, failed);
    if (granted.size > 0) await this.#release(claim, granted);
  }

  /** Ends an adoption whose caller was canceled. */
  async restore(claim: Claim): Promise<void> {
    await this.#release(claim, new Set(this.#links.map(({ index }) => index)));
  }

  /** Releases unanswered operations on some keys, ahead of another attempt on them. */
  complete(keys: LockKeys): void {
    if (this.#unanswered.size === 0) return;
    for (const key of keys.keys) {
      const entry = this.#unanswered.get(key);
      if (!entry) continue;
      const { claim, nodes } = entry;
      this.#forget(entry);
      const left = [...nodes].filter((node) => claim.releaseWrittenOn[node] === undefined);
      if (claim.adoptedFrom === null) void this.#release(claim, new Set(left));
    }
  }

  /** Another attempt on some of the same keys may have taken the place of this one. */
  #forget(entry: Unanswered): void {
    for (const key of entry.claim.keys.keys) {
      if (this.#unanswered.get(key) === entry) this.#unanswered.delete(key);
    }
  }

  /** Releases a failed attempt on some nodes. An adoption gives the former token back, on each node until its own expiry. */
  async #release(claim: Claim, nodes: ReadonlySet<number>): Promise<void> {
    const { keys, token, ttl, adoptedFrom } = claim;
    const now = this.#runtime.now();
    const groups = adoptedFrom === null ? [nodes] : [...nodes].map((node) => new Set([node]));
    const released = groups.map(async (only) => {
      const [first = -1] = only;
      if (first < 0) return;
      const operation = release(keys, token, ttl, null, successorOf(claim, first, now));
      const withdrawal = new Ballot(operation, claim, this.#links.length, judgeAll, only);
      this.#batches.submit(withdrawal);
      await withdrawal.verdict;
    });
    await Promise.all(released);
  }
}
