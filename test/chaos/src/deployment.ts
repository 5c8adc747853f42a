import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy, type RedisServer, startServers } from 'test-kit';
import { ClientProcess, type Listener } from './client-process.js';
import type { Random } from 'test-kit/random';
import type { ClientFault, Fault, NodeFault, Side } from './fault.js';
import type { History } from './history.js';
import { CLIENTS, NODES, type Variant, distrustOf } from './variant.js';
import type { Work } from './work.js';

const SIDES: readonly Side[] = [0, 1];
/** Of a node that is late, in ms each way: below and above what clients wait for it. */
const DELAY = 30;

/** A node, with a proxy for each side. */
interface ProxiedNode {
  readonly server: RedisServer;
  readonly proxies: readonly [FaultProxy, FaultProxy];
}

/** Nodes and clients, and what can be done to them. */
export class Deployment implements AsyncDisposable {
  readonly #variant: Variant;
  readonly #history: History;
  readonly #nodes: readonly ProxiedNode[];
  readonly #clients: readonly ClientProcess[];
  /** Of each node and client, the end of its last fault: one at a time. */
  readonly #busy = new Map<ProxiedNode | ClientProcess, Promise<void>>();

  private constructor(
    variant: Variant,
    history: History,
    nodes: readonly ProxiedNode[],
    clients: readonly ClientProcess[],
  ) {
    this.#variant = variant;
    this.#history = history;
    this.#nodes = nodes;
    this.#clients = clients;
  }

  static async start(
    variant: Variant,
    work: Work,
    random: Random,
    history: History,
    listener: Listener,
  ): Promise<Deployment> {
    const nodes = await startNodes();
    const clients = Array.from({ length: CLIENTS }, (_, index) => {
      const side = sideOf(index);
      const ports = nodes.map(({ proxies }) => proxies[side].port);
      const seed = random.integer(0, 2 ** 20);
      const order = { ports, options: variant.options, work };
      return new ClientProcess(`client-${index + 1}`, order, seed, listener);
    });
    return new Deployment(variant, history, nodes, clients);
  }

  /** Resolves when the fault is over; when the signal aborts, it stays as it is. */
  async inflict(fault: Fault, signal: AbortSignal): Promise<void> {
    if ('node' in fault) {
      const node = this.#nodes[fault.node];
      if (node) await this.#inTurn(node, () => this.#hurtNode(node, fault, signal));
      return;
    }
    const client = this.#victim(fault);
    if (client) await this.#inTurn(client, () => this.#hurtClient(client, fault, signal));
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.dismiss()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.crash()));
    await Promise.all(this.#nodes.flatMap(({ proxies }) => proxies.map((proxy) => proxy.close())));
    await Promise.all(this.#nodes.map(({ server }) => server.close()));
  }

  async #inTurn(victim: ProxiedNode | ClientProcess, act: () => Promise<void>): Promise<void> {
    const turn = (this.#busy.get(victim) ?? Promise.resolve()).then(act);
    this.#busy.set(victim, turn);
    await turn;
  }

  #victim({ holder, client }: ClientFault): ClientProcess | undefined {
    const name = holder ? this.#history.holder() : null;
    const index = Number(name?.match(/\d+/)?.[0] ?? client + 1) - 1;
    return this.#clients[index];
  }

  async #hurtNode(
    proxiedNode: ProxiedNode,
    fault: NodeFault & { readonly lasts: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { kind, node, sides, lasts } = fault;
    const { server } = proxiedNode;
    const ofServer = kind === 'kill' || kind === 'forget' || kind === 'stop';
    const where = ofServer ? '' : ` for side ${sides.join(' and ')}`;
    this.#history.fault(kind, `${server.name}: ${kind}${where}, for ${lasts.toFixed(0)} ms`);
    this.#history.nodeAway(node);
    await begin(proxiedNode, fault);
    await sleep(lasts, undefined, { signal });
    await end(proxiedNode, fault);
    this.#history.note(`${server.name}: over (${kind})`);
    const distrust = distrustOf(this.#variant, kind);
    if (distrust > 0) await sleep(distrust, undefined, { signal });
    this.#history.nodeBack(node);
  }

  async #hurtClient(
    client: ClientProcess,
    { kind, lasts }: ClientFault & { readonly lasts: number },
    signal: AbortSignal,
  ): Promise<void> {
    const name = `client-${this.#clients.indexOf(client) + 1}`;
    this.#history.fault(kind, `${name}: ${kind}, for ${lasts.toFixed(0)} ms`);
    if (kind === 'pause') client.pause();
    else await client.crash();
    await sleep(lasts, undefined, { signal });
    if (kind === 'pause') client.resume();
    else client.restart();
    this.#history.note(`${name}: over (${kind})`);
  }
}

/** Neighbours are on different sides. */
function sideOf(client: number): Side {
  return client % 2 === 0 ? 0 : 1;
}

async function startNodes(): Promise<ProxiedNode[]> {
  const servers = await startServers(NODES);
  return Promise.all(
    servers.map(async (server) => ({
      server,
      proxies: [await FaultProxy.start(server), await FaultProxy.start(server)] as const,
    })),
  );
}

async function begin({ server, proxies }: ProxiedNode, { kind, sides }: NodeFault): Promise<void> {
  if (kind === 'kill' || kind === 'forget') return server.kill();
  if (kind === 'stop') return server.pause();
  for (const side of sides) {
    if (kind === 'cut') proxies[side].refuse();
    else if (kind === 'silence') proxies[side].blackHole();
    else proxies[side].delay(DELAY);
  }
}

async function end({ server, proxies }: ProxiedNode, { kind }: NodeFault): Promise<void> {
  if (kind === 'kill' || kind === 'forget') await server.start({ empty: kind === 'forget' });
  else if (kind === 'stop') await server.resume();
  else await Promise.all(SIDES.map((side) => proxies[side].heal()));
}
