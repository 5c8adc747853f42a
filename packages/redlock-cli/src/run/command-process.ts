import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { exitCodeOfSignal } from '../io.js';

/** Signals that a terminal sends to its whole foreground group. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

/**
 * The command that runs under the lock. Without a terminal it has a process group of its own, with all that it starts.
 * In a terminal it stays in the group of this process, because only the foreground group may read there.
 */
export class CommandProcess {
  /** Resolves to the exit code when the command has ended; processes that it has started may still run. */
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

  /** Whether any process of the group is left; without its own group, whether the command runs. */
  get isAlive(): boolean {
    return this.#signal(0) !== 'ESRCH';
  }

  /** Forwards a signal that this process received. */
  forward(signal: NodeJS.Signals): void {
    // The terminal has sent it to the command already.
    if (!this.#hasGroup && FROM_TERMINAL.has(signal)) return;
    this.send(signal);
  }

  /**
   * Sends a signal to the group of the command, or to the command alone if it has none of its own.
   * @returns false if no process is left that this user may signal
   */
  send(signal: NodeJS.Signals): boolean {
    return this.#signal(signal) === null;
  }

  /** @returns why the signal was not sent, as ESRCH or EPERM; null: it was sent */
  #signal(signal: NodeJS.Signals | 0): string | null {
    const { pid, exitCode, signalCode } = this.#child;
    const hasEnded = exitCode !== null || signalCode !== null;
    // The id of a process that has ended may belong to another one; the id of a group that is left does not.
    if (pid === undefined || (hasEnded && !this.#hasGroup)) return 'ESRCH';
    try {
      process.kill(this.#hasGroup ? -pid : pid, signal);
      return null;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'EPERM';
    }
  }

  async #end(): Promise<number> {
    // If this process ends by a bug, the lock is not extended any more.
    const kill = (): void => void this.send('SIGKILL');
    process.once('exit', kill);
    const [code, signal] = (await once(this.#child, 'exit')) as
      [number, null] | [null, NodeJS.Signals];
    process.off('exit', kill);
    return signal === null ? code : exitCodeOfSignal(signal);
  }
}

/**
 * Whether a terminal controls this process. It then sends Ctrl-C and Ctrl-Z to all processes of the foreground group,
 * whatever stdin and stdout are.
 */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false;
  }
}
