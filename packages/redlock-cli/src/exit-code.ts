/** The exit codes of all commands, from sysexits.h where it has one. */
export const ExitCode = {
  /** The arguments are wrong. */
  USAGE: 64,
  /** Too few nodes answered, or they disagree. */
  UNAVAILABLE: 69,
  /** A mistake of this program. */
  SOFTWARE: 70,
} as const;
