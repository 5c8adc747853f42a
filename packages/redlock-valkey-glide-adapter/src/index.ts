import type { RedisNode } from 'redlock-core';
import { defineNode, keyRange, type NodeOptions, slotOf } from 'redlock-core/adapter';
import { internalsOf, isCluster, type ValkeyGlideClient } from './client.js';
import { askMasters, Lanes, send } from './commands.js';
import { connectionIn, Connections, subscriberOf } from './connections.js';
import { replyErrorOf } from './errors.js';

export type { ValkeyGlideClient };
export type ValkeyGlideNodeOptions = NodeOptions;

/**
 * Makes a node of a GLIDE client for a standalone server or a Cluster. Each is one vote. The client remains the
 * caller's, who closes it.
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
 * const redlock = new Redlock(clients.map((client) => valkeyGlideNode(client)));
 * ```
 */
export const valkeyGlideNode: (
  client: ValkeyGlideClient,
  options?: ValkeyGlideNodeOptions,
) => RedisNode = defineNode((given, reports) => {
  const client = internalsOf(given);
  const connections = new Connections(client, reports);
  const lanes = new Lanes();
  const [address] = client.config.addresses;

  async function call(args: readonly string[]): Promise<unknown> {
    const { start, end } = keyRange(args);
    const slot = isCluster(client) && end > start ? slotOf(args[start] ?? '') : 0;
    const lane = lanes.of(slot);
    const [info, reply] = await lane.run(async () => {
      try {
        return await send(client, args);
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
    lanes.answered(slot, connectionIn(info).server);
    const error = replyErrorOf(reply);
    if (error) throw error;
    return reply;
  }

  const cluster = {
    callMasters: (args: readonly string[]) => askMasters(client, args),
    // GLIDE does not say which server has a slot.
    masterOf: () => undefined,
  };
  return {
    name: isCluster(client) ? 'cluster' : `${address?.host}:${address?.port ?? 6379}`,
    cluster: isCluster(client) ? cluster : undefined,
    get ready() {
      return connections.ready;
    },
    call,
    connect: () => void connections.find(),
    openSubscriber: subscriberOf(client),
  };
});
