import type { Preset } from '../presets/preset.js';
import { LONGEST_RUN, Run, type RunState } from '../presets/run.js';
import type { Action } from '../world/action.js';

/** Ms of the world in a ms of the visitor. */
export const SPEEDS = { Slow: 0.08, Normal: 0.3, Fast: 1.2 } as const;
export type Speed = keyof typeof SPEEDS;

/** After a frame that took longer than this, in ms, the world does not make up for it: the page was not shown. */
const LONGEST_FRAME = 100;
const STEP = 25;
/** How far "to the end" goes at most, in ms of the world. */
const LONGEST = 120_000;

/** Plays a run: as fast as the visitor wants it, or not at all. Whatever touches the run is done one after the other. */
export class Player {
  speed: Speed = 'Normal';
  #run: Run;
  #isPlaying = false;
  #isShown = true;
  #hasFrame = false;
  #last = 0;
  /** What is left of a ms of the world. */
  #rest = 0;
  #doing: Promise<void> = Promise.resolve();
  readonly #onChange: () => void;

  constructor(run: Run, onChange: () => void) {
    this.#run = run;
    this.#onChange = onChange;
  }

  get run(): Run {
    return this.#run;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  play(): void {
    this.#isPlaying = true;
    this.#last = performance.now();
    this.#askForFrame();
    this.#onChange();
  }

  pause(): void {
    this.#isPlaying = false;
    this.#onChange();
  }

  /** Nothing is played while nobody can see it. */
  show(isShown: boolean): void {
    this.#isShown = isShown;
    this.#last = performance.now();
    this.#askForFrame();
  }

  step(): void {
    this.#isPlaying = false;
    this.#do(() => this.#run.goTo(this.#run.time + STEP));
  }

  toEnd(): void {
    this.#isPlaying = false;
    this.#do(() => this.#run.goToEnd(LONGEST));
  }

  act(action: Action): void {
    this.#do(() => this.#run.act(action));
  }

  /** Begins anew. */
  start(preset: Preset, seed: number): void {
    this.#do(() => {
      this.#run = new Run(preset, seed);
    });
  }

  restore(state: RunState): void {
    this.#isPlaying = false;
    this.#do(async () => {
      this.#run = await Run.restored(state);
    });
  }

  #do(act: () => void | Promise<void>): void {
    const done = this.#doing.then(act).then(this.#onChange);
    this.#doing = done.catch((error: unknown) => reportError(error));
  }

  #askForFrame(): void {
    if (this.#hasFrame || !this.#isPlaying || !this.#isShown) return;
    this.#hasFrame = true;
    requestAnimationFrame((now) => {
      this.#do(() => this.#play(now));
    });
  }

  async #play(now: number): Promise<void> {
    this.#hasFrame = false;
    if (!this.#isPlaying || !this.#isShown) return;
    const run = this.#run;
    const passed = Math.min(Math.max(now - this.#last, 0), LONGEST_FRAME);
    this.#last = now;
    this.#rest += passed * SPEEDS[this.speed];
    const ms = Math.floor(this.#rest);
    this.#rest -= ms;
    const hadEnded = run.endedAt !== null;
    await run.goTo(run.time + ms);
    // What the preset is about has happened: the visitor has time to read, and may play on.
    if (!hadEnded && run.endedAt !== null) this.#isPlaying = false;
    if (run.time === LONGEST_RUN) this.#isPlaying = false;
    this.#askForFrame();
  }
}
