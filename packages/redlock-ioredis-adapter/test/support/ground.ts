import { once } from 'node:events';
import { Redis } from 'ioredis';
import { Redlock, type RedlockOptions } from 'redlock-core';
import { type CommandMonitor, FaultProxy, monitorCommands, pace, type RedisServer } from 'testbed';
import { type ClusterOptions, RedisCluster, startServers } from 'testbed';
import { ioredisNode } from '../../src/index.js';
import {
  type Client,
  type ClientOptions,
  type ClusterClient,
  type ClusterClientOptions,
  isReady,
  type Major,
  openClient,
  openClusterClient,
} from './clients.js';

/** One server, the way to it that faults happen on, and a look at it past that way. */
export interface Site {
  readonly server: RedisServer;
  readonly proxy: FaultProxy;
  readonly probe: Redis;
}

/** A Redlock and the clients it has for itself. */
export interface Party {
  readonly redlock: Redlock;
  readonly clients: readonly Client[];
}

export interface PartyOptions extends RedlockOptions {
  readonly client?: ClientOptions;
  /** Indexes of the nodes that are not waited for long: a test takes them away. */
  readonly hastyAt?: readonly number[];
  /** Where the clients connect to instead of the proxies. */
  readonly through?: readonly { readonly host: string; readonly port: number }[];
}

interface GroundOptions {
  readonly config?: Readonly<Record<string, string>>;
  readonly password?: string;
}

/** Servers of a test's own, and whatever talks to them; all of it ends with the test. */
export class Ground implements AsyncDisposable {
  readonly sites: readonly Site[];
  readonly #stack: AsyncDisposableStackLike;

  private constructor(sites: readonly Site[], stack: AsyncDisposableStackLike) {
    this.sites = sites;
    this.#stack = stack;
  }

  static async lay(
    count: number,
    { config = {}, password = '' }: GroundOptions = {},
  ): Promise<Ground> {
    const stack = new AsyncDisposableStackLike();
    const servers = await startServers(count, { config });
    const sites = await Promise.all(
      servers.map(async (server) => {
        stack.defer(() => server.close());
        const proxy = await FaultProxy.start(server);
        stack.defer(() => proxy.close());
        const probe = openProbe(server, password);
        stack.defer(() => probe.disconnect());
        return { server, proxy, probe };
      }),
    );
    return new Ground(sites, stack);
  }

  site(index: number): Site {
    const site = this.sites[index];
    if (!site) throw new Error(`There are ${this.sites.length} sites`);
    return site;
  }

  get probes(): readonly Redis[] {
    return this.sites.map(({ probe }) => probe);
  }

  /** Another way to one server, which can be hurt by itself. */
  async wayTo(index: number): Promise<FaultProxy> {
    const proxy = await FaultProxy.start(this.site(index).server);
    this.#stack.defer(() => proxy.close());
    return proxy;
  }

  /** A client to one server, through its proxy. */
  client(major: Major, index: number, options?: ClientOptions): Client {
    return this.own(openClient(major, this.site(index).proxy, options));
  }

  /** A Redis Cluster beside the sites. */
  async cluster(options?: ClusterOptions): Promise<RedisCluster> {
    const cluster = await RedisCluster.start(options);
    this.#stack.defer(() => cluster.close());
    return cluster;
  }

  /** A client to all of a Cluster. */
  clusterClient(
    major: Major,
    { servers }: RedisCluster,
    options?: ClusterClientOptions,
  ): ClusterClient {
    const client = openClusterClient(major, servers, options);
    this.#stack.defer(() => client.disconnect());
    return client;
  }

  /** Ends with the test. */
  own(client: Client): Client {
    this.#stack.defer(() => client.disconnect());
    return client;
  }

  defer(end: () => unknown): void {
    this.#stack.defer(end);
  }

  /** A Redlock over clients of its own, which may not be connected yet, and patient with all nodes by default. */
  party(major: Major, options: PartyOptions = {}): Party {
    const { client, hastyAt = [], ...others } = options;
    const { through = this.sites.map(({ proxy }) => proxy), ...redlockOptions } = others;
    const clients = through.map((address) => this.own(openClient(major, address, client)));
    const redlock = new Redlock(
      clients.map((one, index) =>
        ioredisNode(one, { timeout: hastyAt.includes(index) ? pace.hasty : undefined }),
      ),
      { nodeTimeout: pace.patient, wait: pace.limit, ...redlockOptions },
    );
    this.#stack.defer(() => redlock.close());
    return { redlock, clients };
  }

  /** The same, connected. */
  async readyParty(major: Major, options: PartyOptions = {}): Promise<Party> {
    const party = this.party(major, options);
    await Promise.all(party.clients.map((client) => isReady(client)));
    return party;
  }

  async redlock(major: Major, options: PartyOptions = {}): Promise<Redlock> {
    return (await this.readyParty(major, options)).redlock;
  }

  /** What each of the servers has under a key. */
  async values(key: string, probes = this.probes): Promise<(string | null)[]> {
    return Promise.all(probes.map((probe) => probe.get(key)));
  }

  /** Every node executes a command with this word, its reply is lost, and it is out of reach. */
  async loseReplies(word: string): Promise<void> {
    await Promise.all(
      this.sites.map(async ({ proxy }) => {
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
    const monitor = await monitorCommands(this.site(index).server);
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

/** Waits for its server as long as that is away. */
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

/** Resolves with the reason when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await once(signal, 'abort');
  return signal.reason;
}
