import { decode } from '../protocol/commands.js';
import { type Script, SCRIPTS } from '../protocol/script/index.js';
import { ErrorReply, Keyspace } from './keyspace.js';
import { runCommand } from './operations.js';
import type { Channels } from './queue.js';

export interface MemoryServerOptions {
  /** The clock that expires keys and counts the uptime, in ms. */
  readonly clock: () => number;
  /** The clock that TIME returns, in ms since 1970. */
  readonly wallClock: () => number;
  /** Makes a run id, for each start. */
  readonly runId: () => string;
  /** The initial uptime of the server, in ms. Default 0. */
  readonly uptime?: number;
  readonly channels: Channels;
  /** The error reply to a command that the server does not execute. */
  readonly refuse?: (command: readonly string[]) => string | null | undefined;
  /** Called before each command that the server executes. The returned function is called after the command. */
  readonly observe?: (command: readonly string[]) => () => void;
}

const NOT_OURS = 'ERR a memory node runs the commands of redlock-core only';

/** The only imitation of a server: as much of Redis as the core uses, without a network and without a clock. */
export class MemoryServer {
  readonly #options: MemoryServerOptions;
  /** The scripts that the server was sent since it started. */
  readonly #scripts = new Set<Script>();
  #keyspace: Keyspace;
  #runId: string;
  #startedAt: number;

  constructor(options: MemoryServerOptions) {
    this.#options = options;
    this.#keyspace = this.#emptyKeyspace();
    this.#runId = options.runId();
    this.#startedAt = options.clock() - (options.uptime ?? 0);
  }

  get keyspace(): Keyspace {
    return this.#keyspace;
  }

  /**
   * Executes a command.
   * @throws ErrorReply whose message is the error reply
   */
  execute(command: readonly string[]): unknown {
    const [name = '', code = '', ...args] = command;
    if (/^info$/i.test(name)) return this.info;
    const refusal = this.#options.refuse?.(command);
    if (refusal) throw new ErrorReply(refusal);
    const script = this.#scriptOf(name, code);
    const executed = this.#options.observe?.(command);
    const reply = runCommand(this.#keyspace, decode({ script, args }), this.#options.channels);
    executed?.();
    return reply;
  }

  /** The reply to INFO. */
  get info(): string {
    // Redis takes the difference of two times in whole seconds, so the uptime is up to one second off.
    const uptime = secondsOf(this.#options.clock()) - secondsOf(this.#startedAt);
    const lines = [
      '# Server',
      `run_id:${this.#runId}`,
      `server_time_usec:${this.#keyspace.micros}`,
      `uptime_in_seconds:${Math.max(uptime, 0)}`,
    ];
    return lines.map((line) => `${line}\r\n`).join('');
  }

  /** Deletes all keys, as FLUSHALL does. */
  clear(): void {
    this.#keyspace = this.#emptyKeyspace();
  }

  /** Deletes all scripts, as SCRIPT FLUSH does. */
  flushScripts(): void {
    this.#scripts.clear();
  }

  /** Starts again. Whether connections end is up to the caller. */
  restart({ keepsData }: { readonly keepsData: boolean }): void {
    if (!keepsData) this.clear();
    this.flushScripts();
    this.#runId = this.#options.runId();
    this.#startedAt = this.#options.clock();
  }

  /** @throws ErrorReply if the command runs no script of the core, or one that the server does not know */
  #scriptOf(name: string, code: string): Script {
    const byDigest = /^evalsha$/i.test(name);
    if (!byDigest && !/^eval$/i.test(name)) throw new ErrorReply(NOT_OURS);
    const script = SCRIPTS.find(({ sha, source }) => code === (byDigest ? sha : source));
    if (byDigest && !(script && this.#scripts.has(script))) {
      throw new ErrorReply('NOSCRIPT No matching script.');
    }
    if (!script) throw new ErrorReply(NOT_OURS);
    this.#scripts.add(script);
    return script;
  }

  #emptyKeyspace(): Keyspace {
    return new Keyspace({ now: this.#options.clock, wallNow: this.#options.wallClock });
  }
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}
