/** How long the parts of the demo take, in ms. */
export interface Timetable {
  readonly withoutLock: number;
  /** At least: it ends when the outages are over. */
  readonly withLock: number;
  readonly outages: {
    /** All nodes are up before the first outage and after each one. */
    readonly calm: number;
    /** From the kill to the restart. */
    readonly down: number;
    /** One node, the other node, both at once: so many times over. */
    readonly rounds: number;
  };
}

export const NORMAL: Timetable = {
  withoutLock: 4500,
  withLock: 13_000,
  outages: { calm: 900, down: 1200, rounds: 2 },
};

export const SHORT: Timetable = {
  withoutLock: 1600,
  withLock: 4000,
  outages: { calm: 400, down: 1050, rounds: 1 },
};
