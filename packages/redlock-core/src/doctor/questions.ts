import pTimeout from 'p-timeout';
import { QuorumError, Redlock } from '../index.js';
import { GuardedNode } from '../node/guarded-node.js';
import { describeError } from '../protocol/errors.js';
import type { RedisNode } from '../redis-node.js';
import type { ErrorData } from '../vote.js';

/** The reply of a node to a command. An error is a fact too. */
export type Answer<T = unknown> =
  | { readonly reply: T; readonly error?: undefined }
  | { readonly reply?: undefined; readonly error: ErrorData };

/** Sends commands to one node, and waits at most `wait` ms for each reply. */
export class Questions {
  readonly node: GuardedNode;

  constructor(
    node: RedisNode,
    readonly wait: number,
  ) {
    this.node = new GuardedNode(node);
  }

  /** Sends a command to the server that has its keys. */
  ask(...command: string[]): Promise<Answer> {
    return this.#answer(this.node.call(command));
  }

  /** Sends a command to the server, or to each master of a Cluster. */
  askServers(...command: string[]): Promise<Answer<readonly unknown[]>> {
    const { node } = this;
    return this.#answer(node.callServers(command).then((reply) => node.serverReplies(reply)));
  }

  #answer<T>(sent: Promise<T>): Promise<Answer<T>> {
    const { wait } = this;
    const answer = sent.then(
      (reply): Answer<T> => ({ reply }),
      (error: unknown): Answer<T> => ({ error: describeError(error) }),
    );
    const message = `no reply within ${wait} ms`;
    const late = { error: { name: 'TimeoutError', code: 'TIMEOUT', message } };
    return pTimeout(answer, { milliseconds: wait, fallback: () => late });
  }
}

/** The same node, which stays open when a Redlock over it is closed. It connects and answers, and does no more. */
export function borrowed(node: RedisNode): RedisNode {
  const { name, timeout, cluster, keyPrefix } = node;
  return {
    name,
    timeout,
    // It reconnects nothing.
    cluster: cluster && {
      callMasters: (args) => cluster.callMasters(args),
      masterOf: (slot) => cluster.masterOf(slot),
    },
    keyPrefix,
    client: node.client ?? node,
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

/**
 * Connects a node as a Redlock does.
 * @param wait for how long at most, in ms
 * @returns why it cannot be used; null: it is connected
 */
export async function connectionFailure(node: RedisNode, wait: number): Promise<ErrorData | null> {
  const redlock = new Redlock([borrowed(node)], { quarantine: false });
  try {
    await redlock.connect({ wait });
    return null;
  } catch (error) {
    const failure = QuorumError.is(error) ? error.votes[0]?.error : undefined;
    if (failure === undefined) throw error;
    return failure;
  } finally {
    await redlock.close();
  }
}
