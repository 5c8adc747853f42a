import { hashOf, stateOf } from '../presets/link.js';
import type { Preset } from '../presets/preset.js';
import { PRESETS } from '../presets/presets.js';
import { Run } from '../presets/run.js';
import { isClient, isNode } from '../world/names.js';
import { snapshotOf } from '../world/snapshot.js';
import { Drawing } from './drawing.js';
import { EventList } from './event-list.js';
import { FactsLine } from './facts-line.js';
import { geometryFor, type Geometry } from './geometry.js';
import { Interventions } from './interventions.js';
import { legend } from './legend.js';
import { html, set, setText } from './markup.js';
import { Player } from './player.js';
import { PresetList } from './preset-list.js';
import { STYLE } from './style.js';
import { Transport } from './transport.js';

const FIRST_SEED = 1;

const REMARK =
  'The clients run redlock-core itself. Nodes, clocks, network and storage are simulated, and the network is slow, so that there is something to see. The same seed gives the same run.';

/** `<live-cluster>`: the real core over simulated nodes, clocks and network, to look at and to interfere with. */
export class LiveCluster extends HTMLElement {
  readonly #player = new Player(new Run(PRESETS[0], FIRST_SEED), () => this.#changed());
  readonly #presets = new PresetList((preset) => this.#begin(preset, this.#player.run.seed));
  readonly #transport = new Transport(this.#player, {
    again: (seed) => this.#begin(this.#player.run.preset, seed),
    copyLink: () => this.#copyLink(),
  });
  readonly #interventions = new Interventions(
    () => this.#player.run.cluster,
    (action) => this.#player.act(action),
    () => this.#changed(),
  );
  readonly #facts = new FactsLine();
  readonly #events = new EventList();
  readonly #ending = html('p', { class: 'ending' });
  readonly #picture = html('div', { class: 'picture' });
  readonly #stillness = matchMedia('(prefers-reduced-motion: reduce)');
  #geometry: Geometry | null = null;
  #drawing: Drawing | null = null;
  #hash = '';
  /** Ends what was begun when the element came into the page. */
  #left = new AbortController();

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const main = html(
      'div',
      { class: 'main' },
      this.#picture,
      html('div', { class: 'caption' }, this.#events.latest, this.#ending),
      this.#transport.element,
    );
    root.append(
      html(
        'section',
        { class: 'frame', 'aria-label': 'Live cluster' },
        this.#presets.element,
        main,
        html('div', { class: 'side' }, this.#facts.element, this.#events.element),
        this.#interventions.element,
        legend(),
        html('p', { class: 'remark' }, REMARK),
      ),
    );
    this.#picture.addEventListener('click', (event) => this.#choose(event));
  }

  connectedCallback(): void {
    this.#left = new AbortController();
    const { signal } = this.#left;
    const resizes = new ResizeObserver(() => this.#draw());
    const visibility = new IntersectionObserver((entries) => {
      this.#player.show(entries.at(-1)?.isIntersecting ?? true);
    });
    resizes.observe(this);
    visibility.observe(this);
    signal.addEventListener('abort', () => {
      resizes.disconnect();
      visibility.disconnect();
    });
    this.#stillness.addEventListener('change', () => this.#redraw(), { signal });
    addEventListener('hashchange', () => this.#follow(), { signal });
    this.#draw();
    // Nothing moves by itself for somebody who wants little motion.
    if (!this.#follow() && !this.#stillness.matches) this.#player.play();
  }

  disconnectedCallback(): void {
    this.#player.pause();
    this.#left.abort();
  }

  #begin(preset: Preset, seed: number): void {
    this.#player.start(preset, seed);
    if (this.#stillness.matches) this.#player.pause();
    else this.#player.play();
  }

  /** @returns whether the address of the page has a state, which is restored */
  #follow(): boolean {
    const state = location.hash === this.#hash ? null : stateOf(location.hash);
    if (!state) return false;
    this.#hash = location.hash;
    this.#player.restore(state);
    if (state.time === 0 && !this.#stillness.matches) this.#player.play();
    return true;
  }

  /** Keeps what the visitor has done in the address, so that a reload or a link brings it back. */
  #keep(): void {
    const { state } = this.#player.run;
    const isUntouched =
      state.preset === PRESETS[0] && state.seed === FIRST_SEED && state.actions.length === 0;
    if (this.#player.isPlaying || (isUntouched && this.#hash === '')) return;
    const hash = hashOf(state);
    if (hash === this.#hash) return;
    this.#hash = hash;
    history.replaceState(history.state, '', hash);
  }

  async #copyLink(): Promise<boolean> {
    this.#player.pause();
    this.#hash = hashOf(this.#player.run.state);
    history.replaceState(history.state, '', this.#hash);
    try {
      await navigator.clipboard.writeText(location.href);
      return true;
    } catch {
      return false;
    }
  }

  #choose(event: Event): void {
    const target = event.target instanceof Element ? event.target : null;
    const part = target?.closest('[data-part]')?.getAttribute('data-part') ?? '';
    if (!isNode(part) && !isClient(part)) return;
    this.#interventions.choose(part);
    this.#changed();
  }

  #draw(): void {
    const geometry = geometryFor(this.#picture.clientWidth || this.clientWidth);
    if (geometry.width === this.#geometry?.width) return;
    this.#geometry = geometry;
    this.#redraw();
  }

  #redraw(): void {
    if (!this.#geometry) return;
    this.#drawing = new Drawing(this.#geometry, this.#stillness.matches);
    this.#picture.replaceChildren(this.#drawing.element);
    this.#changed();
  }

  #changed(): void {
    const { run } = this.#player;
    const snapshot = snapshotOf(run.cluster);
    this.#presets.update(run.preset);
    this.#drawing?.update(snapshot, this.#interventions.chosen);
    this.#facts.update(snapshot);
    this.#events.update(snapshot.entries);
    this.#transport.update();
    this.#interventions.update();
    const isOver = run.endedAt !== null;
    const bad = snapshot.facts.doubleHoldings > 0 ? 'bad' : '';
    set(this.#ending, { class: isOver ? `ending over ${bad}` : 'ending' });
    setText(this.#ending, isOver ? run.preset.ending : '');
    this.#keep();
  }
}
