import { afterAll, beforeAll } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RedisServer as ServerProcess } from 'test-kit';
import { startServer } from 'test-kit/server-set';
import type { Server } from './server.js';

/** Starts a real server for the tests of a file. Returns a function that returns the server while they run. */
export function redisOfFile(): () => RedisServer {
  let process: ServerProcess | undefined;
  let server: RedisServer | undefined;
  beforeAll(async () => {
    process = await startServer({ config: { appendonly: 'no' } });
    server = new RedisServer(new Redis(process.port, process.host));
  });
  afterAll(async () => {
    await server?.clear();
    server?.client.disconnect();
    await process?.close();
  });
  return () => {
    if (!server) throw new Error('The server runs only during tests');
    return server;
  };
}

/** A real server, asked through one client. */
export class RedisServer implements Server {
  readonly client: Redis;
  readonly #connections: Redis[] = [];

  constructor(client: Redis) {
    this.client = client;
  }

  call = async ([name = '', ...args]: readonly string[]) => this.client.call(name, ...args);
  get = async (key: string) => (await this.client.mget(key))[0] ?? null;
  set = async (key: string, value: string, ttl: number) =>
    ttl === Infinity ? this.client.set(key, value) : this.client.set(key, value, 'PX', ttl);
  delete = async (key: string) => this.client.del(key);
  remaining = async (key: string) => this.client.pttl(key);
  expiresAt = async (key: string) => Number(await this.client.call('PEXPIRETIME', key));
  members = async (key: string) => {
    const flat = await this.client.zrange(key, '0', '-1', 'WITHSCORES');
    return flat.flatMap((member, i) =>
      i % 2 === 0 ? [[member, Number(flat[i + 1])] as const] : [],
    );
  };

  forgetScripts = async () => this.client.script('FLUSH');

  async add(key: string, member: string, score: number, ttl: number): Promise<void> {
    await this.client.zadd(key, score, member);
    await this.client.pexpire(key, ttl);
  }

  async now(): Promise<number> {
    // ioredis returns strings, unlike its types say.
    const [seconds = 0, micros = 0] = (await this.client.time()).map(Number);
    return seconds * 1_000_000 + micros;
  }

  async subscribe(...channels: readonly string[]) {
    const heard: string[] = [];
    const listener = this.#connect();
    listener.on('message', (channel: string, message: string) =>
      heard.push(`${channel} ${message}`),
    );
    await listener.subscribe(...channels);
    return async () => {
      // A message that was published before this reply comes before it.
      await listener.ping();
      return heard;
    };
  }

  /** The same server, asked by a user with these rights. */
  async asUser(...rights: readonly string[]): Promise<RedisServer> {
    await this.client.call('ACL', 'SETUSER', 'limited', 'reset', 'on', 'nopass', ...rights);
    return new RedisServer(this.#connect({ username: 'limited', password: '-' }));
  }

  /** The same server, asked by a client that puts a prefix before each key. */
  withPrefix(keyPrefix: string): RedisServer {
    return new RedisServer(this.#connect({ keyPrefix }));
  }

  /** Runs `routine` while the server refuses what needs memory. */
  async whileFull(routine: () => Promise<void>): Promise<void> {
    await this.client.config('SET', 'maxmemory-policy', 'noeviction');
    await this.client.config('SET', 'maxmemory', '1');
    try {
      await routine();
    } finally {
      await this.client.config('SET', 'maxmemory', '0');
    }
  }

  async clear(): Promise<void> {
    for (const connection of this.#connections.splice(0)) connection.disconnect();
    await this.client.flushall();
  }

  #connect(options: Parameters<Redis['duplicate']>[0] = {}): Redis {
    const connection = this.client.duplicate({ lazyConnect: false, ...options });
    this.#connections.push(connection);
    return connection;
  }
}
