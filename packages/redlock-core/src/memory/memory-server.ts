import { isNativeGrant } from '../protocol/encoded-operation.js';
import { findProgram } from '../protocol/program.js';
import { systemRuntime } from '../time/runtime.js';
import { Keyspace } from './keyspace.js';
import { runCommand } from './memory-program.js';
import type { Channels } from './queue.js';

/**
 * An uptime in seconds that is longer than any test, so that a new memory node is not taken for a server that has just
 * started.
 */
const YEARS = 1_000_000_000;

/** The server of a memory node: as much of a Redis server as the core uses. */
export class MemoryServer {
  readonly #channels: Channels;
  /** When the server was made, on both clocks. */
  readonly #made = { mono: systemRuntime.now(), wall: systemRuntime.wallNow() };
  #keyspace = this.#emptyKeyspace();
  #runId = systemRuntime.token();
  /** When the server was restarted, on its own clock; null: never, so it seems to run for years. */
  #startedAt: number | null = null;

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  /**
   * Executes a command.
   * @throws Error whose message is an error reply
   */
  execute(command: readonly string[]): unknown {
    const [name, code = ''] = command;
    if (name === 'INFO') {
      return `run_id:${this.#runId}\r\nuptime_in_seconds:${this.#uptime()}\r\n`;
    }
    if (!isNativeGrant(command) && !findProgram(code)) {
      throw new Error('ERR a memory node runs the commands of redlock-core only');
    }
    return runCommand(this.#keyspace, command, this.#channels);
  }

  clear(): void {
    this.#keyspace = this.#emptyKeyspace();
  }

  /** Restarts the server, as one without persistence. */
  restart(): void {
    this.clear();
    this.#runId = systemRuntime.token();
    this.#startedAt = this.#now();
  }

  #emptyKeyspace(): Keyspace {
    return new Keyspace({ now: () => this.#now(), wallNow: () => systemRuntime.wallNow() });
  }

  /**
   * The clock of the server, in ms since it was made. It follows the one of the system's clocks that has moved further,
   * as a holder does when it measures its validity: a test may move one of the clocks only, or begin to fake both.
   */
  #now(): number {
    const { mono, wall } = this.#made;
    return Math.max(systemRuntime.now() - mono, systemRuntime.wallNow() - wall);
  }

  #uptime(): number {
    if (this.#startedAt === null) return YEARS;
    return Math.max(Math.floor((this.#now() - this.#startedAt) / 1000), 0);
  }
}
