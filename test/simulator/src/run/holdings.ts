import type { Lock } from '../core.js';
import type { ClientProcess } from '../world/process.js';
import type { World } from '../world/world.js';
import { Holding } from './holding.js';

/** The handles on locks that processes have, or had, in the order in which they got them. */
export class Holdings {
  readonly #world: World;
  readonly #all: Holding[] = [];
  /** Perf: each event of a run looks at the locks of a process, most of which ended long ago. */
  #live: readonly Holding[] = [];
  readonly #byLock = new Map<Lock, Holding>();

  constructor(world: World) {
    this.#world = world;
  }

  get all(): readonly Holding[] {
    return this.#all;
  }

  /** Those of which somebody may believe that they are held, and few others. */
  get live(): readonly Holding[] {
    return this.#live;
  }

  of(lock: Lock): Holding | undefined {
    return this.#byLock.get(lock);
  }

  /** The first handle on the lock with a token. */
  firstOf(token: string): Holding | undefined {
    return this.#all.find((holding) => holding.token === token && holding.first);
  }

  /** @param first whether it is the first handle on the lock */
  add(process: ClientProcess, lock: Lock, first: boolean): Holding {
    const takesSignal = this.#all.length % 2 === 0;
    const holding = new Holding(process, lock, this.#world.now, first, takesSignal);
    this.#all.push(holding);
    this.#live = [...this.#live, holding];
    this.#byLock.set(lock, holding);
    this.#world.trace.number(lock.fencingToken);
    return holding;
  }

  /** Those of a process that are not over, as far as it has been seen. */
  liveOf(process: ClientProcess): readonly Holding[] {
    if (this.#live.some((holding) => holding.isOver))
      this.#live = this.#live.filter((holding) => !holding.isOver);
    return this.#live.filter((holding) => holding.process === process);
  }
}
