import type { Turn } from './contest.js';

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** How permits were used in the time that counts. */
export class PermitUse {
  readonly #held: readonly Interval[];
  readonly #from: number;
  readonly #to: number;

  constructor(turns: readonly Turn[], from: number, to: number) {
    this.#from = from;
    this.#to = to;
    this.#held = turns.flatMap(({ granted, released }) => {
      if (granted === null) return [];
      const part = { from: Math.max(granted, from), to: Math.min(released ?? to, to) };
      return part.to > part.from ? [part] : [];
    });
  }

  /** How many permits were granted, or held already when the time began. */
  get granted(): number {
    return this.#held.length;
  }

  /** Which share of the time permits were held, on average, if there were so many. */
  shareOf(permits: number): number {
    const used = this.#held.reduce((sum, { from, to }) => sum + to - from, 0);
    return used / (permits * (this.#to - this.#from));
  }

  /** The most that were held at once. One that ends makes room for one that begins at the same moment. */
  get mostAtOnce(): number {
    const changes = this.#held.flatMap(({ from, to }) => [
      { at: from, more: 1 },
      { at: to, more: -1 },
    ]);
    let now = 0;
    let most = 0;
    for (const { more } of changes.toSorted((a, b) => a.at - b.at || a.more - b.more)) {
      now += more;
      most = Math.max(most, now);
    }
    return most;
  }
}
