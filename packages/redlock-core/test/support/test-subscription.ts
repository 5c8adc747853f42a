import type { TestServer } from './test-server.js';

type Listener = (message?: string) => void;

/** One subscription of a node, on a connection of its own. */
export class TestSubscription {
  /** What it has heard and not lost. */
  readonly messages: string[] = [];
  open = true;
  #unsubscribe: (() => void) | null = null;

  constructor(
    readonly channel: string,
    readonly server: TestServer,
    private readonly listener: Listener,
    private readonly onLost: () => void,
    private readonly isDeaf: () => boolean,
  ) {}

  /** The server has confirmed it, for the first time or anew. */
  establish(): void {
    this.#unsubscribe ??= this.server.subscribe(this.channel, (message) => this.tell(message));
    this.listener();
  }

  /** A message arrives. */
  tell(message: string): void {
    if (!this.open || this.isDeaf()) return;
    this.messages.push(message);
    this.listener(message);
  }

  /** Its connection has ended, or the server does not let it listen any more. */
  lose(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.onLost();
  }

  close(): void {
    this.open = false;
    this.#unsubscribe?.();
  }
}
