import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../src/index.js';
import type { Keyspace } from '../../../redlock-core/src/memory/keyspace.js';
import { MemoryServer } from '../../../redlock-core/src/memory/server.js';

const FOR_EVER = 2 ** 40;

/** A server in memory, and what can happen on the way to it. */
class FleetServer {
  readonly clients = new Set<FleetClient>();
  readonly #memory: MemoryServer;
  /** How long a reply takes, in ms; Infinity: no reply arrives. */
  #delay = 0;

  constructor(readonly port: number) {
    this.#memory = new MemoryServer({
      clock: () => performance.now(),
      wallClock: () => Date.now(),
      runId: () => `run-${port}`,
      uptime: 1e12,
      channels: { publish: () => 0 },
    });
  }

  get keyspace(): Keyspace {
    return this.#memory.keyspace;
  }

  async execute(command: readonly string[]): Promise<unknown> {
    if (this.#delay === Infinity) return new Promise(() => {});
    const reply = this.#memory.execute(command);
    if (this.#delay > 0) await sleep(this.#delay);
    return reply;
  }

  delay(ms: number): void {
    this.#delay = ms;
  }

  blackHole(): void {
    this.delay(Infinity);
  }

  refuse(): void {
    for (const client of this.clients) client.lose();
  }

  heal(): void {
    for (const client of this.clients) client.establish();
  }
}

/** As much of a client of ioredis as the adapter uses. */
class FleetClient extends EventEmitter {
  status = 'ready';
  readonly options: object;
  readonly #server: FleetServer;
  /** Rejects the commands under way. */
  #pending: ((error: Error) => void)[] = [];

  constructor(server: FleetServer) {
    super();
    this.#server = server;
    this.options = { host: 'fleet', port: server.port };
    server.clients.add(this);
  }

  async call(name: string, args: readonly string[]): Promise<unknown> {
    if (this.status !== 'ready') throw new Error('Connection is closed.');
    return new Promise((resolve, reject) => {
      this.#pending.push(reject);
      this.#server.execute([name, ...args]).then(resolve, reject);
    });
  }

  /** Without a connection, it waits for one, as ioredis does. */
  async quit(): Promise<unknown> {
    if (this.status !== 'ready') return new Promise(() => {});
    await this.call('INFO', []);
    this.disconnect();
    return 'OK';
  }

  disconnect(): void {
    this.#server.clients.delete(this);
    this.#end('end');
  }

  lose(): void {
    this.emit('error', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    this.#end('reconnecting');
  }

  establish(): void {
    this.status = 'ready';
    this.emit('connect');
    this.emit('ready');
  }

  #end(status: string): void {
    this.status = status;
    const pending = this.#pending;
    this.#pending = [];
    for (const reject of pending) reject(new Error('Connection is closed.'));
    this.emit('close');
  }
}

/** What another client of a server sees and does. */
class Probe {
  readonly #server: FleetServer;

  constructor(server: FleetServer) {
    this.#server = server;
  }

  get(key: string): string | null {
    return this.#server.keyspace.get(key);
  }

  pttl(key: string): number {
    return this.#server.keyspace.remaining(key);
  }

  set(key: string, value: string): void {
    this.#server.keyspace.set(key, value, FOR_EVER);
  }

  /** Makes the key a sorted set, as the data of another program. */
  zadd(key: string, member: string): void {
    this.#server.keyspace.addTo(key, member, 1, FOR_EVER);
  }

  del(key: string): void {
    this.#server.keyspace.delete(key);
  }
}

/** Servers in memory and their clients, with the methods that a deployment of real servers has. */
export class Fleet {
  readonly nodes: readonly { readonly proxy: FleetServer; readonly probe: Probe }[];

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, (_, index) => {
      const proxy = new FleetServer(index + 1);
      return { proxy, probe: new Probe(proxy) };
    });
  }

  /** A connected client of each server. */
  clients(): Client[] {
    return this.nodes.map(({ proxy }) => {
      const client = new FleetClient(proxy);
      client.on('error', () => {});
      return client as unknown as Client;
    });
  }

  node(index: number): Fleet['nodes'][number] {
    const node = this.nodes[index];
    if (!node) throw new Error(`There are ${this.nodes.length} nodes`);
    return node;
  }

  get probes(): readonly Probe[] {
    return this.nodes.map(({ probe }) => probe);
  }

  values(key: string): readonly (string | null)[] {
    return this.probes.map((probe) => probe.get(key));
  }

  isHeld(key: string, value: string): boolean {
    return this.values(key).every((each) => each === value);
  }

  isGone(key: string): boolean {
    return this.values(key).every((each) => each === null);
  }
}
