import type { ClientProcess, RedisNode } from './core.js';
import { type Cargo, cargoOf, operationOf } from './cargo.js';
import type { Network, Path } from './network.js';
import type { Peer, Server } from './server.js';

type Notify = (message?: string) => void;

/** A node as an adapter makes it of a Redis client, with commands and subscriptions on one connection. */
export class Connection implements RedisNode, Peer {
  readonly name: string;
  ready = false;
  readonly #readyListeners = new Set<() => void>();
  readonly #channels = new Map<string, { notify: Notify; onLost: () => void }>();
  /** What rejects the commands that were written and not answered yet. */
  readonly #unanswered = new Set<(error: Error) => void>();
  /** What writes the commands that were given before there was a connection. */
  readonly #offline: (() => void)[] = [];

  /** @param onNotified called when the node notifies the client's process */
  constructor(
    readonly path: Path,
    private readonly network: Network,
    private readonly server: Server,
    private readonly process: ClientProcess,
    private readonly onNotified: () => void,
  ) {
    this.name = server.name;
  }

  connect(): void {
    if (this.server.peers.has(this)) return;
    this.server.peers.add(this);
    this.#send('other', () => this.server.connect(this));
  }

  call(args: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onReply = (reply: unknown): void => {
        this.#unanswered.delete(reject);
        if (reply instanceof Error) reject(reply);
        else resolve(reply);
      };
      const write = (): void => {
        this.#unanswered.add(reject);
        this.#send(cargoOf(operationOf(args)), () =>
          this.server.execute(this, args, (reply) => this.process.run(() => onReply(reply))),
        );
      };
      if (this.ready) write();
      else this.#offline.push(write);
    });
  }

  onReady(listener: () => void): () => void {
    this.#readyListeners.add(listener);
    return () => void this.#readyListeners.delete(listener);
  }

  /** The core subscribes to a channel once. */
  subscribe(channel: string, notify: Notify, onLost = (): void => {}): () => void {
    this.#channels.set(channel, { notify, onLost });
    if (this.ready) this.#ask(channel);
    return () => {
      this.#channels.delete(channel);
      this.#send('other', () => this.server.channels.unsubscribe(this, channel));
    };
  }

  /** Closes the connection without a word to the client's process. */
  abandon(): void {
    this.network.close(this.path);
    this.server.channels.forget(this);
    this.server.peers.delete(this);
  }

  established(): void {
    this.process.run(() => {
      this.ready = true;
      for (const write of this.#offline.splice(0)) write();
      for (const channel of this.#channels.keys()) this.#ask(channel);
      for (const listener of this.#readyListeners) listener();
    });
  }

  lost(): void {
    this.process.run(() => {
      const error = Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
      this.ready = false;
      const unanswered = [...this.#unanswered];
      this.#unanswered.clear();
      for (const reject of unanswered) reject(error);
      for (const { onLost } of this.#channels.values()) onLost();
    });
  }

  #send(cargo: Cargo, act: () => void): void {
    this.network.send(this.path, 'up', cargo, () => this.server.receive(this, act));
  }

  #ask(channel: string): void {
    const receive = (message?: string): void =>
      this.process.run(() => {
        if (message !== undefined) this.onNotified();
        this.#channels.get(channel)?.notify(message);
      });
    this.#send('other', () => {
      this.server.channels.subscribe(this, channel, (message) =>
        this.network.send(this.path, 'down', 'notification', () => receive(message)),
      );
      this.network.send(this.path, 'down', 'other', () => receive());
    });
  }
}
