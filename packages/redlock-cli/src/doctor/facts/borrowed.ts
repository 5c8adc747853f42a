import type { RedisNode } from 'redlock-core';

/** The same node, which stays open when a Redlock of it is closed. It connects and answers, and does no more. */
export function borrowed(node: RedisNode): RedisNode {
  return {
    name: node.name,
    client: node.client ?? node,
    timeout: node.timeout,
    cluster: node.cluster,
    keyPrefix: node.keyPrefix,
    get ready() {
      return node.ready;
    },
    get lastError() {
      return node.lastError;
    },
    call: (args) => node.call(args),
    connect: () => node.connect(),
    onReady: (listener) => node.onReady(listener),
  };
}
