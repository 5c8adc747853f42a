import type { Turn } from './contest.js';

/** A wish that was granted, and its process. */
interface Hold {
  readonly process: number;
  readonly wanted: number;
  readonly granted: number;
  /** NaN: not known, because its process's time was over before. */
  readonly released: number;
}

/** From a release to the next grant. */
interface HandOver {
  readonly from: Hold;
  readonly to: Hold;
  readonly ms: number;
}

/** The events of a contest in the time that counts. */
export class ContestLog {
  /** Granted in that time, one after another. */
  readonly holds: readonly Hold[];
  readonly #turns: readonly (readonly Turn[])[];
  readonly #handOvers: readonly HandOver[];
  readonly #to: number;

  /** @throws Error if two had the lock at once, also outside the time that counts */
  constructor(turns: readonly (readonly Turn[])[], from: number, to: number) {
    this.#turns = turns;
    this.#to = to;
    const holds = turns.flatMap(holdsOf).toSorted((a, b) => a.granted - b.granted);
    const handOvers = holds.slice(1).map((next, index) => handOver(holds[index] ?? next, next));
    const isIn = ({ granted }: Hold): boolean => granted >= from && granted < to;
    this.holds = holds.filter(isIn);
    this.#handOvers = handOvers.filter((one) => isIn(one.to));
  }

  /** All of them, or those from one process to another; in ms, ascending. */
  handOffs(which: 'all' | 'between processes'): number[] {
    return this.#handOvers
      .filter(({ from, to }) => which === 'all' || from.process !== to.process)
      .map(({ ms }) => ms)
      .toSorted((a, b) => a - b);
  }

  /** The longest time that nobody had the lock, in ms. */
  get longestGap(): number {
    const last = this.holds.at(-1);
    if (!last) return Infinity;
    const gaps = this.#handOvers.map(({ ms }) => ms);
    // A lock that nobody gets any more leaves no further hand-over.
    if (last.released < this.#to) gaps.push(this.#to - last.released);
    return Math.max(...gaps);
  }

  /** Of some processes; a wait that has not ended counts for as long as it has taken. */
  longestWait(isMeant: (process: number) => boolean = () => true): number {
    const waits = this.#turns.flatMap((turns, process) =>
      isMeant(process)
        ? turns.map(({ wanted, granted }) => Math.min(granted ?? Infinity, this.#to) - wanted)
        : [],
    );
    return Math.max(...waits);
  }

  /** Of each process: how often it had the lock, over the mean; ascending. */
  get shares(): number[] {
    return this.#turns
      .map((_, index) => this.holds.filter(({ process }) => process === index).length)
      .map((count) => (count * this.#turns.length) / this.holds.length)
      .toSorted((a, b) => a - b);
  }

  /** The share of hand-overs to one who had wanted the lock later than another who still waited. */
  get outOfOrder(): number {
    const wishes = this.#turns.flat();
    const overtakes = ({ wanted, granted }: Hold): boolean =>
      wishes.some((other) => other.wanted < wanted && (other.granted ?? Infinity) > granted);
    return this.holds.filter(overtakes).length / this.holds.length;
  }

  /** The share of locks that somebody got late, after another who had wanted the lock later. */
  get overtaken(): number {
    const wishes = this.#turns.flat();
    const isLate = ({ wanted, granted }: Hold): boolean =>
      wishes.some((other) => other.wanted > wanted && (other.granted ?? Infinity) < granted);
    return this.holds.filter(isLate).length / this.holds.length;
  }
}

function holdsOf(turns: readonly Turn[], process: number): Hold[] {
  return turns.flatMap(({ wanted, granted, released }) =>
    granted === null ? [] : [{ process, wanted, granted, released: released ?? NaN }],
  );
}

function handOver(from: Hold, to: Hold): HandOver {
  if (to.granted < from.released) {
    throw new Error(
      `Held twice: by process ${from.process} from ${from.granted} to ${from.released}, by process ${to.process} from ${to.granted}`,
    );
  }
  return { from, to, ms: to.granted - from.released };
}
