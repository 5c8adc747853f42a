import { NODE_OPTIONS } from '../adapter/node-options.js';
import { requireKnown } from '../settings/known-options.js';
import type { RedisNode } from '../redis-node.js';
import { MemoryServer } from './memory-server.js';
import { Replies } from './replies.js';

export interface MemoryNodeOptions {
  /** Shown in votes, errors and events; unique within a Redlock. */
  name: string;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  timeout?: number | undefined;
}

/** A node inside this process, and what a test can do to it. */
export interface MemoryNode extends RedisNode {
  /**
   * From now on it cannot be reached: every command fails at once, and so do those under way. With an error, it
   * can, and answers every command with that, as in `new Error('OOM command not allowed')`.
   */
  fail(error?: Error): void;
  /** Ends what `fail` began; the node has kept its locks. */
  recover(): void;
  /** Restarts it without its data: no keys, another server to those who ask, a new connection. */
  forget(): void;
  /** Its keys are gone, as after FLUSHALL, and nobody notices. */
  clear(): void;
  /** Each reply, also of commands under way, takes so many ms; Infinity: none comes until this is changed. */
  delay(ms: number): void;
}

type Listener = (message?: string) => void;

/**
 * A node inside this process, which behaves as a Redis server does. For tests and for trying things
 * out: it locks within one process only.
 */
export function memoryNode(options: MemoryNodeOptions): MemoryNode {
  if (typeof options?.name !== 'string') throw new TypeError('A memory node needs a name');
  requireKnown(options, NODE_OPTIONS);
  const { name, timeout } = options;
  const replies = new Replies();
  const subscribers = new Map<string, Set<Listener>>();
  const readyListeners = new Set<() => void>();
  let failure: Error | null = null;
  let isReachable = true;

  const server = new MemoryServer((channel, message) => {
    const told = subscribers.get(channel) ?? new Set();
    for (const listener of told) soon(() => listener(message));
    return told.size;
  });

  const disconnect = (): void =>
    replies.lose(connectionError('ECONNRESET', 'the connection was closed'));
  const connected = (): void => {
    for (const listener of readyListeners) listener();
    for (const listener of [...subscribers.values()].flatMap((told) => [...told])) {
      soon(() => listener());
    }
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
    subscribe(channel, given) {
      // One of its own, so that it can be there twice.
      const listener: Listener = (message) => given(message);
      const told = subscribers.get(channel) ?? new Set();
      subscribers.set(channel, told.add(listener));
      soon(() => isReachable && listener());
      return () => {
        if (told.delete(listener) && told.size === 0) subscribers.delete(channel);
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

/** Not by queueMicrotask, which fake timers replace. */
function soon(act: () => unknown): void {
  void Promise.resolve().then(act);
}
