import type { Redis } from 'ioredis';
import { type ClusterMember, ownerOf, parseClusterView } from './cluster-view.js';
import { openProbe } from './probe.js';
import type { RedisServer } from './redis-server.js';
import { startPeers } from './server-set.js';
import { SlotMigration } from './slot-migration.js';
import { until } from './until.js';

const SLOTS = 16_384;

export interface ClusterOptions {
  /** 3 unless told. */
  masters?: number;
  /** Of each master; none unless told. */
  replicas?: number;
  /** More redis.conf directives for every server. */
  config?: Readonly<Record<string, string>>;
}

/** A Redis Cluster that a test owns and may hurt. */
export class RedisCluster implements AsyncDisposable {
  /** First those that began as masters, then their replicas. */
  readonly servers: readonly RedisServer[];
  readonly #probes: ReadonlyMap<RedisServer, Redis>;

  private constructor(servers: readonly RedisServer[]) {
    this.servers = servers;
    this.#probes = new Map(servers.map((server) => [server, openProbe(server)]));
  }

  /** Resolves when every server takes commands and knows all the others. */
  static async start({
    masters = 3,
    replicas = 0,
    config = {},
  }: ClusterOptions = {}): Promise<RedisCluster> {
    const servers = await startPeers(masters * (1 + replicas), {
      config: {
        'cluster-enabled': 'yes',
        'cluster-announce-ip': '127.0.0.1',
        // A replica stands for election so long after its master is gone, in ms. Longer than a stall.
        'cluster-node-timeout': '3000',
        ...config,
      },
    });
    const cluster = new RedisCluster(servers);
    try {
      await cluster.#found(masters);
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** A client to one server, for a look at it. */
  probe(server: RedisServer): Redis {
    const probe = this.#probes.get(server);
    if (!probe) throw new Error(`${server.name} is not of this cluster`);
    return probe;
  }

  async slotOf(key: string): Promise<number> {
    const slots = await this.#ask((probe) => probe.cluster('KEYSLOT', key));
    return Number(slots[0]);
  }

  /** The server that has the key's slot, once all that answer agree on it. */
  async masterOf(key: string): Promise<RedisServer> {
    const slot = await this.slotOf(key);
    return this.#agreed(`one master has the slot of ${key}`, (views) => this.#owner(views, slot));
  }

  /** Another master than the key's. */
  async strangerTo(key: string): Promise<RedisServer> {
    const master = await this.masterOf(key);
    const [view] = await this.#views();
    const other = view?.find((member) => isServing(member) && member.port !== master.port);
    if (!other) throw new Error('There is no other master');
    return this.#serverAt(other.port);
  }

  /** A replica that everybody knows to follow this master. */
  async replicaOf(master: RedisServer): Promise<RedisServer> {
    const id = await this.idOf(master);
    const replica = await this.#agreed(`${master.name} has a replica`, ([first, ...others]) =>
      first?.find((member) =>
        [first, ...others].every((view) =>
          view.some((one) => one.id === member.id && isReplicaOf(one, id)),
        ),
      ),
    );
    return this.#serverAt(replica.port);
  }

  async idOf(server: RedisServer): Promise<string> {
    return this.probe(server).cluster('MYID');
  }

  /** A planned failover, which loses nothing; resolves when everybody knows the new master. */
  async failOver(replica: RedisServer): Promise<void> {
    const id = await this.idOf(replica);
    await this.#isInSync(replica);
    await this.probe(replica).cluster('FAILOVER');
    await this.#agreed(`${replica.name} is a master`, (views) =>
      views.every((view) => view.some((member) => member.id === id && isServing(member))),
    );
  }

