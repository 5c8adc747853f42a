import type { Cargo } from '../world/cargo.js';
import type { MessageSnapshot, Snapshot } from '../world/snapshot.js';
import { between, type Geometry } from './geometry.js';
import { set, svg } from './markup.js';

/** How far beside the line messages travel. */
const ASIDE = 4;

/** The shapes of messages. `currentColor` is the colour of the client. */
export const SHAPES: Readonly<Record<Cargo, () => SVGElement[]>> = {
  acquire: () => [svg('circle', { r: 5, fill: 'currentColor' })],
  extend: () => [svg('circle', { r: 5, class: 'hollow' })],
  release: () => [svg('path', { d: 'M-4 4h8L0-4z', fill: 'currentColor' })],
  granted: () => [
    svg('circle', { r: 7.5, fill: 'currentColor' }),
    svg('path', { d: 'M-3.4.2-1 2.6 3.6-2.4', class: 'stroke' }),
  ],
  denied: () => [
    svg('circle', { r: 7, class: 'muted' }),
    svg('path', { d: 'M-2.6-2.6 2.6 2.6M2.6-2.6-2.6 2.6', class: 'mutedStroke' }),
  ],
  done: () => [svg('circle', { r: 3, fill: 'currentColor' })],
  notification: () => [
    svg('path', { d: 'M0-9 9 0 0 9-9 0z', fill: 'currentColor' }),
    svg('path', { d: 'M0-4V1.2M0 3.6V4', class: 'stroke' }),
  ],
  write: () => [
    svg('rect', { x: -5.5, y: -5.5, width: 11, height: 11, rx: 2, fill: 'currentColor' }),
  ],
  accepted: () => [svg('rect', { x: -3, y: -3, width: 6, height: 6, rx: 1, fill: 'currentColor' })],
  refused: () => [
    svg('rect', { x: -7, y: -7, width: 14, height: 14, rx: 3, class: 'danger' }),
    svg('path', { d: 'M-3-3 3 3M3-3-3 3', class: 'stroke' }),
  ],
  other: () => [svg('circle', { r: 1.8, class: 'faint' })],
};

/** The messages under way. */
export class MessageFigures {
  readonly element: SVGGElement;
  readonly #geometry: Geometry;
  readonly #uses: SVGUseElement[] = [];
  readonly #isStill: boolean;

  /** @param isStill whether messages are shown in the middle of their ways, because the visitor wants little motion */
  constructor(geometry: Geometry, isStill: boolean) {
    this.#geometry = geometry;
    this.#isStill = isStill;
    const symbols = Object.entries(SHAPES).map(([cargo, shapes]) =>
      svg('g', { id: `m-${cargo}` }, ...shapes()),
    );
    this.element = svg('g', { class: 'messages' }, svg('defs', {}, ...symbols));
  }

  update({ messages }: Snapshot): void {
    while (this.#uses.length < messages.length) {
      const use = svg('use');
      this.#uses.push(use);
      this.element.append(use);
    }
    for (const [index, use] of this.#uses.entries()) {
      const message = messages[index];
      if (message) this.#show(use, message);
      else set(use, { class: 'hidden' });
    }
  }

  #show(use: SVGUseElement, { client, end, direction, cargo, progress }: MessageSnapshot): void {
    const geometry = this.#geometry;
    const way = this.#isStill ? 0.5 : progress;
    const part = direction === 'up' ? way : 1 - way;
    const aside = direction === 'up' ? ASIDE : -ASIDE;
    const { from, to } = geometry.way(client, end);
    const { x, y } = between(from, to, part, aside);
    set(use, {
      href: `#m-${cargo}`,
      class: client,
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
    });
  }
}
