import { connect, type Socket } from 'node:net';
import { Lane, type Weather } from './lane.js';
import type { ReplyDrops } from './reply-drops.js';

/** A client's connection to the proxy and the proxy's own one to the server. */
export class ProxiedConnection {
  /** Resolves when both sides are closed. */
  readonly gone: Promise<void>;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #requests: Lane;
  readonly #replies: Lane;

  constructor(
    client: Socket,
    target: { host: string; port: number },
    weather: Weather,
    drops: ReplyDrops,
  ) {
    this.#client = client;
    this.#server = connect({ host: target.host, port: target.port, allowHalfOpen: true });
    for (const socket of [this.#client, this.#server]) {
      socket.setNoDelay(true);
      // 'close' follows, and says all that the other side may learn.
      socket.on('error', () => {});
    }
    this.#requests = new Lane(this.#client, this.#server, weather, (chunk) => {
      drops.noteRequest(this, chunk);
      return true;
    });
    this.#replies = new Lane(this.#server, this.#client, weather, () => {
      const isTaken = drops.takes(this);
      if (isTaken) this.destroy();
      return !isTaken;
    });
    const closed = [this.#client, this.#server].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    this.gone = Promise.all(closed).then(() => drops.forget(this));
  }

  /** Whether the client still holds its end, whatever the server does. */
  get isOpen(): boolean {
    return !this.#client.destroyed && !this.#client.readableEnded;
  }

  pump(): void {
    this.#requests.pump();
    this.#replies.pump();
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
    this.#requests.discard();
    this.#replies.discard();
  }
}
