import type { RedisNode } from 'redlock-core';
import { ioredis6, testFlaws } from './support/flaws.js';

testFlaws([
  [
    'queues what it is given before it is ready',
    'a client that connects lazily is connected by the first attempt',
    () => ({ ready: true }),
  ],
  [
    'sends commands twice',
    'commands are written in the order in which they are given',
    (node) => ({
      call: async (args) => {
        await node.call(args);
        return node.call(args);
      },
    }),
  ],
  [
    'lets commands overtake others',
    'commands are written in the order in which they are given',
    (node) => {
      let given = 0;
      return {
        call: async (args) => {
          if (given++ % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
          return node.call(args);
        },
      };
    },
  ],
  [
    'changes texts',
    'keys and arguments arrive byte by byte',
    (node) => ({ call: (args) => node.call(args.map((arg) => arg.trim())) }),
  ],
  [
    'loses digits',
    'integers, texts, nothing and lists are resolved as they are',
    (node) => ({ call: async (args) => withoutDigits(await node.call(args)) }),
  ],
  [
    'has words of its own for error replies',
    'an error reply is rejected with, its code first',
    (node) => ({
      call: (args) =>
        node.call(args).catch((error: unknown) => {
          throw new Error(`The server said ${String(error)}`);
        }),
    }),
  ],
  [
    'does not tell of a new connection',
    'a new connection is reported before anything is answered on it',
    () => ({ onReady: () => () => {} }),
  ],
  [
    'tells of a new connection when it has answered already',
    'a new connection is reported before anything is answered on it',
    (node) => ({ onReady: (listener) => node.onReady(() => setTimeout(listener, 100)) }),
  ],
  [
    'hides that its server has restarted',
    'a server that restarts without its data grants nothing, one that was only cut off does',
    () => ({ onReady: () => () => {} }),
  ],
  [
    'tells those who have stopped listening',
    'a removed listener is not called',
    (node) => ({
      onReady(listener) {
        node.onReady(listener);
        return () => {};
      },
    }),
  ],
  [
    'keeps a connection that the core wants replaced',
    'a connection is replaced when the core asks for it',
    () => ({ reconnect: () => {} }),
  ],
  [
    'says so of a connection that it has',
    'a node whose password is refused says so until it is ready, without the password',
    () => ({ lastError: new Error('WRONGPASS not any more') }),
  ],
  [
    'shows credentials when it says why it is not connected',
    'a node whose password is refused says so until it is ready, without the password',
    (_node, { password }) => ({ lastError: new Error(`WRONGPASS ${password}`) }),
  ],
  [
    'goes on in another database than the one that is refused',
    'a node whose server refuses its database says so, and locks in no other',
    { target: ({ host, port }) => ({ host, port }) },
  ],
  [
    'loses a message',
    'a subscription says when it is established, and passes on the messages of its channel',
    (node) => ({
      subscribe(channel, listener) {
        let heard = 0;
        return subscribed(node, channel, (message) => {
          if (heard++ !== 2) listener(message);
        });
      },
    }),
  ],
  [
    'does not say that a subscription is lost',
    'a subscription whose connection was cut says so, and when it is established again',
    (node) => ({
      subscribe: (channel, listener) => subscribed(node, channel, listener),
    }),
  ],
  [
    'has a connection for each subscription',
    'the connection for subscriptions is closed with the last of them',
    (node, target) => ({
      subscribe(channel, listener) {
        const own = ioredis6.open('standalone', target, []);
        const ended = own.then((other) => {
          const end = subscribed(other.node(), channel, listener);
          return async () => {
            end();
            await other.close();
          };
        });
        return () => void ended.then((end) => end());
      },
    }),
  ],
  [
    'passes on messages to those who have ended their subscription',
    'an ended subscription receives nothing more',
    (node) => ({
      subscribe(channel, listener) {
        const end = subscribed(node, channel, listener);
        return () => void setTimeout(end, 500);
      },
    }),
  ],
  [
    'shows credentials in its name',
    'a user with a password is shown neither in the name nor in errors of a node',
    (node, { username, password }) => ({ name: `${username}:${password}@${node.name}` }),
  ],
  [
    'shows credentials in errors',
    'a user with a password is shown neither in the name nor in errors of a node',
    (node, { username }) => ({
      call: (args) =>
        node.call(args).catch((error: unknown) => {
          throw new Error(`${error instanceof Error ? error.message : ''} (as ${username})`);
        }),
    }),
  ],
  [
    "ignores the client's key prefix",
    "the client's own key prefix is put before all keys",
    { target: ({ host, port }) => ({ host, port }) },
  ],
  [
    "ignores the client's database",
    "locks are in the client's own database",
    { target: ({ host, port }) => ({ host, port }) },
  ],
]);

function subscribed(
  node: RedisNode,
  channel: string,
  listener: (message?: string) => void,
): () => void {
  const end = node.subscribe?.(channel, listener);
  if (!end) throw new Error('The adapter under test has subscriptions');
  return end;
}

/** As a client that keeps numbers in 32 bits. */
function withoutDigits(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(withoutDigits);
  return typeof reply === 'number' ? Math.fround(reply) : reply;
}
