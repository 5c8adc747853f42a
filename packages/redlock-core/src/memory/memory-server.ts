import { isNativeGrant } from '../protocol/encoded-operation.js';
import { findProgram } from '../protocol/program.js';
import { Keyspace } from './keyspace.js';
import { ErrorReply, runCommand } from './memory-program.js';
import type { Channels } from './queue.js';

export interface MemoryServerOptions {
  /** The clock that expires keys and counts the uptime, in ms. */
  readonly clock: () => number;
  /** The clock that TIME returns, in ms since 1970. */
  readonly wallClock: () => number;
  /** Makes a run id, for each start. */
  readonly runId: () => string;
  /** For how long the server seems to have run when it is made, in ms. Default 0. */
  readonly uptime?: number;
  readonly channels: Channels;
  /** The error reply to a command that the server does not execute. */
  readonly refuse?: (command: readonly string[]) => string | null | undefined;
  /** Called before each command that the server executes. The result is called after it. */
  readonly observe?: (command: readonly string[]) => () => void;
}

/** The only imitation of a server: as much of Redis as the core uses, without a network and without a clock. */
export class MemoryServer {
  readonly #options: MemoryServerOptions;
  /** Digests of the scripts that the server was sent since it started. */
  readonly #scripts = new Set<string>();
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
    const name = command[0]?.toLowerCase();
    if (name === 'info') return this.info;
    const error = this.#options.refuse?.(command) ?? this.#errorFor(command);
    if (error !== null) throw new ErrorReply(error);
    const executed = this.#options.observe?.(command);
    const reply = runCommand(this.#keyspace, command, this.#options.channels);
    executed?.();
    return reply;
  }

  /** The reply to INFO. */
  get info(): string {
    // Redis takes the difference of two times in whole seconds, so the uptime is up to one second off.
    const uptime = secondsOf(this.#options.clock()) - secondsOf(this.#startedAt);
    return `# Server\r\nrun_id:${this.#runId}\r\nuptime_in_seconds:${Math.max(uptime, 0)}\r\n`;
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

  #errorFor(command: readonly string[]): string | null {
    const [name = '', code = ''] = command;
    if (/^evalsha$/i.test(name)) {
      return this.#scripts.has(code) ? null : 'NOSCRIPT No matching script.';
    }
    const program = /^eval$/i.test(name) ? findProgram(code) : undefined;
    if (program) this.#scripts.add(program.sha);
    else if (!isNativeGrant(command))
      return 'ERR a memory node runs the commands of redlock-core only';
    return null;
  }

  #emptyKeyspace(): Keyspace {
    return new Keyspace({ now: this.#options.clock, wallNow: this.#options.wallClock });
  }
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1000);
}
