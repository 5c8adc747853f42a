import { NODE_OPTIONS } from '../adapter/node-options.js';
import { requireKnown } from '../settings/argument.js';
import type { RedisNode } from '../redis-node.js';
import { systemRuntime } from '../time/runtime.js';
import { MemoryServer } from './server.js';
import { Replies, Turns } from './replies.js';
import { Subscribers } from './subscribers.js';

/**
 * An uptime in ms that is longer than any test, so that a new memory node is not taken for a server that has just started.
 */
const YEARS = 1e12;

/** How many memory nodes have been made without a name. */
let made = 0;

/** The options of {@link memoryNode}. */
export interface MemoryNodeOptions {
  /** Shown in votes, errors and events; unique within a Redlock. Default: `memory-` and a number. */
  name?: string | undefined;
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
   * Restarts the node without its data: it has no keys, reports another run id, and makes a new connection.
   */
  forget(): void;
  /** Deletes all keys, as FLUSHALL does; processes do not notice. */
  clear(): void;
  /**
   * Lets each reply take `ms`, also the replies to commands under way. Infinity: no reply comes until this is changed.
   */
  delay(ms: number): void;
}

/** All memory nodes of a process share its event loop. */
const turns = new Turns();

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
 * const a = memoryNode();
 * const redlock = new Redlock([a, memoryNode(), memoryNode()]);
 * a.fail(); // two of three nodes are still a quorum
 * await redlock.using('report', 10_000, () => {});
 * ```
 */
export function memoryNode(options: MemoryNodeOptions = {}): MemoryNode {
  requireKnown(options, NODE_OPTIONS);
  const { name = `memory-${++made}`, timeout } = options;
  if (typeof name !== 'string') throw new TypeError('The name of a memory node must be a string');
  const replies = new Replies();
  const subscribers = new Subscribers<Subscriber>();
  const readyListeners = new Set<() => void>();
  let failure: Error | null = null;
  let isReachable = true;

  const server = new MemoryServer({
    clock: clockOfNode(),
    wallClock: () => systemRuntime.wallNow(),
    runId: () => systemRuntime.token(),
    uptime: YEARS,
    channels: subscribers,
  });

  const disconnect = (): void => {
    replies.lose(connectionError('ECONNRESET', 'the connection was closed'));
    for (const { lost } of subscribers.all) lost();
  };
  const connected = (): void => {
    for (const listener of readyListeners) listener();
    for (const { tell } of subscribers.all) soon(() => tell());
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
      const arrival = replies.next() ?? turns.next();
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
      subscribers.subscribe(subscriber, channel, (message) => soon(() => tell(message)));
      soon(() => isReachable && tell());
      return () => subscribers.unsubscribe(subscriber, channel);
    },
    fail: (error) =>
      change({
        failure: error ?? connectionError('ECONNREFUSED', 'this memory node was told to fail'),
        isReachable: error !== undefined,
      }),
    recover: () => change({ failure: null, isReachable: true }),
    forget() {
      server.restart({ keepsData: false });
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

/**
 * A clock in ms, which begins at 0. It follows the one of the system's clocks that has moved further, as a holder does when
 * it measures its validity: a test may move one of the clocks only, or begin to fake both.
 */
function clockOfNode(): () => number {
  const mono = systemRuntime.now();
  const wall = systemRuntime.wallNow();
  return () => Math.max(systemRuntime.now() - mono, systemRuntime.wallNow() - wall);
}

function connectionError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Runs `act` when all promises before it have run. Does not use queueMicrotask, which fake timers replace. */
function soon(act: () => unknown): void {
  void Promise.resolve().then(act);
}
