import { randomUUID } from 'node:crypto';
import { Redlock } from '../index.js';
import type { RedlockOptions } from '../options.js';
import type { RedisNode } from '../redis-node.js';
import type { ConformanceOptions, ConformanceTarget } from './conformance.js';
import { Control } from './control.js';
import { Ear } from './ear.js';
import { startLocalServer } from './local-server.js';
import { pace } from './pace.js';
import type { ConformanceServer, ServerAddress } from './server.js';
import { until } from './until.js';

/** What one case runs on. All of it ends with the case. */
export class Fixture {
  readonly #options: ConformanceOptions;
  readonly #server: ConformanceServer | null;
  readonly #ends: (() => unknown)[] = [];

  private constructor(options: ConformanceOptions, server: ConformanceServer | null) {
    this.#options = options;
    this.#server = server;
  }

  static async setUp(options: ConformanceOptions): Promise<Fixture> {
    if (options.without?.server !== undefined) return new Fixture(options, null);
    return new Fixture(options, await (options.server ?? startLocalServer)());
  }

  get server(): ConformanceServer {
    if (!this.#server) throw new Error('This case needs a server');
    return this.#server;
  }

  get control(): Control {
    return new Control(this.server, this.server.peers);
  }

  /** A name that was not used before, in the one slot that all names share. */
  resource(suffix = ''): string {
    return `{conformance}:${randomUUID()}${suffix}`;
  }

  /** Makes a node and waits until it is ready. */
  async node(target: Partial<ConformanceTarget> = {}): Promise<RedisNode> {
    const node = await this.nodeAtOnce(target);
    await isReady(node);
    return node;
  }

  /** Makes a node that may not be connected yet. */
  async nodeAtOnce(target: Partial<ConformanceTarget>): Promise<RedisNode> {
    const { host, port } = this.#server ?? { host: '', port: 0 };
    const { node, close } = await this.#options.connect({ host, port, ...target });
    this.#ends.push(close);
    return node;
  }

  /** Makes the client alone and has it connect. If the options cannot make one, nothing is connected. */
  async plainClient(target: ServerAddress): Promise<void> {
    const close = await this.#options.connectPlain?.({ ...target, lazy: true });
    if (close) this.#ends.push(close);
  }

  redlock(node: RedisNode, options: RedlockOptions = {}): Redlock {
    // A case decides by itself how long it waits for a node, and restarts the node often.
    const patient = { nodeTimeout: pace.patient, wait: pace.limit, quarantine: false };
    const redlock = new Redlock([node], { ...patient, ...options });
    this.#ends.push(() => redlock.close());
    return redlock;
  }

  ear(node: RedisNode, channel: string): Ear {
    const ear = new Ear(node, channel);
    // A listener has a connection, and gets another one when it is lost.
    this.#ends.push(ear.end);
    return ear;
  }

  async tearDown(): Promise<void> {
    try {
      // The case may have failed in the middle of a fault.
      await this.#server?.resume();
    } catch {
      // The server is not running.
    }
    try {
      await this.end();
    } finally {
      await this.#server?.close();
    }
  }

  /** Closes everything that the case has opened, the last first. */
  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).toReversed()) await end();
  }
}

async function isReady(node: RedisNode): Promise<void> {
  node.connect();
  await until('the node is ready', () => node.ready);
}
