import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createClient as createClient6,
  createCluster as createCluster6,
  createSentinel as createSentinel6,
} from 'redis';
import {
  createClient as createClient5,
  createCluster as createCluster5,
  createSentinel as createSentinel5,
} from 'redis-5';
import type { ServerAddress } from 'redlock-core/conformance';
import { nodeRedisNode } from 'redlock-node-redis-adapter';
import type { Subject } from '../subject.js';
import { topologies } from '../topology.js';

const reconnectStrategy = (times: number): number => Math.min(50 * times, 1000);

type Client = Parameters<typeof nodeRedisNode>[0] & { destroy(): unknown };

/** The members of a Cluster's client that are used here. */
interface Masters {
  readonly masters?: readonly { readonly client: EventEmitter }[];
}

interface Library {
  readonly client: string;
  readonly without: ReturnType<Subject['without']>;
  readonly createClient: (options: object) => Client;
  readonly createCluster: (options: never) => Client;
  readonly createSentinel: (options: never) => Client;
}

const libraries: readonly Library[] = [
  {
    client: 'redis 5',
    without: { keyPrefix: 'it came with version 6' },
    createClient: createClient5,
    createCluster: createCluster5,
    createSentinel: createSentinel5,
  },
  {
    client: 'redis 6',
    without: {},
    createClient: createClient6,
    createCluster: createCluster6,
    createSentinel: createSentinel6,
  },
];

export const nodeRedisSubjects: readonly Subject[] = libraries.map((library) => ({
  adapter: 'redlock-node-redis-adapter',
  client: library.client,
  topologies,
  without: () => library.without,
  async open(topology, { lazy = false, host, port, db, ...rest }, entrances) {
    const { username, password } = rest;
    const common = { disableOfflineQueue: true, ...(db !== undefined && { database: db }) };
    const addresses = entrances.map(addressOf);
    const client =
      topology === 'cluster'
        ? library.createCluster({
            ...rest,
            rootNodes: addresses.map((socket) => ({ socket })),
            defaults: { ...common, username, password, socket: { reconnectStrategy } },
          } as never)
        : topology === 'sentinel'
          ? library.createSentinel({
              ...rest,
              name: 'group',
              sentinelRootNodes: addresses,
              passthroughClientErrorEvents: true,
              nodeClientOptions: { ...common, socket: { reconnectStrategy } },
            } as never)
          : library.createClient({ ...rest, ...common, socket: { host, port, reconnectStrategy } });
    const emitter = client as unknown as EventEmitter & Masters;
    emitter.on('error', () => {});
    if (!lazy) await client.connect();
    return {
      node: () => nodeRedisNode(client),
      connect: () => client.connect(),
      emitters: () => [emitter, ...(emitter.masters ?? []).map((master) => master.client)],
      async close() {
        // That of a Sentinel group waits for ever where a Sentinel is mute.
        if (client.isOpen)
          await Promise.race([client.destroy(), sleep(1000, null, { ref: false })]);
      },
    };
  },
}));

function addressOf({ host, port }: ServerAddress): ServerAddress {
  return { host, port };
}
