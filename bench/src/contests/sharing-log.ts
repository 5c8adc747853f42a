import type { LockMode } from 'redlock-core';
import type { Turn } from './contest.js';

/** A wish for a lock that others have or wait for, and what became of it. */
export interface Arrival {
  readonly waitMs: number;
  /** How many had waited longer. */
  readonly ahead: number;
  /** How many had waited longer, and were granted the lock later. */
  readonly passed: number;
  /** How many had wanted the lock later, and were granted it earlier. */
  readonly overtakers: number;
}

interface Wish {
  readonly process: number;
  readonly mode: LockMode;
  readonly wanted: number;
  /** Infinity: still waiting when the time was over. */
  readonly granted: number;
  /** Null: not known, because its process's time was over before. */
  readonly released: number | null;
}

/** The events of a contest in which some share the lock. */
export class SharingLog {
  readonly #wishes: readonly Wish[];
  readonly #from: number;
  readonly #to: number;

  /**
   * @param turns of each process
   * @param modes of each process
   * @throws Error if an exclusive lock was granted while somebody had the lock, or any while one was held
   */
  constructor(
    turns: readonly (readonly Turn[])[],
    modes: readonly LockMode[],
    from: number,
    to: number,
  ) {
    this.#wishes = turns.flatMap((its, process) =>
      its.map(({ wanted, granted, released }) => ({
        process,
        mode: modes[process] ?? 'exclusive',
        wanted,
        granted: granted ?? Infinity,
        released,
      })),
    );
    this.#from = from;
    this.#to = to;
    this.#checkExclusion();
  }

  /** The wishes of a mode in the time that counts. A wait that has not ended counts for as long as it has taken. */
  arrivals(mode: LockMode): Arrival[] {
    const mine = this.#wishes.filter((wish) => wish.mode === mode && this.#counts(wish.wanted));
    return mine.map((wish) => {
      const { wanted, granted } = wish;
      const others = this.#wishes.filter((other) => other !== wish);
      const earlier = others.filter((other) => other.wanted < wanted && other.granted > wanted);
      return {
        waitMs: Math.min(granted, this.#to) - wanted,
        ahead: earlier.length,
        passed: earlier.filter((other) => other.granted > granted).length,
        overtakers: others.filter((other) => other.wanted > wanted && other.granted < granted)
          .length,
      };
    });
  }

  /** How long locks of a mode were held, those granted in the time that counts; in ms, ascending. */
  holdMs(mode: LockMode): number[] {
    return this.#wishes
      .filter((wish) => wish.mode === mode && this.#counts(wish.granted))
      .flatMap(({ granted, released }) => (released === null ? [] : [released - granted]))
      .toSorted((a, b) => a - b);
  }

  #counts(moment: number): boolean {
    return moment >= this.#from && moment < this.#to;
  }

  #checkExclusion(): void {
    const held = this.#wishes
      .filter(({ granted }) => granted < Infinity)
      .toSorted((a, b) => a.granted - b.granted);
    /** Of the locks of each mode so far, the end of the last one to end. */
    const ends: Record<LockMode, number> = { exclusive: -Infinity, shared: -Infinity };
    for (const { mode, process, granted, released } of held) {
      const end = mode === 'shared' ? ends.exclusive : Math.max(ends.exclusive, ends.shared);
      if (granted < end) {
        throw new Error(
          `Held at once: ${mode} by process ${process} from ${granted}, while another was held until ${end}`,
        );
      }
      if (released !== null) ends[mode] = Math.max(ends[mode], released);
    }
  }
}
