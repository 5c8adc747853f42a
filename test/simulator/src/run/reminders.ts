interface Reminder {
  readonly time: number;
  readonly act: () => void;
}

/**
 * Moments at which an oracle wants to look again. They are no events of the world: a run is the same with them and
 * without.
 */
export class Reminders {
  /** By time. */
  #all: readonly Reminder[] = [];

  /** The time of the first one; Infinity: there is none. */
  get next(): number {
    return this.#all[0]?.time ?? Infinity;
  }

  /** @param time in true time */
  add(time: number, act: () => void): void {
    const position = this.#all.findLastIndex((each) => each.time <= time) + 1;
    this.#all = this.#all.toSpliced(position, 0, { time, act });
  }

  /** Those whose time has come. */
  remind(now: number): void {
    const due = this.#all.filter(({ time }) => time <= now);
    this.#all = this.#all.slice(due.length);
    for (const { act } of due) act();
  }
}
