import type { RedisNode } from 'redlock-core';
import {
  type NodeOptions,
  nodeOptionsOf,
  perClient,
  requireClient,
  Subscriptions,
} from 'redlock-core/adapter';
import type { ClientInternals, ValkeyGlideClient } from './client.js';
import { askMasters, askReachableMasters, send } from './commands.js';
import { connectionIn, Connections } from './connections.js';
import { Lanes } from './lanes.js';
import { reach } from './reachability.js';
import { replyErrorOf } from './reply-error.js';
import { slotOf } from './slot.js';
import { subscriberOf } from './subscriber-of.js';

export type ValkeyGlideNodeOptions = NodeOptions;

/** Everything that all nodes of one client share. */
interface Shared {
  readonly cluster: boolean;
  readonly lanes: Lanes;
  readonly connections: Connections;
  readonly subscriptions: Subscriptions;
}

const sharedOf = perClient((client: ClientInternals): Shared => {
  const cluster = client.pubsubShardChannels !== undefined;
  return {
    cluster,
    lanes: new Lanes(),
    connections: new Connections({
      reach: () => reach(client.config),
      ask: () => askReachableMasters(client, cluster, ['CLIENT', 'INFO']),
      bearsFailures: cluster,
      get isClosed() {
        return client.isClosed;
      },
    }),
    subscriptions: new Subscriptions(subscriberOf(client)),
  };
});

/**
 * Makes a node of a GLIDE client for a standalone server or a Cluster. Each is one vote. The client remains the
 * caller's, who closes it.
 * @param options may also be the position that `map` passes: `clients.map(valkeyGlideNode)`
 * @throws TypeError if it is no such client, or for bad options
 * @example
 * ```ts
 * import { GlideClient } from '@valkey/valkey-glide';
 * import { Redlock } from 'redlock-core';
 * import { valkeyGlideNode } from 'redlock-valkey-glide-adapter';
 *
 * const hosts = ['redis-1', 'redis-2', 'redis-3'];
 * const clients = await Promise.all(
 *   hosts.map((host) => GlideClient.createClient({ addresses: [{ host }], lazyConnect: true })),
 * );
 * const redlock = new Redlock(clients.map(valkeyGlideNode));
 * ```
 */
export function valkeyGlideNode(
  client: ValkeyGlideClient,
  options?: ValkeyGlideNodeOptions | number,
): RedisNode {
  requireClient(client, 'glide');
  const { name, timeout } = nodeOptionsOf(options);
  const internals = client as unknown as ClientInternals;
  const { cluster, lanes, connections, subscriptions } = sharedOf(internals);
  const [address] = internals.config.addresses;

  async function call(args: readonly string[]): Promise<unknown> {
    const slot = cluster ? slotOf(args) : 0;
    const lane = lanes.of(slot);
    const [info, reply] = await lane.run(async () => {
      try {
        return await send(internals, cluster, args);
      } catch (error) {
        const answer = replyErrorOf(error);
        if (answer) throw answer;
        lane.drop(error);
        lanes.failed(slot);
        connections.lost(error);
        throw error;
      }
    });
    const infoError = replyErrorOf(info);
    if (infoError) throw infoError;
    connections.saw([info]);
    lanes.answered(slot, connectionIn(String(info)).server);
    const error = replyErrorOf(reply);
    if (error) throw error;
    return reply;
  }

  return {
    client,
    name: name ?? (cluster ? 'cluster' : `${address?.host}:${address?.port ?? 6379}`),
    timeout,
    get ready() {
      return connections.ready;
    },
    get lastError() {
      return connections.lastError;
    },
    call,
    ...(cluster && {
      // GLIDE does not say which server has a slot.
      cluster: {
        callMasters: (args) => askMasters(internals, true, args),
        masterOf: () => undefined,
      },
    }),
    connect: () => void connections.find(),
    onReady: (listener) => connections.onEstablished(listener),
    subscribe: (...given) => subscriptions.subscribe(...given),
  };
}