  /** Kills a master; resolves to the replica that has taken its place in everybody's eyes. */
  async failMaster(master: RedisServer): Promise<RedisServer> {
    const [view = []] = await this.#views();
    const slot = view.find(({ port }) => port === master.port)?.slots[0]?.[0] ?? 0;
    await master.kill();
    return this.#agreed(`another has the slots of ${master.name}`, (views) => {
      const owner = this.#owner(views, slot);
      return owner !== master && owner;
    });
  }

  /** Resolves when every server that answers takes commands. */
  async isUp(): Promise<void> {
    await until('the cluster takes commands', async () => {
      const states = await this.#ask((probe) => probe.cluster('INFO'));
      return states.every((state) => state.includes('cluster_state:ok'));
    });
  }

  /** Opens a key's slot for its way to another master. */
  async migrate(key: string, to: RedisServer): Promise<SlotMigration> {
    const [slot, from] = await Promise.all([this.slotOf(key), this.masterOf(key)]);
    return SlotMigration.open(slot, await this.#end(from), await this.#end(to), async (id) => {
      await this.#agreed(`${to.name} has slot ${slot}`, (views) =>
        views.every((view) => ownerOf(view, slot)?.id === id),
      );
    });
  }

  async close(): Promise<void> {
    for (const probe of this.#probes.values()) probe.disconnect();
    await Promise.all(this.servers.map((server) => server.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #found(masters: number): Promise<void> {
    const { servers } = this;
    await until('the servers answer', () =>
      [...this.#probes.values()].every(({ status }) => status === 'ready'),
    );
    const [first] = servers;
    await Promise.all(
      servers.map(async (server, index) => {
        const probe = this.probe(server);
        // Each its own, or they have to quarrel about it.
        await probe.cluster('SET-CONFIG-EPOCH', index + 1);
        if (first && index > 0) await probe.cluster('MEET', first.host, first.port);
        if (index >= masters) return;
        const [from, to] = [index, index + 1].map((i) => Math.round((i * SLOTS) / masters));
        await probe.cluster('ADDSLOTSRANGE', from ?? 0, (to ?? 0) - 1);
      }),
    );
    await this.#agreed('everybody knows everybody', (views) =>
      views.every((view) => view.length === servers.length && view.every(isConnected)),
    );
    await Promise.all(
      servers.slice(masters).map(async (server, index) => {
        const master = servers[index % masters];
        if (!master) return;
        await this.probe(server).cluster('REPLICATE', await this.idOf(master));
        await this.#isInSync(server);
      }),
    );
    const replicas = servers.length - masters;
    await this.#agreed('everybody knows who is a replica', (views) =>
      views.every((view) => view.filter(({ follows }) => follows !== '-').length === replicas),
    );
    await this.isUp();
  }

  async #isInSync(replica: RedisServer): Promise<void> {
    await until(`${replica.name} has its master's data`, async () =>
      (await this.probe(replica).info('replication')).includes('master_link_status:up'),
    );
  }

  /** What the views of all servers that answer say together, as soon as they do. */
  async #agreed<T>(
    what: string,
    read: (views: readonly (readonly ClusterMember[])[]) => T | false | undefined,
  ): Promise<T> {
    let agreed: T | false | undefined = false;
    // Servers gossip about each other for seconds until all agree.
    await until(what, async () => Boolean((agreed = read(await this.#views()))));
    return agreed as T;
  }

  #owner(views: readonly (readonly ClusterMember[])[], slot: number): RedisServer | undefined {
    const owners = views.map((view) => ownerOf(view, slot));
    const [first] = owners;
    if (!first || first.hasFailed || owners.some((owner) => owner?.id !== first.id))
      return undefined;
    return this.#serverAt(first.port);
  }

  async #views(): Promise<(readonly ClusterMember[])[]> {
    const texts = await this.#ask((probe) => probe.cluster('NODES'));
    return texts.map((text) => parseClusterView(String(text)));
  }

  /** What the servers reply that do. */
  async #ask<T>(question: (probe: Redis) => Promise<T>): Promise<T[]> {
    const answers = await Promise.allSettled([...this.#probes.values()].map(question));
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  async #end(server: RedisServer): Promise<{ id: string; server: RedisServer; probe: Redis }> {
    return { id: await this.idOf(server), server, probe: this.probe(server) };
  }

  #serverAt(port: number): RedisServer {
    const server = this.servers.find((one) => one.port === port);
    if (!server) throw new Error(`No server of this cluster has port ${port}`);
    return server;
  }
}

function isConnected(member: ClusterMember): boolean {
  return member.isConnected;
}

function isReplicaOf(member: ClusterMember, master: string): boolean {
  return member.follows === master && !member.hasFailed;
}

function isServing({ isMaster, hasFailed, slots }: ClusterMember): boolean {
  return isMaster && !hasFailed && slots.length > 0;
}
