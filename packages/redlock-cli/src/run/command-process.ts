import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { exitCodeOfSignal } from '../exit-code.js';
import { hasTerminal } from './terminal.js';

/** Signals that a terminal sends to its whole foreground group. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

/**
 * The command that runs under the lock. Without a terminal it has a process group of its own, with all that it starts.
 * In a terminal it stays in the group of this process, because only the foreground group may read there.
 */
export class CommandProcess {
  /** Resolves to the exit code when the command has ended; what it has started may still run. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #hasGroup: boolean;

  private constructor(child: ChildProcess, hasGroup: boolean) {
    this.#child = child;
    this.#hasGroup = hasGroup;
    this.ended = this.#end();
  }

  /**
   * Starts the command.
   * @param descriptors its stdin, stdout and stderr
   * @throws Error with a `code`, such as ENOENT, if it cannot be executed
   */
  static async start(
    [program, ...args]: readonly [string, ...string[]],
    environment: NodeJS.ProcessEnv,
    descriptors: readonly [number, number, number],
  ): Promise<CommandProcess> {
    const detached = !hasTerminal();
    const child = spawn(program, args, { stdio: [...descriptors], env: environment, detached });
    await once(child, 'spawn');
    return new CommandProcess(child, detached);
  }

  /** Whether anything is left of the process group; of a command without a group of its own, whether it runs. */
  get isAlive(): boolean {
    return this.#signal(0) !== 'ESRCH';
  }

  /** Passes on a signal that this process has got. */
  forward(signal: NodeJS.Signals): void {
    // The terminal has sent it to the command already.
    if (!this.#hasGroup && FROM_TERMINAL.has(signal)) return;
    this.send(signal);
  }

  /**
   * Sends a signal to the group of the command, or to the command alone if it has none of its own.
   * @returns false if nobody is left, or nobody who belongs to this user
   */
  send(signal: NodeJS.Signals): boolean {
    return this.#signal(signal) === null;
  }

  /** @returns why the signal was not sent, as ESRCH or EPERM; null: it was sent */
  #signal(signal: NodeJS.Signals | 0): string | null {
    const { pid, exitCode, signalCode } = this.#child;
    const hasEnded = exitCode !== null || signalCode !== null;
    // The number of a process that has ended may belong to another one; that of a group that is left does not.
    if (pid === undefined || (hasEnded && !this.#hasGroup)) return 'ESRCH';
    try {
      process.kill(this.#hasGroup ? -pid : pid, signal);
      return null;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'EPERM';
    }
  }

  async #end(): Promise<number> {
    // If this process ends by a mistake of its own, nobody extends the lock any more.
    const kill = (): void => void this.send('SIGKILL');
    process.once('exit', kill);
    const [code, signal] = (await once(this.#child, 'exit')) as
      [number, null] | [null, NodeJS.Signals];
    process.off('exit', kill);
    return signal === null ? code : exitCodeOfSignal(signal);
  }
}
