import type { Cargo } from '../world/cargo.js';
import { html, svg } from './markup.js';
import { SHAPES } from './message-figures.js';

const MEANINGS: readonly (readonly [Cargo, string])[] = [
  ['acquire', 'requests the lock'],
  ['granted', 'granted'],
  ['denied', 'denied'],
  ['extend', 'extends'],
  ['release', 'releases'],
  ['notification', 'a node notifies'],
  ['write', 'writes'],
  ['refused', 'write refused'],
];

/** What the messages in the drawing mean. */
export function legend(): HTMLElement {
  const items = MEANINGS.map(([cargo, meaning]) =>
    html(
      'li',
      {},
      svg(
        'svg',
        { viewBox: '-10 -10 20 20', width: 20, height: 20, 'aria-hidden': 'true' },
        ...SHAPES[cargo](),
      ),
      meaning,
    ),
  );
  return html('ul', { class: 'legend', 'aria-label': 'What the messages mean' }, ...items);
}
