import type { VNode } from 'vue';
import type { Cluster } from '../world/cluster.js';
import type { Cargo } from '../world/cargo.js';
import { CLIENTS, type ClientName, isClient, type NodeName, NODES } from '../world/parts.js';

/** The size of the drawing and of what is in it: large enough for letters to be legible on a telephone. */
export const SIZE = { width: 480, height: 440 };
export const NODE = { width: 84, height: 66 };
export const STORAGE = { width: 340, height: 64 };
export const RADIUS = 30;

/** Where the middles of nodes, clients and storage are. */
const ROWS = { nodes: 60, clients: 252, storage: 402 };
/** How far beside the line messages travel, so that the two directions can be told apart. */
const ASIDE = 4;

type End = NodeName | 'storage';

type Point = Readonly<Record<'x' | 'y', number>>;

export function translate({ x, y }: Point): string {
  return `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
}

export function placeOf(part: End | ClientName): Point {
  if (part === 'storage') return { x: SIZE.width / 2, y: ROWS.storage };
  return isClient(part)
    ? { x: (SIZE.width * (CLIENTS.indexOf(part) + 0.5)) / 3, y: ROWS.clients }
    : { x: (SIZE.width * (NODES.indexOf(part) + 0.5)) / 5, y: ROWS.nodes };
}

/** A point of the way from a client to a node or the storage. @param progress from 0 to 1 */
export function pointOf(client: ClientName, end: End, progress: number, aside = 0): Point {
  const [near, far] = [placeOf(client), placeOf(end)];
  const [dx, dy] = [far.x - near.x, far.y - near.y];
  const length = Math.hypot(dx, dy);
  return {
    x: near.x + dx * progress - (dy / length) * aside,
    y: near.y + dy * progress + (dx / length) * aside,
  };
}

const TICK = 'M-3.4.2-1 2.6 3.6-2.4';
const CROSS = 'M-2.6-2.6 2.6 2.6M2.6-2.6-2.6 2.6';

/** What messages look like: the class of a shape, its outline, what is drawn on it, and what the legend says of it. */
const SHAPES: Readonly<Record<Cargo, readonly [string, string, sign?: string, meaning?: string]>> =
  {
    acquire: ['filled', circle(5), '', 'requests the lock'],
    granted: ['filled', circle(7.5), TICK, 'granted'],
    denied: ['muted', circle(7), CROSS, 'denied'],
    extend: ['hollow', circle(5), '', 'extends'],
    release: ['filled', 'M-4 4h8L0-4z', '', 'releases'],
    done: ['filled', circle(3)],
    notification: ['filled', 'M0-9 9 0 0 9-9 0z', 'M0-4V1.2M0 3.6V4', 'a node notifies'],
    write: ['filled', 'M-5.5-5.5h11v11h-11z', '', 'writes'],
    accepted: ['filled', 'M-3-3h6v6h-6z'],
    refused: ['danger', 'M-7-7h14v14h-14z', CROSS, 'write refused'],
    other: ['faint', circle(1.8)],
  };

function circle(r: number): string {
  return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
}

function shape(cargo: Cargo, client: ClientName = 'A', transform?: string): VNode {
  const [look, outline, sign] = SHAPES[cargo];
  return (
    <g class={['message', cargo, look, client]} transform={transform}>
      <path d={outline} />
      {sign && <path class="sign" d={sign} />}
    </g>
  );
}

/** The messages under way. */
export function messages({ network }: Cluster): VNode[] {
  return [...network.messages].map((message) => {
    const { client, end } = message.path;
    const way = network.progress(message);
    const isUp = message.direction === 'up';
    const point = pointOf(client, end, isUp ? way : 1 - way, isUp ? ASIDE : -ASIDE);
    return shape(message.cargo, client, translate(point));
  });
}

export function legend(): VNode {
  return (
    <ul class="legend" aria-label="What the messages mean">
      {Object.entries(SHAPES).map(([cargo, [, , , meaning]]) => (
        <li hidden={!meaning}>
          <svg viewBox="-10 -10 20 20" width={20} height={20} aria-hidden="true">
            {shape(cargo as Cargo)}
          </svg>
          {meaning}
        </li>
      ))}
    </ul>
  );
}
