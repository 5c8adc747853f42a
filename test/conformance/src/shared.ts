import type { ConformanceServer, ServerAddress } from 'redlock-core/conformance';
import { type RedisServer, until } from 'test-kit';

/** A server that serves one case after another, because a start takes longer than most cases. */
export class Shared implements ConformanceServer {
  readonly host: string;
  readonly port: number;
  readonly peers: readonly ServerAddress[];
  readonly #server: RedisServer;
  readonly #isBack: () => Promise<boolean>;
  #running = true;

  /** @param isBack whether its deployment takes commands again after its restart */
  constructor(
    server: RedisServer,
    peers: readonly ServerAddress[] = [],
    isBack: () => Promise<boolean> = async () => true,
  ) {
    this.#server = server;
    this.#isBack = isBack;
    this.host = server.host;
    this.port = server.port;
    this.peers = peers;
  }

  async start(): Promise<void> {
    await this.#server.start();
    this.#running = true;
    await until('the deployment takes commands', this.#isBack);
  }

  async kill(): Promise<void> {
    this.#running = false;
    await this.#server.kill();
  }

  pause(): Promise<void> {
    return this.#server.pause();
  }

  async resume(): Promise<void> {
    if (this.#running) await this.#server.resume();
  }

  /** For the next case. */
  async close(): Promise<void> {
    if (!this.#running) await this.start();
  }
}
