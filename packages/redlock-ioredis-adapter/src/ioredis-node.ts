import type { RedisNode } from 'redlock-core';
import { type NodeOptions, Subscriptions } from 'redlock-core/adapter';
import type { ClientInternals, IoredisClient } from './client.js';
import { senderOf } from './command-sender.js';
import { Masters } from './masters.js';
import { subscriberOf } from './subscriber-of.js';

export type IoredisNodeOptions = NodeOptions;

/**
 * Makes a node of an ioredis or iovalkey client: a standalone server, a Sentinel group or a Cluster, one vote.
 * The client stays the caller's, who closes it.
 */
export function ioredisNode(client: IoredisClient, options: IoredisNodeOptions = {}): RedisNode {
  if (typeof client?.call !== 'function') throw new TypeError('client must be an ioredis client');
  const { name = defaultName(client), timeout } = options;
  const internals = client as unknown as ClientInternals;
  const subscriptions = new Subscriptions(subscriberOf(client));
  const node: RedisNode = {
    name,
    timeout,
    cluster: false,
    keyPrefix: internals.options.keyPrefix,
    get ready() {
      // A client whose stream has just ended is still `ready`, and queues what it is given.
      return client.status === 'ready' && internals.stream?.writable !== false;
    },
    call: senderOf(client),
    connect() {
      // Failures reach the client's own `error` listeners, and it tries again by itself.
      if (client.status === 'wait') client.connect().catch(() => {});
    },
    onReady(listener) {
      client.on('ready', listener);
      return () => void client.off('ready', listener);
    },
    subscribe: (channel, listener) => subscriptions.subscribe(channel, listener),
    masterOf: (slot) => internals.slots?.[slot]?.[0],
    reconnect(master) {
      const server = internals.nodes?.().find((one) => addressOf(one) === master);
      (server ?? client).disconnect(true);
    },
  };
  return client.isCluster ? ofCluster(node, client) : node;
}

/** A Cluster is several servers, whose connections come and go by themselves. */
function ofCluster(node: RedisNode, client: IoredisClient): RedisNode {
  const masters = new Masters(client);
  return {
    ...node,
    // A spread would read it once and for all.
    get ready() {
      return node.ready;
    },
    cluster: true,
    async call(args) {
      const reply = await node.call(args);
      masters.check();
      return reply;
    },
    callMasters: (args) => masters.call(args),
    onReady(listener) {
      const ends = [node.onReady(listener), masters.onChange(listener)];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

function defaultName(client: IoredisClient): string {
  const internals = client as unknown as ClientInternals;
  const { path, name } = internals.options;
  if (client.isCluster) return 'cluster';
  return name ?? path ?? addressOf(internals);
}

function addressOf({ options: { host, port } }: ClientInternals): string {
  return `${host}:${port}`;
}
