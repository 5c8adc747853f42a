import { Redis } from 'ioredis';
import type { Address } from './clients.js';

/** Counts the commands that clients send to a server, by MONITOR. */
export class CommandCount {
  readonly #client: Redis;
  readonly #monitor: Redis;
  #count = 0;

  private constructor(client: Redis, monitor: Redis) {
    this.#client = client;
    this.#monitor = monitor;
    monitor.on('monitor', (_time: string, _command: string[], source: string) => {
      if (source !== 'lua') this.#count++;
    });
  }

  static async start({ host, port }: Address): Promise<CommandCount> {
    const client = new Redis({ host, port });
    return new CommandCount(client, await client.monitor());
  }

  get commands(): number {
    return this.#count;
  }

  reset(): void {
    this.#count = 0;
  }

  close(): void {
    this.#monitor.disconnect();
    this.#client.disconnect();
  }
}
