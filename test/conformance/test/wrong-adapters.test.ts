import type { RedisNode } from 'redlock-core';
import { ioredis6, testFlaws } from './support/flaws.js';

testFlaws([
  {
    flaw: 'queues what it is given before it is ready',
    foundBy: 'a client that connects lazily is connected by the first attempt',
    members: () => ({ ready: true }),
  },
  {
    flaw: 'does not connect a client that connects lazily',
    foundBy: 'a client that connects lazily is connected by the first attempt',
    members: () => ({ connect: () => {} }),
  },
  {
    flaw: 'sends commands twice',
    foundBy: 'commands are written in the order in which they are given',
    members: (node) => ({
      call: async (args) => {
        await node.call(args);
        return node.call(args);
      },
    }),
  },
  {
    flaw: 'lets commands overtake others',
    foundBy: 'commands are written in the order in which they are given',
    members: (node) => {
      let given = 0;
      return {
        call: async (args) => {
          if (given++ % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
          return node.call(args);
        },
      };
    },
  },
  {
    flaw: 'changes texts',
    foundBy: 'keys and arguments arrive byte by byte',
    members: (node) => ({ call: (args) => node.call(args.map((arg) => arg.trim())) }),
  },
  {
    flaw: 'loses digits',
    foundBy: 'integers, texts, nothing and lists are resolved as they are',
    members: (node) => ({ call: async (args) => withoutDigits(await node.call(args)) }),
  },
  {
    flaw: 'has words of its own for error replies',
    foundBy: 'an error reply is rejected with, its code first',
    members: (node) => ({
      call: (args) =>
        node.call(args).catch((error: unknown) => {
          throw new Error(`The server said ${String(error)}`);
        }),
    }),
  },
  {
    flaw: 'does not tell of a new connection',
    foundBy: 'a new connection is told of before anything is answered on it',
    members: () => ({ onReady: () => () => {} }),
  },
  {
    flaw: 'tells of a new connection when it has answered already',
    foundBy: 'a new connection is told of before anything is answered on it',
    members: (node) => ({ onReady: (listener) => node.onReady(() => setTimeout(listener, 100)) }),
  },
  {
    flaw: 'hides that its server has restarted',
    foundBy:
      'a server that restarts without its data grants nothing, one that was only cut off does',
    members: () => ({ onReady: () => () => {} }),
  },
  {
    flaw: 'tells those who have stopped listening',
    foundBy: 'who does not listen any more is not told',
    members: (node) => ({
      onReady(listener) {
        node.onReady(listener);
        return () => {};
      },
    }),
  },
  {
    flaw: 'keeps a connection that the core wants replaced',
    foundBy: 'a connection is replaced when the core asks for it',
    members: () => ({ reconnect: () => {} }),
  },
  {
    flaw: 'says so of a connection that it has',
    foundBy: 'a node whose password is refused says so until it is ready, without the password',
    members: () => ({ lastError: new Error('WRONGPASS not any more') }),
  },
  {
    flaw: 'shows credentials when it says why it is not connected',
    foundBy: 'a node whose password is refused says so until it is ready, without the password',
    members: (_node, { password }) => ({ lastError: new Error(`WRONGPASS ${password}`) }),
  },
  {
    flaw: 'goes on in another database than the one that is refused',
    foundBy: 'a node whose server refuses its database says so, and locks in no other',
    target: ({ host, port }) => ({ host, port }),
  },
  {
    flaw: 'loses a message',
    foundBy:
      'a subscription says when it is established, and passes on the messages of its channel',
    members: (node) => ({
      subscribe(channel, listener) {
        let heard = 0;
        return subscribed(node, channel, (message) => {
          if (heard++ !== 2) listener(message);
        });
      },
    }),
  },
  {
    flaw: 'does not say that a subscription is lost',
    foundBy: 'a subscription whose connection was cut says so, and when it is established again',
    members: (node) => ({
      subscribe: (channel, listener) => subscribed(node, channel, listener),
    }),
  },
  {
    flaw: 'has a connection for each subscription',
    foundBy: 'the connection for subscriptions is closed with the last of them',
    members: (node, target) => ({
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
  },
  {
    flaw: 'passes on messages to those who have ended their subscription',
    foundBy: 'who has ended a subscription hears nothing more',
    members: (node) => ({
      subscribe(channel, listener) {
        const end = subscribed(node, channel, listener);
        return () => void setTimeout(end, 500);
      },
    }),
  },
  {
    flaw: 'shows credentials in its name',
    foundBy: 'a user with a password is shown neither in the name nor in errors of a node',
    members: (node, { username, password }) => ({ name: `${username}:${password}@${node.name}` }),
  },
  {
    flaw: 'shows credentials in errors',
    foundBy: 'a user with a password is shown neither in the name nor in errors of a node',
    members: (node, { username }) => ({
      call: (args) =>
        node.call(args).catch((error: unknown) => {
          throw new Error(`${error instanceof Error ? error.message : ''} (as ${username})`);
        }),
    }),
  },
  {
    flaw: "ignores the client's key prefix",
    foundBy: "the client's own key prefix is put before all keys",
    target: ({ host, port }) => ({ host, port }),
  },
  {
    flaw: "ignores the client's database",
    foundBy: "locks are in the client's own database",
    target: ({ host, port }) => ({ host, port }),
  },
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
