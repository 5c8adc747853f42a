import { ref, shallowRef, triggerRef } from 'vue';
import { type Preset, PRESETS } from '../presets.js';
import { Cluster } from '../world/cluster.js';

/** Ms of the world in a ms of the visitor. */
export const SPEEDS = { Slow: 0.08, Normal: 0.3, Fast: 1.2 };
export type Speed = keyof typeof SPEEDS;

const STILLNESS = matchMedia('(prefers-reduced-motion: reduce)');
/** After a frame that took longer, in ms, the world does not catch up: the page was not shown. */
const LONGEST_FRAME = 100;
/** How far "To the end" goes at most, in ms of the world. */
const LONGEST = 120_000;

/** Plays a run, as fast as the visitor wants it. What touches the run is done one after the other. */
export class Player {
  readonly cluster = shallowRef(new Cluster(PRESETS[0], 1));
  readonly isPlaying = ref(false);
  readonly speed = ref<Speed>('Normal');
  #isShown = true;
  #hasFrame = false;
  #last = 0;
  #queue: Promise<void> = Promise.resolve();

  /** Begins a run of a preset. */
  begin(preset: Preset, seed: number): void {
    this.do(() => {
      this.cluster.value = new Cluster(preset, seed);
    });
    this.play();
  }

  /** Nothing moves by itself for a visitor who wants little motion. @param isPlaying whether time passes */
  play(isPlaying = !STILLNESS.matches): void {
    this.isPlaying.value = isPlaying;
    this.#requestFrame();
  }

  /** No time passes while the visitor cannot see it. */
  show(isShown: boolean): void {
    this.#isShown = isShown;
    this.#requestFrame();
  }

  toEnd(): void {
    this.isPlaying.value = false;
    this.do((cluster) => cluster.runToEnd(cluster.now + LONGEST));
  }

  do(act: (cluster: Cluster) => void | Promise<void>): void {
    const { cluster } = this;
    this.#queue = this.#queue
      .then(() => act(cluster.value))
      .catch(reportError)
      .then(() => triggerRef(cluster));
  }

  #requestFrame(): void {
    if (this.#hasFrame || !this.isPlaying.value || !this.#isShown) return;
    this.#hasFrame = true;
    requestAnimationFrame((now) => {
      const passed = Math.min(Math.max(now - this.#last, 0), LONGEST_FRAME);
      this.#last = now;
      this.do((cluster) => this.#advance(cluster, passed * SPEEDS[this.speed.value]));
    });
  }

  async #advance(cluster: Cluster, ms: number): Promise<void> {
    this.#hasFrame = false;
    if (!this.isPlaying.value) return;
    const wasOver = cluster.isOver;
    await cluster.run(cluster.now + ms);
    // What the preset is about has happened: the visitor has time to read, and can play on.
    if (!wasOver && cluster.isOver) this.isPlaying.value = false;
    this.#requestFrame();
  }
}
