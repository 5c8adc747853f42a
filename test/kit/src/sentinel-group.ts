import type { Redis } from 'ioredis';
import { openProbe } from './probe.js';
import type { RedisServer } from './redis-server.js';
import { startPeers } from './server-set.js';
import { until } from './until.js';

const SENTINELS = 3;
const MAJORITY = 2;

export interface SentinelOptions {
  /** Of the master; 1 unless told. */
  replicas?: number;
  /** More redis.conf directives for the master and its replicas. */
  config?: Readonly<Record<string, string>>;
}

/** A master, its replicas, and three Sentinels that promote one of those when the master is gone. */
export class SentinelGroup implements AsyncDisposable {
  /** What clients ask Sentinels for. */
  readonly name = 'group';
  /** First the one that began as master. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  readonly #probes: ReadonlyMap<RedisServer, Redis>;

  private constructor(servers: readonly RedisServer[], sentinels: readonly RedisServer[]) {
    this.servers = servers;
    this.sentinels = sentinels;
    this.#probes = new Map([...servers, ...sentinels].map((one) => [one, openProbe(one)]));
  }

  /** Resolves when the replicas have the master's data and every Sentinel knows everybody. */
  static async start({ replicas = 1, config = {} }: SentinelOptions = {}): Promise<SentinelGroup> {
    const servers = await startPeers(1 + replicas, { config });
    const sentinels = await startPeers(SENTINELS, { sentinel: true }).catch(async (error) => {
      await Promise.all(servers.map((server) => server.close()));
      throw error;
    });
    const group = new SentinelGroup(servers, sentinels);
    try {
      await group.#found();
      return group;
    } catch (error) {
      await group.close();
      throw error;
    }
  }

  /** A client to one server or Sentinel, for a look at it. */
  probe(server: RedisServer): Redis {
    const probe = this.#probes.get(server);
    if (!probe) throw new Error(`${server.name} is not of this group`);
    return probe;
  }

  /** The master, once all Sentinels that answer agree on it. */
  async master(): Promise<RedisServer> {
    return this.#master('there is a master', () => true);
  }

  /** Kills the master; resolves to the replica that has taken its place in all Sentinels' eyes. */
  async failMaster(): Promise<RedisServer> {
    const former = await this.master();
    await former.kill();
    return this.#master('another is master', (master) => master !== former);
  }

  async close(): Promise<void> {
    for (const probe of this.#probes.values()) probe.disconnect();
    await Promise.all([...this.sentinels, ...this.servers].map((server) => server.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #found(): Promise<void> {
    await until('all answer', () =>
      [...this.#probes.values()].every(({ status }) => status === 'ready'),
    );
    const [master, ...replicas] = this.servers;
    if (!master) return;
    for (const replica of replicas) {
      await this.probe(replica).replicaof(master.host, master.port);
    }
    await until('the replicas have the data', async () => {
      return (await this.#attached(master)) === replicas.length;
    });
    for (const sentinel of this.sentinels) {
      const { host, port } = master;
      // By default it asks for news every 10 s.
      await this.#command(sentinel, 'DEBUG', 'info-period', '500', 'publish-period', '500');
      await this.#command(sentinel, 'MONITOR', this.name, host, String(port), String(MAJORITY));
      // So long without an answer, in ms, and it is held to be gone. Longer than a stall.
      await this.#command(sentinel, 'SET', this.name, 'down-after-milliseconds', '2500');
      await this.#command(sentinel, 'SET', this.name, 'failover-timeout', '5000');
    }
    await until('the Sentinels know everybody', async () => {
      const views = await Promise.all(this.sentinels.map((one) => this.#view(one)));
      return views.every(
        (view) =>
          view.get('num-slaves') === String(replicas.length) &&
          view.get('num-other-sentinels') === String(SENTINELS - 1),
      );
    });
  }

  async #master(what: string, isIt: (server: RedisServer) => boolean): Promise<RedisServer> {
    const found: RedisServer[] = [];
    await until(what, async () => {
      const views = await Promise.all(this.sentinels.map((one) => this.#view(one)));
      const ports = new Set(views.map((view) => Number(view.get('port'))));
      const master = this.servers.find(({ port }) => ports.has(port));
      if (ports.size !== 1 || !master || !isIt(master)) return false;
      if ((await this.#role(master)) !== 'master') return false;
      return found.push(master) > 0;
    });
    const [master] = found;
    if (!master) throw new Error('until() resolved without a master');
    return master;
  }

  async #role(server: RedisServer): Promise<unknown> {
    const [role] = await this.probe(server)
      .role()
      .catch(() => []);
    return role;
  }

  async #attached(master: RedisServer): Promise<number> {
    const info = await this.probe(master).info('replication');
    return [...info.matchAll(/state=online/g)].length;
  }

  /** What a Sentinel knows of the master, by name. */
  async #view(sentinel: RedisServer): Promise<ReadonlyMap<string, string>> {
    const reply = await this.#command(sentinel, 'MASTER', this.name);
    const words = Array.isArray(reply) ? reply.map(String) : [];
    return new Map(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1] ?? '']] : [])));
  }

  #command(sentinel: RedisServer, ...args: readonly string[]): Promise<unknown> {
    return this.probe(sentinel).call('SENTINEL', ...args);
  }
}
