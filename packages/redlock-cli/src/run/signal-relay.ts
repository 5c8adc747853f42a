import type { CommandProcess } from './command-process.js';

/**
 * SIGQUIT and SIGUSR2 would end this process, and the command would continue under a lock that is not extended; SIGUSR1
 * would start Node's debugger.
 */
const SIGNALS: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
];

/** The reason why the waiting for the lock has ended. */
export class Interruption extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.signal = signal;
  }
}

/** Receives signals to this process: they end the waiting, and later they go to the command. */
export class SignalRelay implements Disposable {
  readonly #signals: NodeJS.EventEmitter;
  readonly #waiting = new AbortController();
  #command: CommandProcess | null = null;

  constructor(signals: NodeJS.EventEmitter) {
    this.#signals = signals;
    for (const signal of SIGNALS) signals.on(signal, this.#receive);
  }

  /** Aborts with an {@link Interruption}, unless a command has been started. */
  get waiting(): AbortSignal {
    return this.#waiting.signal;
  }

  /** From now on, signals go to the command. */
  forwardTo(command: CommandProcess): void {
    this.#command = command;
    // One that came while the command was being started.
    const { reason } = this.waiting as { reason: unknown };
    if (reason instanceof Interruption) command.forward(reason.signal);
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) this.#signals.off(signal, this.#receive);
  }

  readonly #receive = (signal: NodeJS.Signals): void => {
    if (this.#command) this.#command.forward(signal);
    else this.#waiting.abort(new Interruption(signal));
  };
}
