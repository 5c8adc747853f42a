import type { Entry } from '../world/journal.js';
import { html, setText } from './markup.js';

/** The most entries that are shown. */
const SHOWN = 60;

/** What has happened, the latest first; and for those who do not see the list, the latest as a line of its own. */
export class EventList {
  readonly element: HTMLElement;
  readonly #latest = html('p', { class: 'latest', 'aria-live': 'polite' });
  readonly #list = html('ol', {
    class: 'events',
    tabindex: 0,
    'aria-label': 'Events, the latest first',
  });
  #shown: Entry | undefined;
  #count = 0;

  constructor() {
    this.element = html('div', { class: 'log' }, this.#latest, this.#list);
  }

  update(entries: readonly Entry[]): void {
    const latest = entries.at(-1);
    if (latest === this.#shown && entries.length === this.#count) return;
    // Another run has begun.
    if (entries.length < this.#count || entries[this.#count - 1] !== this.#shown) this.#clear();
    for (const entry of entries.slice(this.#count)) this.#list.prepend(itemOf(entry));
    while (this.#list.children.length > SHOWN) this.#list.lastElementChild?.remove();
    this.#shown = latest;
    this.#count = entries.length;
    setText(this.#latest, latest?.text ?? '');
  }

  #clear(): void {
    this.#list.replaceChildren();
    this.#count = 0;
  }
}

function itemOf({ time, tone, text }: Entry): HTMLLIElement {
  const at = html('time', {}, `${(time / 1000).toFixed(2)} s`);
  return html('li', { class: tone }, at, html('span', {}, text));
}
