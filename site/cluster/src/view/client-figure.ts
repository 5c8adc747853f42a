import { tokenText } from '../world/epoch.js';
import type { ClientSnapshot } from '../world/snapshot.js';
import type { Geometry } from './geometry.js';
import { set, setText, svg } from './markup.js';
import { skewText } from './node-figure.js';

/** The distance between a client and the ring of its validity. */
const RING = 6;

const PHASES = {
  idle: 'wants nothing',
  resting: 'rests',
  asking: 'asks',
  waiting: 'waits',
  holding: 'works',
  writing: 'writes',
  releasing: 'releases',
} as const;

/** A client: what it does, and how much of its lock's validity is left. */
export class ClientFigure {
  readonly element: SVGGElement;
  readonly #title = svg('title');
  readonly #ring: SVGCircleElement;
  readonly #text = svg('text', { class: 'phase' });
  readonly #more = svg('text', { class: 'detail' });
  readonly #length: number;

  constructor(name: ClientSnapshot['name'], geometry: Geometry) {
    const { x, y } = geometry.at(name);
    const { radius: r } = geometry;
    const ringRadius = r + RING;
    this.#length = 2 * Math.PI * ringRadius;
    this.#ring = svg('circle', {
      class: 'ring',
      cx: x,
      cy: y,
      r: ringRadius,
      transform: `rotate(-90 ${x} ${y})`,
    });
    set(this.#text, { x, y: y + r + 26 });
    set(this.#more, { x, y: y + r + 44 });
    this.element = svg(
      'g',
      { 'data-part': name },
      this.#title,
      svg('circle', { class: 'halo', cx: x, cy: y, r: ringRadius }),
      this.#ring,
      svg('circle', { class: 'disc', cx: x, cy: y, r }),
      svg('text', { class: 'letter', x, y: y + 7 }, name),
      this.#text,
      this.#more,
    );
  }

  update(client: ClientSnapshot, isAlarm: boolean, isChosen: boolean): void {
    const { name, state, lock } = client;
    const left = (lock?.left ?? 0) * this.#length;
    set(this.element, {
      class: [
        'client',
        name,
        state,
        lock ? 'holder' : '',
        isAlarm ? 'alarm' : '',
        isChosen ? 'chosen' : '',
      ].join(' '),
    });
    set(this.#ring, { 'stroke-dasharray': `${left} ${this.#length}` });
    setText(this.#text, phaseText(client));
    setText(this.#more, detailText(client));
    setText(this.#title, `${name} ${phaseText(client)}. ${detailText(client)}`);
  }
}

function phaseText({ state, phase, lock, isCut }: ClientSnapshot): string {
  if (state === 'down') return 'killed';
  const held = lock ? ` · ${(lock.remaining / 1000).toFixed(1)} s` : '';
  if (state === 'paused') return `paused${held}`;
  if (isCut) return `cut off${held}`;
  return `${PHASES[phase]}${held}`;
}

function detailText({ lock, skew }: ClientSnapshot): string {
  if (lock) return `token ${tokenText(lock.fencingToken)}`;
  return skew === 0 ? '' : `clock ${skewText(skew)}`;
}
