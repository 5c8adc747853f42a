import pTimeout from 'p-timeout';
import { QuorumError, Redlock } from '../index.js';
import { GuardedNode } from '../node/guarded-node.js';
import { describeError } from '../protocol/errors.js';
import type { RedisNode } from '../redis-node.js';
import type { ErrorData } from '../vote.js';

/** What a node answers to a command. An error is a fact too. */
export interface Answer {
  /** One, or that of each master of a Cluster; none with an error. */
  readonly replies: readonly unknown[];
  readonly error?: ErrorData;
}

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
    return this.#answer(this.node.call(command).then((reply) => [reply]));
  }

  /** Sends a command to the server, or to each master of a Cluster. */
  askServers(...command: string[]): Promise<Answer> {
    const { node } = this;
    return this.#answer(node.callServers(command).then((reply) => node.serverReplies(reply)));
  }

  #answer(sent: Promise<readonly unknown[]>): Promise<Answer> {
    const { wait } = this;
    const answer = sent.then(
      (replies): Answer => ({ replies }),
      (error: unknown): Answer => ({ replies: [], error: describeError(error) }),
    );
    const error = { name: 'TimeoutError', code: 'TIMEOUT', message: `no reply within ${wait} ms` };
    return pTimeout(answer, { milliseconds: wait, fallback: () => ({ replies: [], error }) });
  }
}

/**
 * Connects a node as a Redlock does.
 * @param wait for how long at most, in ms
 * @returns why it cannot be used; null: it is connected
 */
export async function connectionFailure(node: RedisNode, wait: number): Promise<ErrorData | null> {
  const { name, timeout, cluster, keyPrefix, client = node } = node;
  // The same node without `close`, because it remains the caller's when the Redlock is closed.
  const borrowed: RedisNode = {
    name,
    timeout,
    cluster,
    keyPrefix,
    client,
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
  await using redlock = new Redlock([borrowed], { quarantine: false });
  try {
    await redlock.connect({ wait });
    return null;
  } catch (error) {
    const failure = QuorumError.is(error) ? error.votes[0]?.error : undefined;
    if (failure === undefined) throw error;
    return failure;
  }
}
