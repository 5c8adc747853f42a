import { CLIENTS, NODES } from '../world/names.js';
import type { Snapshot } from '../world/snapshot.js';
import { between, type Geometry } from './geometry.js';
import { set, svg } from './markup.js';

interface PathFigure {
  readonly line: SVGLineElement;
  readonly cross: SVGGElement;
}

/**
 * The ways between clients and nodes. One has the colour of its client while the node has that client's key, and is
 * dotted if the client does not count that, because the node is in quarantine.
 */
export class PathFigures {
  readonly element = svg('g');
  readonly #figures = new Map<string, PathFigure>();

  constructor(geometry: Geometry) {
    for (const client of CLIENTS) {
      const from = geometry.at(client);
      for (const node of NODES) {
        const to = geometry.at(node);
        const line = svg('line', { x1: from.x, y1: from.y, x2: to.x, y2: to.y });
        const way = geometry.way(client, node);
        const { x, y } = between(way.from, way.to, 0.5, 0);
        const cross = svg(
          'g',
          { transform: `translate(${x} ${y})` },
          svg('path', { d: 'M-5-5 5 5M5-5-5 5' }),
        );
        this.#figures.set(client + node, { line, cross });
        this.element.append(line, cross);
      }
      const way = geometry.way(client, 'storage');
      this.element.prepend(
        svg('line', { class: 'path', x1: way.from.x, y1: way.from.y, x2: way.to.x, y2: way.to.y }),
      );
    }
  }

  update({ nodes, cutPaths }: Snapshot): void {
    for (const client of CLIENTS) {
      for (const { name, state, key, quarantinedBy } of nodes) {
        const figure = this.#figures.get(client + name);
        if (!figure) continue;
        const isCut = cutPaths.some((each) => each.client === client && each.node === name);
        const isHeld = key?.client === client && state !== 'down';
        const isDoubted = isHeld && quarantinedBy.includes(client);
        const look = isCut ? 'cut' : isDoubted ? 'held doubted' : isHeld ? 'held' : '';
        set(figure.line, { class: `path ${client} ${look}` });
        set(figure.cross, { class: isCut ? 'cross' : 'hidden' });
      }
    }
  }
}
