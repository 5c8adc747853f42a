import type { Refused } from '../attempt.js';
import { quorumOf } from '../verdict.js';

/**
 * Which nodes would grant a waiter its lock, as far as it knows from its last try and from what was
 * announced since that was sent. (Counting announcements alone would sleep through a release: design
 * section 7.)
 */
export class FreeNodes {
  readonly #nodes: number;
  /**
   * By node that voted: until when each resource is held there, on the monotonic clock. null: nobody
   * knows.
   */
  #held: (Map<number, number> | null | undefined)[] = [];
  /** By node: the resources announced since the last try was sent. */
  #announced: (Set<number> | undefined)[] = [];

  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  /** A try is being sent: what was known before it says nothing any more. */
  forget(): void {
    this.#held = [];
    this.#announced = [];
  }

  announced(node: number, resource: number): void {
    (this.#announced[node] ??= new Set()).add(resource);
    this.#held[node]?.delete(resource);
  }

  /** The last try has failed, and what it was granted has been released. */
  learn({ ballots }: Refused, now: number): void {
    for (const { index, vote, detail } of ballots) {
      if (vote === 'granted') this.#held[index] = new Map();
      if (vote === 'failed') this.#held[index] = null;
      if (typeof detail !== 'object') continue;
      const held = detail.filter(({ resource }) => !this.#announced[index]?.has(resource));
      this.#held[index] = new Map(
        held.map(({ resource, remaining }) => [resource, now + remaining]),
      );
    }
  }

  /**
   * When a quorum is free, on the monotonic clock. -Infinity: it is, all of it announced or granted;
   * Infinity: nobody knows.
   */
  get freeAt(): number {
    if (this.#held.length === 0) return Infinity;
    const times = Array.from({ length: this.#nodes }, (_, node) => {
      const held = this.#held[node];
      if (held) return Math.max(-Infinity, ...held.values());
      // Of one that had not voted when the try was decided, its announcement is all there is to know.
      return held === undefined && this.#announced[node] ? -Infinity : Infinity;
    });
    return times.toSorted((a, b) => a - b)[quorumOf(this.#nodes) - 1] ?? Infinity;
  }
}
