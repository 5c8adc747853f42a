import { h, type Ref, type VNode } from 'vue';
import type { Client } from '../world/client.js';
import type { Cluster } from '../world/cluster.js';
import { queueOf } from '../world/core.js';
import { type ClientName, isClient, type PartName, RESOURCE, tokenText } from '../world/parts.js';
import { Server } from '../world/server.js';
import { messages, NODE, placeOf, pointOf, RADIUS, SIZE, STORAGE, translate } from './messages.js';

const LABEL =
  'Five nodes above, three clients below them, and the storage that the lock guards at the bottom. The list of events tells what happens.';

const QUEUE = queueOf(RESOURCE);
/** The ring that shows how much of the validity is left: its radius and its length. */
const RING = RADIUS + 6;
const AROUND = 2 * Math.PI * RING;
/** How many of the latest writes are shown, and the distance between them. */
const SHOWN_WRITES = 12;
const STEP = 20;

/** The cluster as it is now. */
export function picture(cluster: Cluster, chosen: Ref<PartName>): VNode {
  const { holders } = cluster;
  const figure = (part: Server | Client): VNode => (
    <g
      class={[part.state, { cut: part.isCut, chosen: part.name === chosen.value }]}
      data-part={part.name}
      transform={translate(placeOf(part.name))}
      onClick={() => (chosen.value = part.name)}
    >
      {part instanceof Server ? nodeFigure(cluster, part) : clientFigure(cluster, part)}
    </g>
  );
  const alarm = (
    <g class="twoHolders" transform={translate({ x: SIZE.width / 2, y: SIZE.height / 3 })}>
      <rect x={-150} y={-28} width={300} height={44} rx={22} />
      {label('', 0, 0, `${holders.length} holders: ${holders.join(' and ')}`)}
    </g>
  );
  return (
    <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={LABEL}>
      {cluster.paths.map((path) => pathFigure(cluster, path))}
      {messages(cluster)}
      {storageFigure(cluster)}
      {[...cluster.clients, ...cluster.servers].map(figure)}
      {holders.length > 1 && alarm}
    </svg>
  );
}

/** A path has the color of its client while the node has that client's key, and is dotted if that does not count. */
function pathFigure({ servers, clients }: Cluster, path: Cluster['paths'][number]): VNode {
  const { client, end, isCut } = path;
  const server = servers.find(({ name }) => name === end);
  const held = server && server.state !== 'down' && clientOf(server) === client;
  const doubted = clients.some(({ name, quarantined }) => name === client && quarantined.has(end));
  const [{ x, y }, far] = [placeOf(client), placeOf(end)];
  const cross = translate(pointOf(client, end, 0.5));
  return (
    <g class={['path', client, { severed: isCut, held, doubted: held && doubted }]}>
      <line x1={x} y1={y} x2={far.x} y2={far.y} />
      {isCut && <path class="cross" transform={cross} d="M-5-5 5 5M5-5-5 5" />}
    </g>
  );
}

/** A node: its name, whose key it has and for how long, who waits, and what is wrong with it. */
function nodeFigure({ clients, settings }: Cluster, server: Server): VNode {
  const { name, memory } = server;
  const { width, height } = NODE;
  const [left, top] = [-width / 2, -height / 2];
  const holder = clientOf(server);
  const waiters = memory.keyspace.sortedSet(QUEUE)?.members.map(waiterText) ?? [];
  const quarantined = clients.some((client) => client.quarantined.has(name));
  const validity = holder ? memory.keyspace.remaining(RESOURCE) / settings.ttl : 0;
  const bar = { x: left + 6, y: -top - 9, height: 4, rx: 2 };
  const state = stateText(server) ?? (quarantined ? 'quarantine' : clockText(server));
  return (
    <g class={['node', holder, { quarantined }]}>
      <rect class="box" x={left} y={top} width={width} height={height} rx={10} />
      <rect class="track" {...bar} width={width - 12} />
      <rect class="bar" {...bar} width={Math.min(Math.max(validity, 0), 1) * (width - 12)} />
      {label('name', left + 9, top + 20, name)}
      {label('key', -left - 9, top + 20, holder)}
      {label('badge', 0, -top - 18, state)}
      {label('queue', 0, top - 10, waiters.length > 0 ? `queue ${waiters.join(' ')}` : '')}
    </g>
  );
}

/** A client: what it does, and how much of its lock's validity is left. */
function clientFigure({ settings, holders }: Cluster, client: Client): VNode {
  const { name, phase, fencingToken, remaining } = client;
  const holder = fencingToken !== null;
  const dash = `${(remaining / settings.ttl) * AROUND} ${AROUND}`;
  const validity = holder ? ` · ${(remaining / 1000).toFixed(1)} s` : '';
  const detail = holder ? `token ${tokenText(fencingToken)}` : clockText(client);
  return (
    <g class={['client', name, { holder, alarm: holder && holders.length > 1 }]}>
      <circle class="halo" r={RING} />
      <circle class="ring" r={RING} transform="rotate(-90)" stroke-dasharray={dash} />
      <circle class="disc" r={RADIUS} />
      {label('letter', 0, 7, name)}
      {label('phase', 0, RADIUS + 26, `${stateText(client) ?? phase}${validity}`)}
      {label('detail', 0, RADIUS + 44, detail)}
    </g>
  );
}

/** The storage: the highest fencing token that it has seen, and how it has judged the latest writes. */
function storageFigure({ journal: { highestToken, writes } }: Cluster): VNode {
  const { width, height } = STORAGE;
  const [left, top] = [-width / 2, -height / 2];
  const token = highestToken === 0 ? '' : `highest token ${tokenText(highestToken)}`;
  return (
    <g class="storage" transform={translate(placeOf('storage'))}>
      <rect class="box" x={left} y={top} width={width} height={height} rx={10} />
      {label('name', left + 12, top + 22, 'storage')}
      {label('token', -left - 12, top + 22, token)}
      {writes.slice(-SHOWN_WRITES).map(({ client, accepted }, index) => (
        <g
          class={accepted ? client : 'refused'}
          transform={translate({ x: (index - (SHOWN_WRITES - 1) / 2) * STEP, y: 14 })}
        >
          <rect x={-8} y={-8} width={16} height={16} rx={3} />
          {label('mark', 0, 4, accepted ? client : '✕')}
        </g>
      ))}
    </g>
  );
}

function label(look: string, x: number, y: number, text: string): VNode {
  return h('text', { class: look, x, y }, text);
}

/** The client whose process has made a token, of a node the one that has its key. */
function clientOf(token: Server | string): ClientName | '' {
  if (token instanceof Server) return clientOf(token.memory.keyspace.get(RESOURCE) ?? '');
  const name = token.charAt(0);
  return isClient(name) ? name : '';
}

/** A client that waits, by its entry in a queue; in brackets if it was notified. */
function waiterText(member: string): string {
  const client = clientOf(member.slice(member.lastIndexOf(':') + 1));
  return member.startsWith('!') ? `(${client})` : client;
}

/** What is wrong with a part. */
function stateText({ state, isCut }: Server | Client): string | undefined {
  return state !== 'running' ? state : isCut ? 'cut off' : undefined;
}

/** What the clock of a part was set by. */
function clockText({ skew }: Server | Client): string {
  return skew === 0 ? '' : `clock ${skew > 0 ? '+' : '−'}${Math.abs(skew) / 1000} s`;
}
