import type { Plan } from '../plan/plan.js';

/** By then a connection that was lost is replaced, and a node that is unresponsive is asked again, in ms. */
const NOTICED = 12_000;

/** What the adversary has done so far. */
export class Disturbances {
  /** When the latest of them was; -Infinity: there is none. */
  latest = -Infinity;
  readonly #lasts: number;

  constructor(private readonly plan: Plan) {
    const { quarantine, quarantineTime, driftFactor } = plan;
    this.#lasts = NOTICED + (quarantine === false ? 0 : quarantineTime * (1 + driftFactor));
  }

  /** Something is disturbed now. */
  note(time: number): void {
    this.latest = time;
  }

  /** From when on nothing that the adversary has done so far has an effect; Infinity: messages are late at any time. */
  get over(): number {
    const { tail, lag, throws, redirects, kind } = this.plan;
    if (tail + lag + throws + redirects > 0 || kind === 'wild') return Infinity;
    return this.latest + this.#lasts;
  }

  /** Whether something may have kept a process from a node since a moment, or have changed the order of commands. */
  isDisturbedSince(time: number): boolean {
    return this.over > time;
  }
}
