import { Door } from './door.js';
import { freePort, giveBackPort } from './free-port.js';
import type { Weather } from './lane.js';
import { ProxiedConnection } from './proxied-connection.js';
import { type DropOptions, ReplyDrops } from './reply-drops.js';

const PORT_ATTEMPTS = 10;

/** A TCP proxy on 127.0.0.1 in front of one server, which does to it what networks do. */
export class FaultProxy {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #target: { host: string; port: number };
  readonly #weather: Weather = { delayMs: 0, blackHole: false };
  readonly #drops = new ReplyDrops();
  readonly #connections = new Set<ProxiedConnection>();
  readonly #door: Door;
  #closed = false;

  private constructor(target: { host: string; port: number }, port: number) {
    this.#target = { host: target.host, port: target.port };
    this.port = port;
    this.#door = new Door(this.host, port, (client) => {
      const connection = new ProxiedConnection(client, this.#target, this.#weather, this.#drops);
      this.#connections.add(connection);
      void connection.gone.then(() => this.#connections.delete(connection));
    });
  }

  static async start(
    target: { host: string; port: number },
    attempts = PORT_ATTEMPTS,
  ): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, await freePort());
    try {
      await proxy.#door.open();
      return proxy;
    } catch (error) {
      giveBackPort(proxy.port);
      if (attempts <= 1) throw error;
    }
    return FaultProxy.start(target, attempts - 1);
  }

  /** How many clients are connected now. */
  get connections(): number {
    return [...this.#connections].filter((connection) => connection.isOpen).length;
  }

  /** Passes every chunk on `ms` later, so a round trip costs `2 * ms`. 0 ends it. */
  delay(ms: number): void {
    this.#weather.delayMs = ms;
    this.#pump();
  }

  /**
   * Nothing passes in either direction, over existing and new connections, not even their end.
   * Nothing is lost either: after `heal()` the held bytes go on, as TCP would send them again.
   */
  blackHole(): void {
    this.#weather.blackHole = true;
  }

  /**
   * Swallows the next reply chunk from the server and cuts the connection, so the
   * client cannot know whether its request was carried out. Armed when it returns; resolves when
   * it has happened, and rejects when `heal()` or `close()` comes first.
   */
  dropReply(options?: DropOptions): Promise<void> {
    return this.#drops.add(options);
  }

  /** Destroys all open connections; new ones are served. */
  cut(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Cuts, and refuses new connections until `heal()`. */
  refuse(): void {
    this.#door.shut();
    this.cut();
  }

  /** Ends all faults; resolves when new connections are served again. */
  async heal(): Promise<void> {
    if (this.#closed) throw new Error('The proxy is closed');
    this.#drops.cancel('The proxy was healed before the reply came');
    this.#weather.delayMs = 0;
    this.#weather.blackHole = false;
    this.#pump();
    await this.#door.open();
  }

  /** Destroys everything. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#drops.cancel('The proxy was closed before the reply came');
    this.refuse();
    const gone = [...this.#connections].map((connection) => connection.gone);
    await Promise.all(gone);
    giveBackPort(this.port);
  }

  #pump(): void {
    for (const connection of this.#connections) connection.pump();
  }
}
