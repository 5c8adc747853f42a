import type { RedisNode } from 'redlock-core';
import { type Deployment, until } from 'test-kit';

/** Listens to one channel. Keeps what its listener was called with: `undefined` when it was established. */
export class Ear {
  readonly heard: (string | undefined)[] = [];
  losses = 0;
  readonly #unsubscribe: () => void;

  constructor(deployment: Deployment, node: RedisNode, channel: string) {
    if (!node.subscribe) throw new Error('The adapter has no subscriptions');
    this.#unsubscribe = node.subscribe(
      channel,
      (message) => void this.heard.push(message),
      () => this.losses++,
    );
    deployment.defer(() => this.end());
  }

  get established(): number {
    return this.heard.filter((message) => message === undefined).length;
  }

  async isEstablished(times = 1): Promise<void> {
    await until(`${times} times established`, () => this.established >= times);
  }

  async hears(message: string): Promise<void> {
    await until(`${message} arrives`, () => this.heard.includes(message));
  }

  end(): void {
    this.#unsubscribe();
  }
}
