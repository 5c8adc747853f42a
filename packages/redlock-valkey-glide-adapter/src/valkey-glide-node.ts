import pLimit from 'p-limit';
import type { RedisNode } from 'redlock-core';
import { type NodeOptions, Subscriptions } from 'redlock-core/adapter';
import type { ClientInternals, ValkeyGlideClient } from './client.js';
import { askMasters, send } from './commands.js';
import { Connections } from './connections.js';
import { replyErrorOf } from './reply-error.js';
import { subscriberOf } from './subscriber-of.js';

/** GLIDE keeps the order of so many commands, and lets some overtake others when 50 are in flight. */
const IN_ORDER = 32;

export type ValkeyGlideNodeOptions = NodeOptions;

/**
 * Makes a node of a GLIDE client: a standalone server or a Cluster, one vote. The client stays the
 * caller's, who closes it.
 */
export function valkeyGlideNode(
  client: ValkeyGlideClient,
  options: ValkeyGlideNodeOptions = {},
): RedisNode {
  if (typeof client?.exec !== 'function') throw new TypeError('client must be a GLIDE client');
  const internals = client as unknown as ClientInternals;
  const cluster = internals.pubsubShardChannels !== undefined;
  const [address] = internals.config.addresses;
  const limit = pLimit({ concurrency: IN_ORDER, rejectOnClear: true });
  const connections = new Connections(() => askMasters(internals, cluster, ['CLIENT', 'INFO']));
  const subscriptions = new Subscriptions(subscriberOf(internals));

  async function call(args: readonly string[]): Promise<unknown> {
    const [info, reply] = await limit(() => send(internals, cluster, args)).catch((error) => {
      const answer = replyErrorOf(error);
      if (answer) throw answer;
      // What has not been written is not to be written later.
      limit.clearQueue();
      connections.lost();
      throw error;
    });
    const infoError = replyErrorOf(info);
    if (infoError) throw infoError;
    connections.saw([info]);
    const error = replyErrorOf(reply);
    if (error) throw error;
    return reply;
  }

  return {
    name: options.name ?? (cluster ? 'cluster' : `${address?.host}:${address?.port ?? 6379}`),
    timeout: options.timeout,
    cluster,
    get ready() {
      return connections.ready;
    },
    call,
    ...(cluster && { callMasters: (args: readonly string[]) => askMasters(internals, true, args) }),
    connect: () => void connections.find(),
    onReady: (listener) => connections.onEstablished(listener),
    subscribe: (channel, listener) => subscriptions.subscribe(channel, listener),
  };
}
