import { button, html, set, setText } from './markup.js';
import { SPEEDS, type Player, type Speed } from './player.js';

/** What the visitor can do with a run as a whole. */
export interface TransportCalls {
  /** Plays the preset from its beginning. */
  again(seed: number): void;
  /** @returns whether the link is in the clipboard */
  copyLink(): Promise<boolean>;
}

const MOST_SEED = 2 ** 32 - 1;
/** For how long a button says what it has done, in ms. */
const SAID = 2500;

/** Play, pause, step, speed and seed. */
export class Transport {
  readonly element: HTMLElement;
  readonly #player: Player;
  readonly #calls: TransportCalls;
  readonly #play: HTMLButtonElement;
  readonly #speeds: readonly { readonly speed: Speed; readonly element: HTMLButtonElement }[];
  readonly #seed = html('input', { type: 'number', min: 0, max: MOST_SEED, step: 1 });
  readonly #link: HTMLButtonElement;
  #shownSeed: number | null = null;

  constructor(player: Player, calls: TransportCalls) {
    this.#player = player;
    this.#calls = calls;
    this.#play = button('Play', () => (player.isPlaying ? player.pause() : player.play()), {
      class: 'primary',
    });
    this.#speeds = (Object.keys(SPEEDS) as Speed[]).map((speed) => ({
      speed,
      element: button(speed, () => {
        player.speed = speed;
        this.update();
      }),
    }));
    this.#link = button('Copy link', () => void this.#copyLink());
    this.#seed.addEventListener('change', () => calls.again(this.#chosenSeed()));
    this.element = html(
      'div',
      { class: 'transport' },
      html(
        'div',
        { class: 'group', role: 'group', 'aria-label': 'Play' },
        this.#play,
        button('Step', () => player.step()),
        button('To the end', () => player.toEnd()),
        button('Again', () => calls.again(player.run.seed)),
      ),
      html(
        'div',
        { class: 'group joined', role: 'group', 'aria-label': 'Speed' },
        ...this.#speeds.map(({ element }) => element),
      ),
      html(
        'div',
        { class: 'group' },
        html('label', {}, 'Seed ', this.#seed),
        button('Other seed', () => calls.again(player.run.seed + 1)),
        this.#link,
      ),
    );
  }

  update(): void {
    const { isPlaying, speed, run } = this.#player;
    setText(this.#play, isPlaying ? 'Pause' : 'Play');
    for (const each of this.#speeds) {
      set(each.element, { 'aria-pressed': String(each.speed === speed) });
    }
    if (run.seed === this.#shownSeed) return;
    this.#shownSeed = run.seed;
    this.#seed.value = String(run.seed);
  }

  #chosenSeed(): number {
    const seed = Math.trunc(this.#seed.valueAsNumber);
    return seed >= 0 && seed <= MOST_SEED ? seed : this.#player.run.seed;
  }

  async #copyLink(): Promise<void> {
    const isCopied = await this.#calls.copyLink();
    setText(this.#link, isCopied ? 'Copied' : 'In the address bar');
    setTimeout(() => setText(this.#link, 'Copy link'), SAID);
  }
}
