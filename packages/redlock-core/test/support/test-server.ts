import { MemoryServer } from '../../src/memory/server.js';
import { runCommand } from '../../src/memory/operations.js';
import { Subscribers } from '../../src/memory/subscribers.js';
import { decode, encode, inSections } from '../../src/protocol/commands.js';
import { lockKeysOf, SemaphoreKeys } from '../../src/protocol/keys.js';
import { acquire, release, type Operation } from '../../src/protocol/operations.js';

/** In ms. */
const FOR_EVER = 2 ** 40;

let starts = 0;

/** A server in memory. Its keys expire only if a test rules the clock, so no test depends on how long it takes. */
export class TestServer {
  /** What TIME returns, in ms. */
  clock: () => number = () => Date.now();
  /** The clock that expires keys, in ms; null: it stands still. */
  expiry: (() => number) | null = null;
  readonly #subscribers = new Subscribers<symbol>();
  readonly #memory: MemoryServer;

  /** @param uptime in seconds; by default the server was there before everybody */
  constructor(uptime = 1_000_000) {
    this.#memory = new MemoryServer({
      clock: () => this.expiry?.() ?? 0,
      wallClock: () => this.clock(),
      runId: () => `run${++starts}`,
      uptime: uptime * 1000,
      channels: this.#subscribers,
    });
  }

  async run(command: readonly string[]): Promise<unknown> {
    return this.#memory.execute(command);
  }

  /** Calls `listener` with each message on a channel, until the result is called. */
  subscribe(channel: string, listener: (message: string) => void): () => void {
    const subscriber = Symbol(channel);
    const soon = (message: string): void => queueMicrotask(() => listener(message));
    this.#subscribers.subscribe(subscriber, channel, soon);
    return () => this.#subscribers.unsubscribe(subscriber, channel);
  }

  /** The reply to INFO server. */
  get info(): string {
    return this.#memory.info;
  }

  /** Starts again, without its data. */
  restart(): void {
    this.#memory.restart({ keepsData: false });
  }

  flushScripts(): void {
    this.#memory.flushScripts();
  }

  async holderOf(key: string): Promise<string | null> {
    return this.#memory.keyspace.get(key);
  }

  /** For how many ms the server still has the key; 0: it has none. */
  async expiryOf(key: string): Promise<number> {
    return Math.max(0, this.#memory.keyspace.remaining(key));
  }

  /** Gives the key to another client, or releases it. */
  async steal(key: string, token?: string): Promise<void> {
    const holder = await this.holderOf(key);
    const keys = lockKeysOf([key], '', false, []);
    const leaving = { channel: '', tickets: [] };
    if (holder !== null) this.#act(release(keys, holder, FOR_EVER, leaving));
    if (token !== undefined) this.#act(acquire(keys, token, FOR_EVER, 0));
  }

  /** Gives the key a value without expiry, as another program's data has. */
  persist(key: string, value: string): void {
    this.#memory.keyspace.set(key, value, Infinity);
  }

  /** Deletes the key, which notifies no waiter. */
  async delete(key: string): Promise<void> {
    this.#memory.keyspace.delete(key);
  }

  /** How many processes are in the queue of a semaphore. */
  async waitingFor(semaphore: string): Promise<number> {
    return this.#memory.keyspace.sortedSet(new SemaphoreKeys(semaphore, '', 1).queue)?.size ?? 0;
  }

  /** The fencing counter of a key; null: none. */
  async counterOf(key: string): Promise<number | null> {
    const value = await this.holderOf(`{${key}}:fencing`);
    return value === null ? null : Number(value);
  }

  /** Sets the fencing counter of a key, or deletes it. */
  async setCounter(key: string, value?: number): Promise<void> {
    await this.steal(`{${key}}:fencing`, value?.toString());
  }

  /** Does what another client does, whose scripts do not become known to the server. */
  #act(operation: Operation): void {
    const command = decode(encode(inSections([{ operation }]), 0, false));
    runCommand(this.#memory.keyspace, command, this.#subscribers);
  }
}
