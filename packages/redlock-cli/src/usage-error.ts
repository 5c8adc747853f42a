/** Says what is wrong with the arguments of the command line, and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
