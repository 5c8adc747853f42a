import { Cluster } from '../world/cluster.js';
import type { Action, TimedAction } from '../world/action.js';
import type { Preset } from './preset.js';

/** The longest run, in ms of its world: to play it again from a link takes seconds. */
export const LONGEST_RUN = 600_000;

/** What a link keeps: all that a run follows from, and how far it has come. */
export interface RunState {
  readonly preset: Preset;
  /** A whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** What the visitor has done, in order. */
  readonly actions: readonly TimedAction[];
  /** How far the run has come, in whole ms of its world. */
  readonly time: number;
}

/** A run of a preset, with what the visitor has done to it. Time is in whole ms of its world. */
export class Run {
  readonly cluster: Cluster;
  readonly #actions: TimedAction[] = [];
  #time = 0;
  #endedAt: number | null = null;

  constructor(
    readonly preset: Preset,
    readonly seed: number,
  ) {
    this.cluster = new Cluster(preset, seed);
  }

  /** Plays a run again, up to where it was. */
  static async restored({ preset, seed, actions, time }: RunState): Promise<Run> {
    const run = new Run(preset, seed);
    for (const each of actions) {
      await run.goTo(each.time);
      run.act(each.action);
    }
    await run.goTo(time);
    return run;
  }

  get time(): number {
    return this.#time;
  }

  get state(): RunState {
    const { preset, seed } = this;
    return { preset, seed, actions: [...this.#actions], time: this.#time };
  }

  /** When what the preset is about had happened; null: it has not yet. */
  get endedAt(): number | null {
    return this.#endedAt;
  }

  /**
   * Lets time pass. No time, no event: actions of one moment follow one another in a run that is played again, too.
   * @param time in whole ms; at most {@link LONGEST_RUN} counts
   */
  async goTo(time: number): Promise<void> {
    const end = Math.min(time, LONGEST_RUN);
    if (end <= this.#time) return;
    const { cluster, preset } = this;
    await cluster.run(end, () => {
      if (this.#endedAt === null && preset.isOver(cluster)) this.#endedAt = cluster.now;
      return false;
    });
    this.#time = end;
  }

  /** Lets time pass until the preset has ended, in steps, at most for `ms`. */
  async goToEnd(ms: number): Promise<void> {
    const latest = Math.min(this.#time + ms, LONGEST_RUN);
    while (this.#endedAt === null && this.#time < latest) await this.goTo(this.#time + 50);
  }

  /** Must not be called while time passes. */
  act(action: Action): void {
    if (!this.cluster.isDue(action)) return;
    this.#actions.push({ time: this.#time, action });
    this.cluster.act(action);
  }
}
