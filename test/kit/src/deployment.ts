import { Redis } from 'ioredis';
import type { Redlock } from 'redlock-core';
import { type Contender, type ContenderOptions, openContender } from './contender.js';
import { FaultProxy } from './fault-proxy.js';
import {
  type Client,
  type ClientOptions,
  type ClusterClient,
  type ClusterClientOptions,
  isReady,
  type Major,
  openClient,
  openClusterClient,
} from './ioredis-clients.js';
import { type CommandMonitor, monitorCommands } from './monitor.js';
import { type ClusterOptions, RedisCluster } from './redis-cluster.js';
import type { RedisServer } from './redis-server.js';
import { startServers } from './server-set.js';

/** One server, the proxy that faults happen on, and a client that looks at the server past the proxy. */
export interface ProxiedNode {
  readonly server: RedisServer;
  readonly proxy: FaultProxy;
  readonly probe: Redis;
}

export interface DeploymentOptions {
  readonly config?: Readonly<Record<string, string>>;
  readonly password?: string;
}

/** The servers of one test, their proxies and the clients of both; all of them end with the test. */
export class Deployment implements AsyncDisposable {
  readonly nodes: readonly ProxiedNode[];
  readonly #stack: AsyncDisposableStackLike;

  private constructor(nodes: readonly ProxiedNode[], stack: AsyncDisposableStackLike) {
    this.nodes = nodes;
    this.#stack = stack;
  }

  static async start(
    count: number,
    { config = {}, password = '' }: DeploymentOptions = {},
  ): Promise<Deployment> {
    const stack = new AsyncDisposableStackLike();
    const servers = await startServers(count, { config });
    const nodes = await Promise.all(
      servers.map(async (server) => {
        stack.defer(() => server.close());
        const proxy = await FaultProxy.start(server);
        stack.defer(() => proxy.close());
        const probe = openProbe(server, password);
        stack.defer(() => probe.disconnect());
        return { server, proxy, probe };
      }),
    );
    return new Deployment(nodes, stack);
  }

  node(index: number): ProxiedNode {
    const node = this.nodes[index];
    if (!node) throw new Error(`There are ${this.nodes.length} nodes`);
    return node;
  }

  get probes(): readonly Redis[] {
    return this.nodes.map(({ probe }) => probe);
  }

  /** Of the proxies. */
  get urls(): readonly string[] {
    return this.nodes.map(({ proxy }) => `redis://${proxy.host}:${proxy.port}`);
  }

  /** A further proxy of one server, with faults of its own. */
  async proxyTo(index: number): Promise<FaultProxy> {
    const proxy = await FaultProxy.start(this.node(index).server);
    this.#stack.defer(() => proxy.close());
    return proxy;
  }

  /** A client of one server, through its proxy. */
  client(major: Major, index: number, options?: ClientOptions): Client {
    return this.own(openClient(major, this.node(index).proxy, options));
  }

  /** A Redlock over the proxies and its clients, which may not be connected yet. */
  open(options?: ContenderOptions): Contender {
    const contender = openContender(
      this.nodes.map(({ proxy }) => proxy),
      options,
    );
    for (const client of contender.clients) this.own(client);
    this.#stack.defer(() => contender.redlock.close());
    return contender;
  }

  /** The same, with clients that are connected. */
  async contender(options?: ContenderOptions): Promise<Contender> {
    const contender = this.open(options);
    await Promise.all(contender.clients.map((client) => isReady(client)));
    return contender;
  }

  /** A Redlock of its own over the proxies, connected. */
  async redlock(options?: ContenderOptions): Promise<Redlock> {
    return (await this.contender(options)).redlock;
  }

  /** A user of all servers. @returns the options of its clients */
  async user(...rights: readonly string[]): Promise<{ username: string; password: string }> {
    const [username, password] = ['limited', 'its-password'];
    for (const { probe } of this.nodes) {
      await probe.call('ACL', 'SETUSER', username, 'on', `>${password}`, '~*', ...rights);
    }
    return { username, password };
  }

  /** A Redis Cluster beside the nodes. */
  async cluster(options?: ClusterOptions): Promise<RedisCluster> {
    const cluster = await RedisCluster.start(options);
    this.#stack.defer(() => cluster.close());
    return cluster;
  }

  /** A client of a whole Cluster. */
  clusterClient(
    major: Major,
    { servers }: RedisCluster,
    options?: ClusterClientOptions,
  ): ClusterClient {
    const client = openClusterClient(major, servers, options);
    this.#stack.defer(() => client.disconnect());
    return client;
  }

  /** Closes the client at the end of the test. */
  own(client: Client): Client {
    this.#stack.defer(() => client.disconnect());
    return client;
  }

  /** Calls `end` at the end of the test, before everything that is older. */
  defer(end: () => unknown): void {
    this.#stack.defer(end);
  }

  /** The value of a key on each of the servers. */
  async values(key: string, probes = this.probes): Promise<(string | null)[]> {
    return Promise.all(probes.map((probe) => probe.get(key)));
  }

  /** Nodes execute a command with this word, but its reply is lost and the node becomes unreachable. */
  async loseReplies(word: string, nodes = this.nodes): Promise<void> {
    await Promise.all(
      nodes.map(async ({ proxy }) => {
        await proxy.dropReply({ match: (request) => request.includes(word) });
        proxy.refuse();
      }),
    );
  }

  /** Whether each of the servers has the key with this value. */
  async isHeld(key: string, token: string): Promise<boolean> {
    return (await this.values(key)).every((value) => value === token);
  }

  /** Whether none of the servers has the key. */
  async isGone(key: string, probes = this.probes): Promise<boolean> {
    return (await this.values(key, probes)).every((value) => value === null);
  }

  async monitor(index: number): Promise<CommandMonitor> {
    const monitor = await monitorCommands(this.node(index).server);
    this.#stack.defer(() => monitor.close());
    return monitor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.end();
  }
}

/** Node 20 has no AsyncDisposableStack. */
class AsyncDisposableStackLike {
  readonly #ends: (() => unknown)[] = [];

  defer(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** In reverse: clients before the proxies and servers that they talk to. */
  async end(): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
  }
}

/** Waits for its server as long as that is away, unlike the probes of Clusters and Sentinel groups. */
function openProbe({ host, port }: RedisServer, password: string): Redis {
  const probe = new Redis({
    host,
    port,
    ...(password && { password }),
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: () => 10,
  });
  probe.on('error', () => {});
  return probe;
}
