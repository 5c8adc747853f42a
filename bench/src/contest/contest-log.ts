import type { Turn } from '../jobs/contend.js';

/** A wish for a lock, and what became of it. */
export interface Request extends Turn {
  readonly process: number;
  /** Which of the contest's parties its process belongs to. */
  readonly party: number;
  readonly resources: readonly string[];
  readonly shared: boolean;
}

/** A request that was granted. */
interface Hold extends Request {
  readonly granted: number;
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
  readonly #requests: readonly Request[];
  readonly #all: readonly Hold[];
  readonly #from: number;
  readonly #to: number;

  /** @throws Error if exclusive locks overlapped, also outside the time that counts. Permits are only counted. */
  constructor(requests: readonly Request[], from: number, to: number, permits = 1) {
    this.#requests = requests;
    this.#from = from;
    this.#to = to;
    this.#all = requests.filter(isHold).toSorted((a, b) => a.granted - b.granted);
    this.holds = this.#all.filter(({ granted }) => granted >= from && granted < to);
    const resources = new Set(requests.flatMap((request) => request.resources));
    if (permits > 1) return;
    for (const resource of resources) {
      checkExclusion(this.#all.filter((hold) => hold.resources.includes(resource)));
    }
  }

  /** From the call of a release to the next grant: all, or those from one process to another; in ms. */
  handOffs(which: 'all' | 'between processes' = 'all'): number[] {
    return this.#handOvers()
      .filter(({ from, to }) => which === 'all' || from.process !== to.process)
      .map(({ ms }) => ms);
  }

  /** The longest time without a holder, in ms. */
  get longestGap(): number {
    const last = this.holds.at(-1);
    if (!last) return Infinity;
    const gaps = this.#handOvers().map(({ ms }) => ms);
    // A lock that no process gets any more leaves no further hand-over.
    if (last.released !== null && last.released < this.#to) gaps.push(this.#to - last.released);
    return Math.max(...gaps);
  }

  /** How long the requests of a party waited, in ms. One that still waits counts for as long as it has waited. */
  waits(party?: number): number[] {
    return this.#requests
      .filter((request) => party === undefined || request.party === party)
      .filter(({ granted }) => granted === null || granted >= this.#from)
      .map(({ wanted, granted }) => Math.min(granted ?? Infinity, this.#to) - wanted);
  }

  /** How often each process of a party had the lock. */
  locks(party?: number): number[] {
    const members = this.#requests.filter((one) => party === undefined || one.party === party);
    return [...new Set(members.map(({ process }) => process))].map(
      (process) => this.holds.filter((hold) => hold.process === process).length,
    );
  }

  /** How much of the time a lock was held, on average if there are several permits. */
  heldShare(permits = 1): number {
    const held = this.#all.map(({ granted, released }) =>
      Math.max(0, Math.min(released ?? this.#to, this.#to) - Math.max(granted, this.#from)),
    );
    return held.reduce((sum, ms) => sum + ms, 0) / (permits * (this.#to - this.#from));
  }

  /** The most holders at once. One that ends makes room for one that begins at the same moment. */
  get mostAtOnce(): number {
    const changes = this.#all.flatMap(({ granted, released }) => [
      { at: granted, more: 1 },
      { at: released ?? Infinity, more: -1 },
    ]);
    let now = 0;
    let most = 0;
    for (const { more } of changes.toSorted((a, b) => a.at - b.at || a.more - b.more)) {
      now += more;
      most = Math.max(most, now);
    }
    return most;
  }

  /** The share of locks that went to a request while an earlier one waited. */
  get outOfOrder(): number {
    const overtakes = ({ wanted, granted }: Hold): boolean =>
      this.#requests.some(
        (other) => other.wanted < wanted && (other.granted ?? Infinity) > granted,
      );
    return this.holds.filter(overtakes).length / this.holds.length;
  }

  #handOvers(): HandOver[] {
    return this.#all.slice(1).flatMap((to, index) => {
      const from = this.#all[index];
      if (!from || from.released === null || !this.holds.includes(to)) return [];
      return [{ from, to, ms: to.granted - from.released }];
    });
  }
}

function isHold(request: Request): request is Hold {
  return request.granted !== null;
}

/** @param holds of one resource, by the time of their grant. A hold without a known end does not last for ever. */
function checkExclusion(holds: readonly Hold[]): void {
  /** Of the locks of each mode so far, the end of the last one to end. */
  let exclusiveUntil = -Infinity;
  let sharedUntil = -Infinity;
  for (const { shared, process, granted, released } of holds) {
    const until = shared ? exclusiveUntil : Math.max(exclusiveUntil, sharedUntil);
    if (granted < until) {
      throw new Error(`Process ${process} got at ${granted} what was held until ${until}`);
    }
    if (shared) sharedUntil = Math.max(sharedUntil, released ?? granted);
    else exclusiveUntil = Math.max(exclusiveUntil, released ?? granted);
  }
}
