import { write, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { styleText } from 'node:util';

/** The exit codes of all commands, except those of the command that `run` runs; from sysexits.h where it has one. */
export const ExitCode = {
  SUCCESS: 0,
  /** Other clients hold the lock. */
  LOCKED: 1,
  /** No client holds the lock, or not with that token. */
  NOT_HELD: 1,
  /** The arguments are wrong. */
  USAGE: 64,
  /** Too few nodes answered, or they disagree. */
  UNAVAILABLE: 69,
  /** A bug of this program. */
  SOFTWARE: 70,
  /** The lock was lost while the command ran. */
  LOST: 75,
  /** The command exists and cannot be executed. */
  NOT_EXECUTABLE: 126,
  /** There is no such command. */
  NOT_FOUND: 127,
} as const;

/** The exit code that shells give a process that a signal has ended. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** What the program uses of the process that it runs in. */
export class Io {
  #written = Promise.resolve();

  /**
   * @param signals emits signals to this process
   * @param descriptors those of stdin, stdout and stderr, which the command of `redlock run` inherits
   */
  constructor(
    readonly env: NodeJS.ProcessEnv,
    readonly signals: NodeJS.EventEmitter,
    readonly descriptors: readonly [number, number, number],
  ) {}

  /** Colors text for stdout, if that is a terminal. */
  paint(format: Parameters<typeof styleText>[0], text: string): string {
    const isPlain = !isatty(this.descriptors[1]) || this.env['NO_COLOR'];
    return isPlain ? text : styleText(format, text, { validateStream: false });
  }

  /**
   * Writes to stdout. `process.stdout` would make a pipe non-blocking, also for other processes that write into it. If the
   * pipe has no reader any more, the process ends, as other programs do at SIGPIPE.
   */
  print(text: string): void {
    try {
      writeSync(this.descriptors[1], text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
      process.exit(exitCodeOfSignal('SIGPIPE'));
    }
  }

  /**
   * Writes one line to stderr, because stdout belongs to the command that runs.
   *
   * Never blocks. Without this, a halted terminal, or a pipe without a reader, would stop the extensions, and the end of a
   * command whose lock is lost.
   */
  log(message: string): void {
    const line = `redlock: ${message}\n`;
    this.#written = this.#written.then(
      () => new Promise((resolve) => write(this.descriptors[2], line, () => resolve())),
    );
  }

  /** Resolves when all lines so far are written. */
  flushed(): Promise<void> {
    return this.#written;
  }
}

/** A duration for people: `350 ms`, `7.2 s`, `12 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** `1 node`, `3 nodes`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
