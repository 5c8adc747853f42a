/** A lock could not be acquired, extended or released. */
export class LockError extends Error {
  override readonly name = 'LockError';

  /** @param attempts how often the nodes were asked */
  constructor(
    override readonly message = 'Failed to lock the resource.',
    readonly attempts?: number,
  ) {
    super();
  }
}
