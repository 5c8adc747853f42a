import { MemoryServer } from '../../../packages/redlock-core/src/memory/server.js';

/** A server as the cases see it: it executes commands of the core, and its keys can be read and written directly. */
export interface Server {
  /** Executes one command. Rejects with the error reply. */
  call(command: readonly string[]): Promise<unknown>;
  /** The value of a string. Null: the key is missing or is no string. */
  get(key: string): Promise<string | null>;
  /** Writes a string. Infinity: it never expires. */
  set(key: string, value: string, ttl: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** The remaining time of a key in ms, as PTTL returns it. */
  remaining(key: string): Promise<number>;
  /** When a key expires, by the clock of the server in ms. */
  expiresAt(key: string): Promise<number>;
  /** The members of a sorted set by score, each with its score. */
  members(key: string): Promise<readonly (readonly [member: string, score: number])[]>;
  /** Adds a member to a sorted set. */
  add(key: string, member: string, score: number, ttl: number): Promise<unknown>;
  /** The clock of the server, in µs. */
  now(): Promise<number>;
  /** Subscribes to channels. Returns a function that returns what was published on them since then, in order. */
  subscribe(...channels: readonly string[]): Promise<() => Promise<readonly string[]>>;
  /** Deletes the scripts that the server knows. */
  forgetScripts(): Promise<unknown>;
  /** Deletes all keys and ends all subscriptions. */
  clear(): Promise<void>;
}

/** The server of memory nodes. Its clock stands still until it is set. */
export class LocalServer implements Server {
  #time = Date.now();
  readonly #server: MemoryServer;
  #subscriptions = new Map<string, string[][]>();

  constructor() {
    const listeners = (channel: string) => this.#subscriptions.get(channel) ?? [];
    this.#server = new MemoryServer({
      clock: () => this.#time,
      wallClock: () => this.#time,
      runId: () => 'local',
      channels: {
        publish(channel, message) {
          for (const heard of listeners(channel)) heard.push(`${channel} ${message}`);
          return listeners(channel).length;
        },
      },
    });
  }

  /** Sets the clock to the time of this machine. */
  setClock(): void {
    this.#time = Date.now();
  }

  call = async (command: readonly string[]) => this.#server.execute(command);
  get = async (key: string) => this.#keyspace.get(key);
  set = async (key: string, value: string, ttl: number) => this.#keyspace.set(key, value, ttl);
  delete = async (key: string) => this.#keyspace.delete(key);
  expiresAt = async (key: string) => this.#time + this.#keyspace.remaining(key);
  members = async (key: string) => {
    const set = this.#keyspace.sortedSet(key);
    return (set?.members ?? []).map((member) => [member, set?.score(member) ?? 0] as const);
  };
  add = async (...args: Parameters<Server['add']>) => this.#keyspace.addTo(...args);
  now = async () => this.#time * 1000;
  forgetScripts = async () => this.#server.flushScripts();

  remaining = async (key: string) => this.#keyspace.remaining(key);

  async subscribe(...channels: readonly string[]) {
    const heard: string[] = [];
    for (const channel of channels) {
      this.#subscriptions.set(channel, [...(this.#subscriptions.get(channel) ?? []), heard]);
    }
    return async () => heard;
  }

  async clear(): Promise<void> {
    this.#server.clear();
    this.#subscriptions = new Map();
  }

  get #keyspace() {
    return this.#server.keyspace;
  }
}
