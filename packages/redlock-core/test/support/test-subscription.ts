import type { TestServer } from './test-server.js';

/** One subscription of a node, on a connection of its own. */
export class TestSubscription {
  /** What it has heard. */
  readonly messages: string[] = [];
  open = true;
  #unsubscribe: () => void = () => {};

  constructor(
    readonly channel: string,
    readonly server: TestServer,
    private readonly listener: (message?: string) => void,
  ) {}

  /** The server has confirmed it. */
  establish(): void {
    if (!this.open) return;
    this.#unsubscribe = this.server.subscribe(this.channel, (message) => {
      if (!this.open) return;
      this.messages.push(message);
      this.listener(message);
    });
    this.listener();
  }

  close(): void {
    this.open = false;
    this.#unsubscribe();
  }
}
