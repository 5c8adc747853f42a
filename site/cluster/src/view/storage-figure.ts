import { tokenText } from '../world/epoch.js';
import type { Snapshot } from '../world/snapshot.js';
import type { Geometry } from './geometry.js';
import { set, setText, svg } from './markup.js';

/** How many of the latest writes are shown, and the distance between them. */
const SHOWN = 12;
const STEP = 20;

/** The storage: the highest fencing token that it has seen, and how it has judged the latest writes. */
export class StorageFigure {
  readonly element: SVGGElement;
  readonly #token = svg('text', { class: 'token' });
  readonly #writes: readonly SVGTextElement[];
  readonly #squares: readonly SVGRectElement[];

  constructor(geometry: Geometry) {
    const { x, y } = geometry.at('storage');
    const { width, height } = geometry.storage;
    const left = x - width / 2;
    const top = y - height / 2;
    const first = x - ((SHOWN - 1) * STEP) / 2;
    const row = top + 46;
    this.#squares = Array.from({ length: SHOWN }, (_, index) =>
      svg('rect', { x: first + index * STEP - 8, y: row - 8, width: 16, height: 16, rx: 3 }),
    );
    this.#writes = Array.from({ length: SHOWN }, (_, index) =>
      svg('text', { x: first + index * STEP, y: row + 4 }),
    );
    set(this.#token, { x: left + width - 12, y: top + 22 });
    this.element = svg(
      'g',
      { class: 'storage' },
      svg('rect', { class: 'box', x: left, y: top, width, height, rx: 10 }),
      svg('text', { class: 'name', x: left + 12, y: top + 22 }, 'storage'),
      this.#token,
      ...this.#squares,
      ...this.#writes,
    );
  }

  update({ highest, writes }: Snapshot['storage']): void {
    setText(this.#token, highest === 0 ? '' : `highest token ${tokenText(highest)}`);
    const shown = writes.slice(-SHOWN);
    for (const [index, square] of this.#squares.entries()) {
      const write = shown[index];
      const kind = write === undefined ? 'none' : write.accepted ? 'accepted' : 'refused';
      set(square, { class: `write ${kind} ${write?.client ?? ''}` });
      const text = this.#writes[index];
      if (!text) continue;
      set(text, { class: `mark ${kind}` });
      setText(text, write === undefined ? '' : write.accepted ? write.client : '✕');
    }
  }
}
