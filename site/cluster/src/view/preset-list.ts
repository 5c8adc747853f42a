import type { Preset } from '../presets/preset.js';
import { PRESETS } from '../presets/presets.js';
import { button, html, prose, set } from './markup.js';

/** The presets to choose from, and what the chosen one is about. */
export class PresetList {
  readonly element: HTMLElement;
  readonly #buttons: readonly { readonly preset: Preset; readonly element: HTMLButtonElement }[];
  readonly #sentence = html('p', { class: 'sentence' });
  #shown: Preset | null = null;

  constructor(onChosen: (preset: Preset) => void) {
    this.#buttons = PRESETS.map((preset) => ({
      preset,
      element: button(preset.title, () => onChosen(preset)),
    }));
    this.element = html(
      'div',
      { class: 'intro' },
      html(
        'div',
        { class: 'presets', role: 'group', 'aria-label': 'What to see' },
        ...this.#buttons.map(({ element }) => element),
      ),
      this.#sentence,
    );
  }

  update(chosen: Preset): void {
    if (chosen === this.#shown) return;
    this.#shown = chosen;
    for (const { preset, element } of this.#buttons) {
      set(element, { 'aria-pressed': String(preset === chosen) });
    }
    this.#sentence.replaceChildren(...prose(chosen.sentence));
  }
}
