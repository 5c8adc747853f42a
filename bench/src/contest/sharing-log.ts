import type { LockMode } from 'redlock-core';
import type { Turn } from './turn.js';

/** A wish for a lock that others have or wait for, and what became of it. */
export interface Arrival {
  readonly waitMs: number;
  /** Those who had waited longer. */
  readonly ahead: number;
  /** Those who had waited longer, and were granted the lock later. */
  readonly passed: number;
  /** Those who had wanted the lock later, and were granted it earlier. */
  readonly overtakers: number;
}

interface Wish {
  readonly process: number;
  readonly mode: LockMode;
  readonly wanted: number;
  /** Infinity: still waiting when the time was over. */
  readonly granted: number;
  /** Infinity: still held when the time was over. */
  readonly released: number;
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
        released: released ?? Infinity,
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
      .map(({ granted, released }) => Math.min(released, this.#to) - granted)
      .toSorted((a, b) => a - b);
  }

  #counts(moment: number): boolean {
    return moment >= this.#from && moment < this.#to;
  }

  #checkExclusion(): void {
    const held = this.#wishes
      .filter(({ granted }) => granted < Infinity)
      .toSorted((a, b) => a.granted - b.granted);
    const latest: Record<LockMode, Wish | null> = { exclusive: null, shared: null };
    for (const wish of held) {
      const rivals = wish.mode === 'shared' ? [latest.exclusive] : Object.values(latest);
      for (const rival of rivals) if (rival && wish.granted < rival.released) clash(rival, wish);
      const one = latest[wish.mode];
      if (!one || one.released < wish.released) latest[wish.mode] = wish;
    }
  }
}

function clash(one: Wish, other: Wish): never {
  const held = [one, other].map(
    ({ process, mode, granted, released }) =>
      `${mode} by process ${process} from ${granted} to ${released}`,
  );
  throw new Error(`Held at once: ${held.join(', ')}`);
}
