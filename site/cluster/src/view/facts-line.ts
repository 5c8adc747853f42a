import type { Facts } from '../world/facts.js';
import type { Snapshot } from '../world/snapshot.js';
import { html, set, setText } from './markup.js';

/** The run in numbers. */
export class FactsLine {
  readonly element = html('dl', { class: 'facts' });
  readonly #figures = new Map<
    string,
    { readonly box: HTMLElement; readonly number: HTMLElement }
  >();

  constructor() {
    for (const name of Object.keys(figuresOf(null))) {
      const number = html('dd');
      const box = html('div', {}, html('dt', {}, name), number);
      this.#figures.set(name, { box, number });
      this.element.append(box);
    }
  }

  update(snapshot: Snapshot): void {
    for (const [name, value] of Object.entries(figuresOf(snapshot))) {
      const figure = this.#figures.get(name);
      if (!figure) continue;
      setText(figure.number, value);
      set(figure.box, { class: name === ALARM && value !== '0' ? 'alarm' : '' });
    }
  }
}

const ALARM = 'two holders';

/** @param snapshot null: only the names matter */
function figuresOf(snapshot: Snapshot | null): Readonly<Record<string, string>> {
  const facts = snapshot?.facts;
  return {
    holder: snapshot?.holders.join(' and ') || 'nobody',
    time: `${((snapshot?.time ?? 0) / 1000).toFixed(2)} s`,
    locks: total(facts?.grants),
    calls: total(facts?.calls),
    refused: total(facts?.refusedWrites),
    [ALARM]: String(facts?.doubleHoldings ?? 0),
  };
}

function total(perClient: Facts['grants'] | undefined): string {
  return String(perClient ? perClient.A + perClient.B + perClient.C : 0);
}
