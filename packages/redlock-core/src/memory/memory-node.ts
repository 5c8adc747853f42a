import { NODE_OPTIONS } from '../adapter/node-options.js';
import { requireKnown } from '../settings/known-options.js';
import type { RedisNode } from '../redis-node.js';
import { MemoryServer } from './memory-server.js';
import { Replies } from './replies.js';

/** The options of {@link memoryNode}. */
export interface MemoryNodeOptions {
  /** Shown in votes, errors and events; unique within a Redlock. */
  name: string;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  timeout?: number | undefined;
}

/** A node inside this process, and what a test can do to it. */
export interface MemoryNode extends RedisNode {
  /**
   * Makes the node fail. Without an error, it cannot be reached: every command fails at once, and so do commands under
   * way. With an error, it can be reached, and answers every command with that error, as in `new Error('OOM command not
   * allowed')`.
   */
  fail(error?: Error): void;
  /** Ends what `fail` began. The node has kept its locks. */
  recover(): void;
  /**
   * Restarts the node without its data: it has no keys, is another server to those who ask, and makes a new connection.
   */
  forget(): void;
  /** Deletes all keys, as FLUSHALL does, and nobody notices. */
  clear(): void;
  /**
   * Lets each reply take `ms`, also the replies to commands under way. Infinity: no reply comes until this is changed.
   */
  delay(ms: number): void;
}

/** One subscription to a channel. */
interface Subscriber {
  readonly tell: (message?: string) => void;
  readonly lost: () => void;
}

/**
 * Makes a node inside this process, which behaves as a Redis server does. It is for tests and for trying things out: it
 * locks within one process only.
 * @throws TypeError for bad options
 * @example
 * ```ts
 * import { Redlock } from 'redlock-core';
 * import { memoryNode } from 'redlock-core/memory';
 *
 * const a = memoryNode({ name: 'a' });
 * const redlock = new Redlock([a, memoryNode({ name: 'b' }), memoryNode({ name: 'c' })]);
 * a.fail(); // two of three nodes are still a quorum
 * await redlock.using('report', 10_000, () => {});
 * ```
 */
export function memoryNode(options: MemoryNodeOptions): MemoryNode {
  if (typeof options?.name !== 'string')
    throw new TypeError("A memory node needs a name, as in memoryNode({ name: 'a' })");
  requireKnown(options, NODE_OPTIONS);
  const { name, timeout } = options;
  const replies = new Replies();
  const subscribers = new Map<string, Set<Subscriber>>();
  const readyListeners = new Set<() => void>();
  let failure: Error | null = null;
  let isReachable = true;

  const server = new MemoryServer({
    publish(channel, message) {
      const told = subscribers.get(channel) ?? new Set();
      for (const { tell } of told) soon(() => tell(message));
      return told.size;
    },
    receivers: (channel) => subscribers.get(channel)?.size ?? 0,
  });

  const allSubscribers = (): Subscriber[] => [...subscribers.values()].flatMap((told) => [...told]);
  const disconnect = (): void => {
    replies.lose(connectionError('ECONNRESET', 'the connection was closed'));
    for (const { lost } of allSubscribers()) lost();
  };
  const connected = (): void => {
    for (const listener of readyListeners) listener();
    for (const { tell } of allSubscribers()) soon(() => tell());
  };
  const change = (to: { failure: Error | null; isReachable: boolean }): void => {
    const wasReachable = isReachable;
    ({ failure, isReachable } = to);
    if (wasReachable && !isReachable) disconnect();
    if (!wasReachable && isReachable) connected();
  };

  return {
    name,
    timeout,
    ready: true,
    call: async (args) => {
      if (failure) throw failure;
      const reply = server.execute(args);
      const arrival = replies.next();
      if (arrival) await arrival;
      return reply;
    },
    connect: () => {},
    onReady(given) {
      const listener = (): void => given();
      readyListeners.add(listener);
      return () => void readyListeners.delete(listener);
    },
    subscribe(channel, tell, lost = () => {}) {
      const subscriber: Subscriber = { tell, lost };
      const told = subscribers.get(channel) ?? new Set();
      subscribers.set(channel, told.add(subscriber));
      soon(() => isReachable && tell());
      return () => {
        if (told.delete(subscriber) && told.size === 0) subscribers.delete(channel);
      };
    },
    fail: (error) =>
      change({
        failure: error ?? connectionError('ECONNREFUSED', 'this memory node was told to fail'),
        isReachable: error !== undefined,
      }),
    recover: () => change({ failure: null, isReachable: true }),
    forget() {
      server.restart();
      if (!isReachable) return;
      disconnect();
      connected();
    },
    clear: () => server.clear(),
    delay(ms) {
      if (typeof ms !== 'number') throw new TypeError('ms must be a number');
      if (!(ms >= 0)) throw new RangeError(`ms must be at least 0, not ${ms}`);
      replies.delay(ms);
    },
  };
}

function connectionError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Runs `act` when all promises before it have run. Does not use queueMicrotask, which fake timers replace. */
function soon(act: () => unknown): void {
  void Promise.resolve().then(act);
}
