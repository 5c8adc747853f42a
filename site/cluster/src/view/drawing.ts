import { CLIENTS, NODES, type ClientName, type NodeName } from '../world/names.js';
import type { Snapshot } from '../world/snapshot.js';
import { ClientFigure } from './client-figure.js';
import type { Geometry } from './geometry.js';
import { set, setText, svg } from './markup.js';
import { MessageFigures } from './message-figures.js';
import { NodeFigure } from './node-figure.js';
import { PathFigures } from './path-figures.js';
import { StorageFigure } from './storage-figure.js';

const LABEL =
  'Five nodes above, three clients below them, and the storage that the lock guards at the bottom. The list of events tells what happens.';

/** The cluster as it is at one moment. */
export class Drawing {
  readonly element: SVGSVGElement;
  readonly #nodes: readonly NodeFigure[];
  readonly #clients: readonly ClientFigure[];
  readonly #paths: PathFigures;
  readonly #messages: MessageFigures;
  readonly #storage: StorageFigure;
  readonly #alarm: SVGGElement;
  readonly #alarmText: SVGTextElement;

  constructor(geometry: Geometry, isStill: boolean) {
    const { width, height } = geometry;
    this.#nodes = NODES.map((name) => new NodeFigure(name, geometry));
    this.#clients = CLIENTS.map((name) => new ClientFigure(name, geometry));
    this.#paths = new PathFigures(geometry);
    this.#messages = new MessageFigures(geometry, isStill);
    this.#storage = new StorageFigure(geometry);
    const y = (geometry.at('n1').y + geometry.at('A').y) / 2;
    this.#alarmText = svg('text', { x: width / 2, y: y + 6 });
    this.#alarm = svg(
      'g',
      { class: 'hidden' },
      svg('rect', { x: width / 2 - 150, y: y - 22, width: 300, height: 44, rx: 22 }),
      this.#alarmText,
    );
    this.element = svg(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': LABEL },
      this.#paths.element,
      this.#storage.element,
      ...this.#clients.map(({ element }) => element),
      ...this.#nodes.map(({ element }) => element),
      this.#messages.element,
      this.#alarm,
    );
  }

  update(snapshot: Snapshot, chosen: NodeName | ClientName): void {
    const { nodes, clients, storage, holders } = snapshot;
    const isAlarm = holders.length > 1;
    for (const [index, node] of nodes.entries()) {
      this.#nodes[index]?.update(node, node.name === chosen);
    }
    for (const [index, client] of clients.entries()) {
      const isOneOfTwo = isAlarm && holders.includes(client.name);
      this.#clients[index]?.update(client, isOneOfTwo, client.name === chosen);
    }
    this.#paths.update(snapshot);
    this.#messages.update(snapshot);
    this.#storage.update(storage);
    set(this.#alarm, { class: isAlarm ? 'twoHolders' : 'hidden' });
    setText(this.#alarmText, `${holders.length} holders: ${holders.join(' and ')}`);
  }
}
