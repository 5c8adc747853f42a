import { constants } from 'node:os';

/** The exit codes of all commands, besides those of the command that `run` runs; from sysexits.h where it has one. */
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
