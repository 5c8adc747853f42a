import type { RedisNode } from '../core.js';

/** An adapter with a mistake: any member of it throws now and then. */
export function unreliable(node: RedisNode, isThrowing: () => boolean): RedisNode {
  const reliably = (member: string): void => {
    if (isThrowing()) throw new Error(`${member} is broken`);
  };
  return {
    name: node.name,
    cluster: node.cluster,
    get ready() {
      reliably('ready');
      return node.ready;
    },
    call(args) {
      reliably('call');
      return node.call(args);
    },
    connect() {
      reliably('connect');
      node.connect();
    },
    onReady(listener) {
      reliably('onReady');
      return node.onReady(listener);
    },
    ...(node.subscribe && {
      subscribe(channel: string, listener: (message?: string) => void, onLost?: () => void) {
        reliably('subscribe');
        return node.subscribe?.(channel, listener, onLost) ?? (() => {});
      },
    }),
    reconnect(master) {
      reliably('reconnect');
      node.reconnect?.(master);
    },
  };
}
