import { Redis } from 'ioredis';
import { type RedisNode, Redlock, type RedlockOptions } from 'redlock-core';
import {
  pace,
  RedisCluster,
  type RedisServer,
  type SlotMigration,
  startServers,
  until,
} from 'test-kit';
import { subjectOf, type Topology } from '../../src/index.js';

/** The prefix of all keys in SECURITY.md. */
export const PREFIX = 'locks:';

const LOCKER = { username: 'locker', password: 'pw' };

interface NodesOptions {
  /** How many standalone servers, each a node. A Cluster is one node. */
  readonly count?: number;
  readonly topology?: Topology;
  readonly db?: number;
}

export interface UserOptions extends RedlockOptions {
  /** As the conformance suite names it. */
  readonly client?: string;
}

/** Servers and a user with certain rights, who has them after a restart of a server too. */
export class RestrictedNodes implements AsyncDisposable {
  readonly servers: readonly RedisServer[];
  readonly #probes: readonly Redis[];
  #isUsed = false;
  readonly #options: NodesOptions;
  readonly #cluster: RedisCluster | null;
  readonly #ends: (() => unknown)[] = [];

  private constructor(
    servers: readonly RedisServer[],
    options: NodesOptions,
    cluster: RedisCluster | null = null,
  ) {
    this.#cluster = cluster;
    this.servers = servers;
    this.#options = options;
    this.#probes = servers.map(openProbe);
  }

  static async start(
    rights: readonly string[],
    options: NodesOptions = {},
  ): Promise<RestrictedNodes> {
    const config = { user: [LOCKER.username, ...ruleOf(rights)].join(' ') };
    if (options.topology === 'cluster') {
      const cluster = await RedisCluster.start({ config });
      return new RestrictedNodes(cluster.servers, options, cluster);
    }
    return new RestrictedNodes(await startServers(options.count ?? 3, { config }), options);
  }

  /** One for each server, as a user with all rights. Throws after the end, so that no use of them goes on. */
  get probes(): readonly Redis[] {
    if (!this.#isUsed) throw new Error('The clients of these nodes are closed');
    return this.#probes;
  }

  /** Gives the user these rights and no others. Closes its clients, and clears data and logs. */
  async allow(rights: readonly string[]): Promise<void> {
    await this.endClients();
    this.#isUsed = true;
    await Promise.all(
      this.probes.map(async (probe) => {
        // Closes the user's connections, so that nothing of the last test is refused and logged later.
        await probe.call('ACL', 'DELUSER', LOCKER.username);
        await probe.call('ACL', 'SETUSER', LOCKER.username, ...ruleOf(rights));
        await probe.flushall();
        await probe.call('ACL', 'LOG', 'RESET');
      }),
    );
  }

  async endClients(): Promise<void> {
    this.#isUsed = false;
    for (const end of this.#ends.splice(0).toReversed()) await end();
  }

  /** A Redlock of the user, over clients of its own. */
  async redlock(options: UserOptions = {}): Promise<Redlock> {
    return this.#redlock(await this.#open(options), options);
  }

  /** Two Redlocks of the user, over the same clients. */
  async pair(options: UserOptions = {}): Promise<[Redlock, Redlock]> {
    const nodes = await this.#open(options);
    return [this.#redlock(nodes, options), this.#redlock(nodes, options)];
  }

  #redlock(nodes: readonly RedisNode[], { client: _client, ...options }: UserOptions): Redlock {
    const redlock = new Redlock(nodes, {
      keyPrefix: PREFIX,
      nodeTimeout: pace.patient,
      wait: pace.limit,
      ...options,
    });
    this.#ends.push(() => redlock.close());
    return redlock;
  }

  async #open({ client: name = 'ioredis 6' }: UserOptions): Promise<RedisNode[]> {
    const { topology = 'standalone', db } = this.#options;
    const entrances = topology === 'cluster' ? this.servers.slice(0, 1) : this.servers;
    const clients = await Promise.all(
      entrances.map(({ host, port }) => {
        const target = { host, port, ...LOCKER, ...(db !== undefined && { db }) };
        return subjectOf(name).open(topology, target, this.servers);
      }),
    );
    for (const client of clients) this.#ends.push(() => client.close());
    return clients.map((client) => client.node());
  }

  /** Opens the way for a resource from its master in the Cluster to another. */
  async migrate(resource: string): Promise<SlotMigration> {
    const key = PREFIX + resource;
    if (!this.#cluster) throw new Error('These nodes are no Cluster');
    return this.#cluster.migrate(key, await this.#cluster.strangerTo(key));
  }

  /** What each of the standalone servers has under the key of a resource. */
  values(resource: string): Promise<(string | null)[]> {
    return Promise.all(this.probes.map((probe) => probe.get(PREFIX + resource)));
  }

  /** All of them have it. */
  async hold(resource: string, token: string | null): Promise<void> {
    await until(`${resource} is held by ${token} on all nodes`, async () => {
      return (await this.values(resource)).every((value) => value === token);
    });
  }

  /** How many processes can be notified, on each of the servers. */
  async listeners(): Promise<number[]> {
    const channels = 'redlock:notify:*';
    const replies = await Promise.all(
      this.probes.map((probe) => probe.call('PUBSUB', 'CHANNELS', channels)),
    );
    return replies.map((reply) => (reply as readonly unknown[]).length);
  }

  /** How many PINGs each of the servers has answered or refused. */
  async pings(): Promise<number[]> {
    const stats = await Promise.all(this.probes.map((probe) => probe.info('commandstats')));
    return stats.map((text) => {
      const [, calls = 0, refused = 0] =
        /^cmdstat_ping:calls=(\d+).*rejected_calls=(\d+)/m.exec(text) ?? [];
      return Number(calls) + Number(refused);
    });
  }

  /** How many connections of the user the servers have. */
  async connections(): Promise<number> {
    const lists = await Promise.all(this.probes.map((probe) => probe.call('CLIENT', 'LIST')));
    return lists.join('').split(` user=${LOCKER.username} `).length - 1;
  }

  /** Commands, keys and channels that the servers have refused to the user. */
  async refused(): Promise<ReadonlySet<string>> {
    const logs = await Promise.all(this.probes.map((probe) => probe.call('ACL', 'LOG')));
    const entries = logs.flat() as readonly (readonly unknown[])[];
    return new Set(entries.map((entry) => String(entry[entry.indexOf('object') + 1])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endClients();
    for (const probe of this.#probes) probe.disconnect();
    await this.#cluster?.close();
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

/** What the user may do, and how it is known. */
function ruleOf(rights: readonly string[]): readonly string[] {
  return ['on', `>${LOCKER.password}`, 'resetchannels', ...rights];
}

function openProbe({ host, port }: RedisServer): Redis {
  const probe = new Redis({ host, port, maxRetriesPerRequest: null, retryStrategy: () => 10 });
  probe.on('error', () => {});
  return probe;
}
