import { program } from '../protocol/program.js';
import { systemRuntime } from '../time/runtime.js';
import { Keyspace } from './keyspace.js';
import { runProgram } from './memory-program.js';

/** In s. A server that was there before everything is never taken for one that has just started. */
const YEARS = 1_000_000_000;

/** What is behind a memory node: as much of a Redis server as the core uses. */
export class MemoryServer {
  readonly #publish: (channel: string, message: string) => number;
  /** When the server was made, on both clocks. */
  readonly #made = { mono: systemRuntime.now(), wall: systemRuntime.wallNow() };
  #keyspace = this.#emptyKeyspace();
  #runId = systemRuntime.token();
  /** On its own clock; null: years ago. */
  #startedAt: number | null = null;

  /** @param publish returns how many were told */
  constructor(publish: (channel: string, message: string) => number) {
    this.#publish = publish;
  }

  /** @throws Error as an error reply */
  execute([command, code = '', count = '0', ...rest]: readonly string[]): unknown {
    if (command === 'INFO') {
      return `run_id:${this.#runId}\r\nuptime_in_seconds:${this.#uptime()}\r\n`;
    }
    if (code !== program.sha && code !== program.source) {
      throw new Error('ERR a memory node runs the script of redlock-core only');
    }
    const keys = rest.slice(0, Number(count));
    return runProgram(this.#keyspace, keys, rest.slice(Number(count)), this.#publish);
  }

  clear(): void {
    this.#keyspace = this.#emptyKeyspace();
  }

  /** As one without persistence. */
  restart(): void {
    this.clear();
    this.#runId = systemRuntime.token();
    this.#startedAt = this.#now();
  }

  #emptyKeyspace(): Keyspace {
    return new Keyspace({ now: () => this.#now(), wallNow: () => systemRuntime.wallNow() });
  }

  /**
   * Its own clock, in ms since it was made, by the system's clock that shows more: so does a holder measure its
   * validity. A test may move one of them only, or begin to fake them both.
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
