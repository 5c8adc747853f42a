import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A port of 127.0.0.1 that can be opened and shut again and again. */
export class Door {
  readonly #host: string;
  readonly #port: number;
  readonly #welcome: (client: Socket) => void;
  #server: Server | null = null;
  #opening: Promise<void> | null = null;
  #wanted = false;

  constructor(host: string, port: number, welcome: (client: Socket) => void) {
    this.#host = host;
    this.#port = port;
    this.#welcome = welcome;
  }

  /** Resolves when clients can connect, or when `shut()` came first. */
  open(): Promise<void> {
    this.#wanted = true;
    if (this.#server !== null) return Promise.resolve();
    this.#opening ??= this.#listen();
    return this.#opening;
  }

  /** From here on clients are refused. */
  shut(): void {
    this.#wanted = false;
    this.#server?.close();
    this.#server = null;
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, this.#welcome);
    // `exclusive`: a cluster worker must not share it.
    server.listen({ host: this.#host, port: this.#port, exclusive: true });
    try {
      await once(server, 'listening');
    } finally {
      this.#opening = null;
    }
    if (this.#wanted) this.#server = server;
    else server.close();
  }
}
