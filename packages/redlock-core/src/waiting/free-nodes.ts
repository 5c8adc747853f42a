import type { Refused } from '../attempt/attempt.js';
import { quorumOf } from '../quorum/verdict.js';

/**
 * Which nodes would grant a waiter its lock, as far as it knows from its last try and from announcements since that try
 * was sent.
 *
 * To count announcements alone would sleep through a release: a holder on nodes 0 and 1 releases, and a waiter that was
 * granted node 2 and denied on node 0 hears one of the two nodes on which it counts.
 */
export class FreeNodes {
  readonly #nodes: number;
  /**
   * By node that has voted: until when it holds each resource, on the monotonic clock. null: unknown, because the node
   * failed.
   */
  #held: (Map<number, number> | null | undefined)[] = [];
  /** By node: the resources that it has announced since the last try was sent. */
  #announced: (Set<number> | undefined)[] = [];
  #isFree = false;

  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  /** Forgets everything, because a new try is being sent. */
  forget(): void {
    this.#held = [];
    this.#announced = [];
    this.#isFree = false;
  }

  /**
   * Takes note of an announcement.
   * @param now on the monotonic clock
   * @returns whether a quorum has become free by it
   */
  announced(node: number, resource: number, now: number): boolean {
    const held = this.#held[node];
    const isNews = held ? held.delete(resource) && held.size === 0 : !this.#announced[node];
    (this.#announced[node] ??= new Set()).add(resource);
    // Perf: time per release of many resources. Nodes are judged when the last resource of one is announced, not at
    // each of a thousand.
    if (!isNews || this.#isFree) return false;
    return (this.#isFree = this.freeAt <= now);
  }

  /**
   * Whether one of the resources is free on a quorum.
   * @param now on the monotonic clock
   */
  isFree(resource: number, now: number): boolean {
    let free = 0;
    for (let node = 0; node < this.#nodes; node++) {
      const held = this.#held[node];
      const until = held ? (held.get(resource) ?? -Infinity) : Infinity;
      if (until <= now || this.#announced[node]?.has(resource)) free++;
    }
    return free >= quorumOf(this.#nodes);
  }

  /** Learns from the last try, which has failed. The nodes that granted it have released it since. */
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
   * When a quorum is free, on the monotonic clock. -Infinity: it is free now, because every node of it has announced or
   * granted. Infinity: unknown.
   */
  get freeAt(): number {
    if (this.#held.length === 0) return Infinity;
    const times = Array.from({ length: this.#nodes }, (_, node) => {
      const held = this.#held[node];
      if (held) return Math.max(-Infinity, ...held.values());
      // Of a node that had not voted when the try was decided, only its announcement is known.
      return held === undefined && this.#announced[node] ? -Infinity : Infinity;
    });
    return times.toSorted((a, b) => a - b)[quorumOf(this.#nodes) - 1] ?? Infinity;
  }
}
