import { write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import { exitCodeOfSignal } from './exit-code.js';

/** Where signals to this process are received. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

interface IoOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signals: Signals;
  /** File descriptors, which the command of `redlock run` inherits. */
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
}

/** What the program uses of the process that it runs in. */
export class Io {
  readonly env: NodeJS.ProcessEnv;
  readonly signals: Signals;
  /** The descriptors of stdin, stdout and stderr. */
  readonly descriptors: readonly [number, number, number];
  #written = Promise.resolve();

  constructor({ env, signals, stdin, stdout, stderr }: IoOptions) {
    this.env = env;
    this.signals = signals;
    this.descriptors = [stdin, stdout, stderr];
  }

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
