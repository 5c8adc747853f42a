import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Redis } from 'ioredis';
import { Deployment, until } from 'test-kit';
import type { Program } from '../../../packages/redlock-core/src/protocol/program.js';
import { commandOf, type Wording } from '../../../packages/redlock-core/test/support/operations.js';

type Rest = Omit<Wording, 'kind' | 'resources'>;

/** A server that runs the programs, and processes that its calls may reach. */
export class ScriptHost {
  /** The program that runs the operations; `undefined`: the one that the core chooses. */
  program: Program | undefined;
  #started: Deployment | null = null;
  #listeners: Redis[] = [];

  private constructor() {
    beforeAll(async () => {
      this.#started = await Deployment.start(1, { config: { appendonly: 'no' } });
    });
    afterAll(async () => {
      await this.#started?.[Symbol.asyncDispose]();
    });
    beforeEach(() => this.#clear());
  }

  /** The host of the tests in a file: it runs as long as they do, and each of them finds it empty. */
  static ofFile(): ScriptHost {
    return new ScriptHost();
  }

  get server(): Redis {
    return this.#deployment.node(0).probe;
  }

  /** The reply to a batch of operations. */
  batch(...operations: readonly Wording[]): Promise<unknown> {
    return this.batchBy(this.server, ...operations);
  }

  batchBy(client: Redis, ...operations: readonly Wording[]): Promise<unknown> {
    const [name = '', ...args] = commandOf(operations, this.program);
    return client.call(name, ...args);
  }

  /** The reply to one operation on resources, whose names are parted by spaces. */
  ask(kind: Wording['kind'], resources: string, rest: Rest): Promise<unknown> {
    return this.batch({ kind, resources: resources.split(' '), ...rest });
  }

  /** A connection of its own. */
  connect(username?: string): Redis {
    const { host, port } = this.#deployment.node(0).server;
    const client = new Redis({ host, port, ...(username && { username, password: '-' }) });
    this.#deployment.own(client);
    return client;
  }

  /** Subscribes to channels. @returns what tells what has been published on them, in order */
  async listenTo(...channels: readonly string[]): Promise<() => Promise<string[]>> {
    const heard: string[] = [];
    const listener = this.connect();
    this.#listeners.push(listener);
    listener.on('message', (channel: string, message: string) =>
      heard.push(`${channel} ${message}`),
    );
    await listener.subscribe(...channels, 'end');
    return async () => {
      await this.server.publish('end', '');
      await until('all is heard', () => heard.includes('end '));
      return heard.filter((each) => each !== 'end ');
    };
  }

  /** In microseconds, by the server's clock. */
  async clock(): Promise<number> {
    // ioredis gives strings, against its types.
    const [seconds = 0, micros = 0] = (await this.server.time()).map(Number);
    return seconds * 1_000_000 + micros;
  }

  /** Forgets all keys and listeners. */
  async #clear(): Promise<void> {
    await this.server.flushall();
    await Promise.all(this.#listeners.map((listener) => listener.unsubscribe()));
    this.#listeners = [];
  }

  get #deployment(): Deployment {
    if (!this.#started) throw new Error('The host runs in tests only');
    return this.#started;
  }
}
