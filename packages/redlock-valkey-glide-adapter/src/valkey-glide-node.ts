import { Batch, ClusterBatch, Decoder } from '@valkey/valkey-glide';
import pLimit from 'p-limit';
import type { RedisNode } from 'redlock-core';
import { keyCount, Subscriptions } from 'redlock-core/adapter';
import type { ClientInternals, ValkeyGlideClient } from './client.js';
import { Connections } from './connections.js';
import { replyErrorOf } from './reply-error.js';
import { subscriberOf } from './subscriber-of.js';

/** GLIDE keeps the order of so many commands, and lets some overtake others when 50 are in flight. */
const IN_ORDER = 32;

export interface ValkeyGlideNodeOptions {
  /** Shown in votes, errors and events; unique within a Redlock. Default: host:port, or `cluster`. */
  name?: string | undefined;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  timeout?: number | undefined;
}

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

/** Resolves with the reply to `CLIENT INFO` and the command's own, of one connection. */
async function send(
  client: ClientInternals,
  cluster: boolean,
  args: readonly string[],
): Promise<readonly unknown[]> {
  const batch = cluster ? new ClusterBatch(false) : new Batch(false);
  batch.customCommand(['CLIENT', 'INFO']).customCommand([...args]);
  const decoder = Decoder.String;
  const [, , , key = ''] = args;
  const route = keyCount(args) > 0 ? ({ type: 'primarySlotKey', key } as const) : 'randomNode';
  const replies = await client.exec(batch, false, cluster ? { decoder, route } : { decoder });
  return replies ?? [];
}

/** Asks every master of a Cluster, or the one server. */
async function askMasters(
  client: ClientInternals,
  cluster: boolean,
  args: readonly string[],
): Promise<readonly unknown[]> {
  const decoder = Decoder.String;
  if (!cluster) return [await client.customCommand([...args], { decoder })];
  const replies = await client.customCommand([...args], { decoder, route: 'allPrimaries' });
  return (replies as readonly { readonly value: unknown }[]).map(({ value }) => value);
}
