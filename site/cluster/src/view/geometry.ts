import { CLIENTS, NODES, type ClientName, type NodeName } from '../world/names.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything is drawn, in units of the drawing. */
export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly node: { readonly width: number; readonly height: number };
  readonly storage: { readonly width: number; readonly height: number };
  readonly radius: number;
  at(part: End): Point;
  /** Where messages between a client and a node or the storage are first and last seen. */
  way(client: ClientName, end: NodeName | 'storage'): { readonly from: Point; readonly to: Point };
}

type End = NodeName | ClientName | 'storage';

interface Measures extends Omit<Geometry, 'at' | 'way'> {
  readonly rows: { readonly nodes: number; readonly clients: number; readonly storage: number };
}

const WIDE: Measures = {
  width: 760,
  height: 462,
  rows: { nodes: 64, clients: 272, storage: 422 },
  node: { width: 104, height: 68 },
  storage: { width: 330, height: 64 },
  radius: 34,
};

/** So narrow that a unit is about a pixel of a telephone: letters stay as large as they are. */
const NARROW: Measures = {
  width: 360,
  height: 446,
  rows: { nodes: 62, clients: 256, storage: 408 },
  node: { width: 66, height: 64 },
  storage: { width: 300, height: 64 },
  radius: 28,
};

/** The distance between the edge of a part and the middle of a message that touches it. */
const GAP = 10;
/** The height of what is written below a client. */
const TEXT = 52;

/** @param width of the drawing on the screen, in px */
export function geometryFor(width: number): Geometry {
  const measures = width < 560 ? NARROW : WIDE;
  const { rows } = measures;
  const points = new Map<string, Point>([
    ...NODES.map((name, i) => [name, { x: column(measures, i, 5), y: rows.nodes }] as const),
    ...CLIENTS.map((name, i) => [name, { x: column(measures, i, 3), y: rows.clients }] as const),
  ]);
  const storage = { x: measures.width / 2, y: rows.storage };
  const at = (part: End): Point => points.get(part) ?? storage;
  const way: Geometry['way'] = (client, end) => {
    const { x, y } = at(client);
    const far = at(end);
    if (end === 'storage') {
      const from = { x, y: y + measures.radius + TEXT };
      return {
        from,
        to: between(from, far, 1 - measures.storage.height / 2 / (far.y - from.y), 0),
      };
    }
    const nearEdge = (measures.radius + GAP) / Math.hypot(far.x - x, far.y - y);
    const farEdge = (measures.node.height / 2 + GAP) / (y - far.y);
    const from = between(at(client), far, nearEdge, 0);
    return { from, to: between(at(client), far, 1 - farEdge, 0) };
  };
  return { ...measures, at, way };
}

function column({ width }: Measures, index: number, count: number): number {
  return (width * (index + 0.5)) / count;
}

/** A point of the way from one to another, beside it so that both directions can be told apart. */
export function between(from: Point, to: Point, progress: number, aside: number): Point {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.hypot(dx, dy) || 1;
  return {
    x: from.x + dx * progress - (dy / length) * aside,
    y: from.y + dy * progress + (dx / length) * aside,
  };
}
