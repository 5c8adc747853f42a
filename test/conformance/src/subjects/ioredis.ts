import type { EventEmitter } from 'node:events';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import { type IoredisClient, ioredisNode } from 'redlock-ioredis-adapter';
import { iovalkeyNode } from 'redlock-ioredis-adapter/iovalkey';
import type { Subject } from '../subject.js';
import { topologies } from '../topology.js';

interface Address {
  host: string;
  port: number;
}

interface Credentials {
  username?: string;
  password?: string;
}

interface Options extends Credentials {
  lazyConnect: boolean;
  db?: number;
  keyPrefix?: string;
}

interface Library {
  readonly client: string;
  readonly node: typeof ioredisNode;
  single(options: Options & Address): IoredisClient;
  group(options: Options & { sentinels: Address[]; name: string }): IoredisClient;
  cluster(entrances: Address[], options: Options & { redisOptions: Credentials }): IoredisClient;
}

const libraries: readonly Library[] = [
  {
    client: 'ioredis 5',
    node: ioredisNode,
    single: (options) => new Redis5(options),
    group: (options) => new Redis5(options),
    cluster: (entrances, options) => new Cluster5(entrances, options),
  },
  {
    client: 'ioredis 6',
    node: ioredisNode,
    single: (options) => new Redis6(options),
    group: (options) => new Redis6(options),
    cluster: (entrances, options) => new Cluster6(entrances, options),
  },
  {
    client: 'iovalkey',
    node: iovalkeyNode,
    single: (options) => new Valkey(options),
    group: (options) => new Valkey(options),
    cluster: (entrances, options) => new ValkeyCluster(entrances, options),
  },
];

export const ioredisSubjects: readonly Subject[] = libraries.map((library) => ({
  adapter: 'redlock-ioredis-adapter',
  client: library.client,
  topologies,
  without: (topology) =>
    topology === 'standalone'
      ? {}
      : { reasons: 'ioredis keeps to itself why it reaches no server' },
  async open(topology, { lazy: lazyConnect = false, host, port, ...rest }, entrances) {
    const options = { ...rest, lazyConnect };
    const { username, password } = rest;
    const addresses = entrances.map((entrance) => ({ host: entrance.host, port: entrance.port }));
    const client =
      topology === 'cluster'
        ? library.cluster(addresses, {
            ...options,
            redisOptions: { ...(username && { username }), ...(password && { password }) },
          })
        : topology === 'sentinel'
          ? library.group({ ...options, sentinels: addresses, name: 'group' })
          : library.single({ ...options, host, port });
    const emitter = client as unknown as EventEmitter & { nodes?(): EventEmitter[] };
    emitter.on('error', () => {});
    return {
      node: () => library.node(client),
      connect: () => client.connect(),
      emitters: () => [emitter, ...(emitter.nodes?.() ?? [])],
      close: () => client.disconnect(),
    };
  },
}));
