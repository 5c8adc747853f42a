import type { NodeSnapshot } from '../world/snapshot.js';
import type { Geometry } from './geometry.js';
import { set, setText, svg } from './markup.js';

/** A node: its name, whose key it has and for how long, who waits, and what is wrong with it. */
export class NodeFigure {
  readonly element: SVGGElement;
  readonly #title = svg('title');
  readonly #name = svg('text', { class: 'name' });
  readonly #key = svg('text', { class: 'key' });
  readonly #state = svg('text', { class: 'badge' });
  readonly #bar = svg('rect', { class: 'bar' });
  readonly #queue = svg('text', { class: 'queue' });
  readonly #width: number;

  constructor(name: NodeSnapshot['name'], geometry: Geometry) {
    const { x, y } = geometry.at(name);
    const { width, height } = geometry.node;
    const left = x - width / 2;
    const top = y - height / 2;
    this.#width = width;
    set(this.#name, { x: left + 9, y: top + 20 });
    set(this.#key, { x: left + width - 9, y: top + 20 });
    set(this.#state, { x, y: top + height - 18 });
    set(this.#bar, { x: left + 6, y: top + height - 9, height: 4, rx: 2 });
    set(this.#queue, { x, y: top - 10 });
    setText(this.#name, name);
    this.element = svg(
      'g',
      { 'data-part': name },
      this.#title,
      svg('rect', { class: 'box', x: left, y: top, width, height, rx: 10 }),
      svg('rect', {
        class: 'track',
        x: left + 6,
        y: top + height - 9,
        width: width - 12,
        height: 4,
        rx: 2,
      }),
      this.#bar,
      this.#name,
      this.#key,
      this.#state,
      this.#queue,
    );
  }

  update(node: NodeSnapshot, isChosen: boolean): void {
    const { key, queue, name } = node;
    const state = stateOf(node);
    const isSick = node.state !== 'running' || node.isCut || node.dropsReplies;
    set(this.element, {
      class: [
        'node',
        key?.client ?? 'free',
        node.state,
        isSick ? 'sick' : '',
        node.quarantinedBy.length > 0 ? 'quarantined' : '',
        isChosen ? 'chosen' : '',
      ].join(' '),
    });
    set(this.#bar, { width: Math.max(0, (key?.left ?? 0) * (this.#width - 12)) });
    setText(this.#key, key?.client ?? '');
    setText(this.#state, state);
    setText(this.#queue, queue.length === 0 ? '' : `queue ${queue.map(entryText).join(' ')}`);
    setText(this.#title, `${name}: ${keyText(node)}, ${state || 'well'}`);
  }
}

function keyText({ key }: NodeSnapshot): string {
  return key === null ? 'no key' : `the key is held by ${key.client}`;
}

/** A client that waits; one that was notified stands in brackets. */
function entryText({ client, isNotified }: NodeSnapshot['queue'][number]): string {
  return isNotified ? `(${client})` : client;
}

function stateOf(node: NodeSnapshot): string {
  if (node.state !== 'running') return node.state;
  if (node.isCut) return 'cut off';
  if (node.dropsReplies) return 'no replies';
  if (node.quarantinedBy.length > 0) return 'quarantine';
  return node.skew === 0 ? '' : `clock ${skewText(node.skew)}`;
}

/** @param ms what a clock was set by */
export function skewText(ms: number): string {
  return `${ms > 0 ? '+' : '−'}${Math.abs(ms) / 1000} s`;
}
