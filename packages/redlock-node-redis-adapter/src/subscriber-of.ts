import type { OpenSubscriber } from 'redlock-core/adapter';
import type { ClientInternals } from './client.js';
import type { Deployment } from './deployment.js';

/**
 * Opens connections with the options of a client. On a Cluster any server will do, because it delivers messages from
 * all others.
 */
export function subscriberOf(deployment: Deployment): OpenSubscriber {
  return async (events) => {
    const server = deployment.servers().find(({ isReady }) => isReady);
    if (!server) throw new Error('The client is not connected');
    const internals = server as unknown as ClientInternals;
    const socket = { ...internals.options?.socket, reconnectStrategy: false };
    const connection = internals.duplicate({ socket });
    const close = (): void => {
      if (connection.isOpen) connection.destroy();
    };
    connection.on('error', events.lost);
    events.signal.addEventListener('abort', close, { once: true });
    await connection.connect();
    const listener = (message: string, channel: string): void => events.message(channel, message);
    return {
      subscribe: (channel) => connection.subscribe(channel, listener),
      unsubscribe: (channel) => connection.unsubscribe(channel),
      ping: () => connection.ping(),
      close,
    };
  };
}
