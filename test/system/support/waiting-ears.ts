import type { RedisNode } from 'redlock-core';
import { until } from 'test-kit';
import { commandOf } from '../../../packages/redlock-core/test/support/operations.js';

const LAST = 'stand by 424242';

/** Hears what a node tells those that wait. */
export class WaitingEars implements Disposable {
  readonly #node: RedisNode;
  readonly #channels: readonly string[];
  readonly #ends: ((() => void) | undefined)[];
  #calls = 0;
  #heard: (string | undefined)[][];

  private constructor(node: RedisNode, channels: readonly string[]) {
    this.#node = node;
    this.#channels = channels;
    this.#heard = channels.map(() => []);
    this.#ends = channels.map((channel, index) =>
      node.subscribe?.(channel, (message) => this.#heard[index]?.push(message)),
    );
  }

  static async open(node: RedisNode, channels: readonly string[]): Promise<WaitingEars> {
    const ears = new WaitingEars(node, channels);
    await until('all subscriptions are established', () => ears.#all(undefined));
    return ears;
  }

  /** What was heard since the last time, by channel. */
  async listen(): Promise<readonly (readonly (string | undefined)[])[]> {
    await Promise.all(this.#channels.map((channel) => this.#tellLast(channel)));
    await until('the last message is heard', () => this.#all(LAST));
    const heard = this.#heard;
    this.#heard = this.#channels.map(() => []);
    return heard;
  }

  [Symbol.dispose](): void {
    for (const end of this.#ends) end?.();
  }

  #all(message: string | undefined): boolean {
    return this.#heard.every((each) => each.includes(message));
  }

  /** Calls the process, and makes it stand by as well. */
  async #tellLast(channel: string): Promise<void> {
    const resources = [`last:${this.#calls++}`];
    const waiting = [`1:600000:424242:${channel}`, `2:600000:1:${channel}`];
    const grants = [{ token: 'one' }, ...waiting.map((entry) => ({ entries: [entry] }))];
    for (const grant of grants) {
      await this.#node.call(commandOf([{ kind: 'grant', resources, ...grant }]));
    }
    await this.#node.call(commandOf([{ kind: 'release', resources, token: 'one' }]));
  }
}
