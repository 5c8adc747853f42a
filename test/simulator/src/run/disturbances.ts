import type { Plan } from '../plan/plan.js';
import type { ClientProcess } from '../world/process.js';

/** By then a connection that was lost is replaced, in ms. */
const NOTICED = 12_000;

/** Something that the adversary has done. */
export interface Disturbance {
  readonly at: number;
  /** The process that is gone or stands still by it, if nothing else is touched. */
  readonly absent: ClientProcess | null;
}

/** What the adversary has done so far, in order. */
export class Disturbances {
  readonly #plan: Plan;
  readonly #all: Disturbance[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  get all(): readonly Disturbance[] {
    return this.#all;
  }

  /** When the latest of them was; -Infinity: there is none. */
  get latest(): number {
    return this.#all.at(-1)?.at ?? -Infinity;
  }

  add(disturbance: Disturbance): void {
    this.#all.push(disturbance);
  }

  /** Whether something may have kept a process from a node since a moment, or have changed the order of commands. */
  isDisturbedSince(time: number): boolean {
    const { tail, lag, throws, redirects } = this.#plan;
    return tail + lag + throws + redirects > 0 || this.latest > time - NOTICED;
  }
}
