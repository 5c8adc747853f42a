import type { RedisNode } from '../core.js';

/** What tells one adapter from another. */
export interface AdapterTraits {
  /** Whether the client can subscribe. A process whose clients cannot polls. */
  readonly canSubscribe: boolean;
  /** Whether a member of the adapter throws this time, when it is used. */
  readonly isThrowing: () => boolean;
}

/** What an adapter makes of a connection. */
export function adapterOf(node: RedisNode, { canSubscribe, isThrowing }: AdapterTraits): RedisNode {
  const use = (member: string): RedisNode => {
    if (isThrowing()) throw new Error(`${member} is broken`);
    return node;
  };
  const subscribe: RedisNode['subscribe'] = (...args) =>
    use('subscribe').subscribe?.(...args) ?? ((): void => {});
  return {
    name: node.name,
    client: node,
    cluster: node.cluster,
    get ready() {
      return use('ready').ready;
    },
    call: (args) => use('call').call(args),
    connect: () => use('connect').connect(),
    onReady: (listener) => use('onReady').onReady(listener),
    reconnect: (master) => use('reconnect').reconnect?.(master),
    ...(canSubscribe && { subscribe }),
  };
}
