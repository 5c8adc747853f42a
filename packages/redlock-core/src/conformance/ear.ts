import type { RedisNode } from '../redis-node.js';
import { until } from './until.js';

/** Listens to one channel. */
export class Ear {
  /**
   * What the listener was called with, in order. `undefined`: its subscription was established; `null`: it was lost.
   */
  readonly heard: (string | undefined | null)[] = [];
  readonly end: () => void;

  constructor(node: RedisNode, channel: string) {
    if (!node.subscribe) throw new Error('The node has no `subscribe`: say so in `without`');
    this.end = node.subscribe(
      channel,
      (message) => void this.heard.push(message),
      () => void this.heard.push(null),
    );
  }

  async isEstablished(times = 1): Promise<void> {
    await until(`a subscription is established ${times} times`, () => {
      return this.heard.filter((message) => message === undefined).length >= times;
    });
  }

  async isLost(): Promise<void> {
    await until('the subscription is lost', () => this.heard.at(-1) === null);
  }

  async hears(message: string): Promise<void> {
    await until('a message arrives', () => this.heard.includes(message));
  }
}
