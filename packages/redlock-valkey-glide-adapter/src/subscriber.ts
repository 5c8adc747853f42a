import { Decoder } from '@valkey/valkey-glide';
import type { OpenSubscriber } from 'redlock-core/adapter';
import type { Internals } from './client.js';
import { connectionIn } from './connections.js';

/** How long the server may take to confirm a subscription, in ms. */
const CONFIRMATION = 1000;

/** Opens connections with the configuration of a client. */
export function subscriberOf(client: Internals): OpenSubscriber {
  return async (events) => {
    const connection = await client.constructor.createClient({
      ...client.config,
      defaultDecoder: Decoder.String,
      lazyConnect: false,
      pubsubSubscriptions: {
        channelsAndPatterns: {},
        callback: (push: { channel: string; message: string }) =>
          events.message(push.channel, push.message),
      },
    });
    const identify = async (): Promise<string> => {
      const info = await connection.customCommand(['CLIENT', 'INFO'], { decoder: Decoder.String });
      return connectionIn(String(info)).identity;
    };
    const identity = await identify();
    let settled: Promise<unknown> = Promise.resolve();
    const send = (command: Promise<unknown>): Promise<unknown> => {
      settled = Promise.allSettled([settled, command]);
      return command;
    };
    const close = async (): Promise<void> => {
      await settled;
      // A client that is closed with subscriptions keeps its connection for seconds, and prints an error in the end.
      await connection.unsubscribeLazy(null).catch(() => {});
      connection.close();
    };
    return {
      subscribe: (channel) => send(connection.subscribe([channel], CONFIRMATION)),
      unsubscribe: (channel) => send(connection.unsubscribeLazy([channel])),
      async ping() {
        // The client reconnects by itself, and messages that were published meanwhile are lost.
        if ((await send(identify())) !== identity) throw new Error('This is another connection');
      },
      close: () => void close(),
    };
  };
}
