import type { Entry } from '../world/journal.js';
import { html, setText } from './markup.js';

/** The most entries that are shown. */
const SHOWN = 60;

/** What has happened, the latest first. */
export class EventList {
  /** The latest event, which is also read out to those who do not see it. */
  readonly latest = html('p', { class: 'latest', 'aria-live': 'polite' });
  readonly element = html('ol', {
    class: 'events',
    tabindex: 0,
    'aria-label': 'Events, the latest first',
  });
  #shown: Entry | undefined;
  #count = 0;

  update(entries: readonly Entry[]): void {
    const latest = entries.at(-1);
    if (latest === this.#shown && entries.length === this.#count) return;
    // Another run has begun.
    if (entries.length < this.#count || entries[this.#count - 1] !== this.#shown) this.#clear();
    for (const entry of entries.slice(this.#count)) this.element.prepend(itemOf(entry));
    while (this.element.children.length > SHOWN) this.element.lastElementChild?.remove();
    this.#shown = latest;
    this.#count = entries.length;
    setText(this.latest, latest?.text ?? '');
  }

  #clear(): void {
    this.element.replaceChildren();
    this.#count = 0;
  }
}

function itemOf({ time, tone, text }: Entry): HTMLLIElement {
  const at = html('time', {}, `${(time / 1000).toFixed(2)} s`);
  return html('li', { class: tone }, at, html('span', {}, text));
}
