import type { Refused } from '../attempt/attempt.js';
import { quorumOf } from '../quorum/verdict.js';

/**
 * Which nodes would grant a waiter its lock, as far as it knows from its last try and from what was
 * announced since that was sent. (Counting announcements alone would sleep through a release: a holder on
 * nodes 0 and 1 releases, and a waiter that was granted node 2 hears one of the two it counts on.)
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
  #isFree = false;

  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  /** A try is being sent: what was known before it says nothing any more. */
  forget(): void {
    this.#held = [];
    this.#announced = [];
    this.#isFree = false;
  }

  /**
   * @param now on the monotonic clock
   * @returns whether by this a quorum has become free
   */
  announced(node: number, resource: number, now: number): boolean {
    const held = this.#held[node];
    const isNews = held ? held.delete(resource) && held.size === 0 : !this.#announced[node];
    (this.#announced[node] ??= new Set()).add(resource);
    // Perf: a node is looked at when its last resource is announced, not at each of a thousand.
    if (!isNews || this.#isFree) return false;
    return (this.#isFree = this.freeAt <= now);
  }

  /** Whether this one of the resources is free on a quorum. */
  isFree(resource: number, now: number): boolean {
    let free = 0;
    for (let node = 0; node < this.#nodes; node++) {
      const held = this.#held[node];
      const until = held ? (held.get(resource) ?? -Infinity) : Infinity;
      if (until <= now || this.#announced[node]?.has(resource)) free++;
    }
    return free >= quorumOf(this.#nodes);
  }

  /** The last try has failed, and what it was granted has been released. */
  learn({ responses }: Refused, now: number): void {
    for (const { index, vote, detail } of responses) {
      if (vote === 'granted') this.#held[index] = new Map();
      if (vote === 'failed') this.#held[index] = null;
      if (typeof detail !== 'object') continue;
      const held = detail.filter(({ resource }) => !this.#announced[index]?.has(resource));
      this.#held[index] = new Map(
        held.map(({ resource, remaining }) => [resource, now + remaining]),
      );
    }
    this.#isFree = this.freeAt <= now;
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
