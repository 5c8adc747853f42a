import type { Io } from './io.js';

/** One command of the binary. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** One screen of text with every option and some examples. */
  readonly usage: string;
  /**
   * Carries the command out.
   * @param args what stands behind the command's name, without `--help`
   * @returns the exit code of the process
   * @throws UsageError for arguments that there cannot be; other errors are told in one line
   */
  run(args: readonly string[], io: Io): Promise<number>;
}
