import pTimeout from 'p-timeout';
import type { ErrorData, RedisNode } from 'redlock-core';
import { LastError } from 'redlock-core/adapter';

/** What a node said to a command. A refusal is a fact too. */
export type Answer<T = unknown> =
  | { readonly reply: T; readonly error?: undefined }
  | { readonly reply?: undefined; readonly error: ErrorData };

/** Sends commands to one node, and waits for each reply no longer than it was told. */
export class Questions {
  readonly #node: RedisNode;
  readonly #wait: number;

  /** @param wait for how long, in ms */
  constructor(node: RedisNode, wait: number) {
    this.#node = node;
    this.#wait = wait;
  }

  /** Sends a command to the server that has its keys. */
  ask(...command: string[]): Promise<Answer> {
    return this.#answer(() => this.#node.call(command));
  }

  /** Sends a command to the server, or to each master of a Cluster. */
  askServers(...command: string[]): Promise<Answer<readonly unknown[]>> {
    return this.#answer(async () => {
      return this.#node.callMasters?.(command) ?? [await this.#node.call(command)];
    });
  }

  #answer<T>(send: () => Promise<T>): Promise<Answer<T>> {
    const message = `no reply within ${this.#wait} ms`;
    const late = { error: { name: 'TimeoutError', code: 'TIMEOUT', message } };
    return pTimeout(settled(send), { milliseconds: this.#wait, fallback: () => late });
  }
}

async function settled<T>(send: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { reply: await send() };
  } catch (error) {
    return { error: describe(error) };
  }
}

/** Plain data without address, user and arguments, as the core shows errors. */
function describe(error: unknown): ErrorData {
  const last = new LastError();
  last.saw(error);
  return last.value ?? { name: 'Error', code: 'UNKNOWN', message: 'unknown' };
}
