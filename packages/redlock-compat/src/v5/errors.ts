import type { ExecutionStats } from './statistics.js';

/** A node says that somebody else holds a resource, or that nobody does any more. */
export class ResourceLockedError extends Error {
  override readonly name = 'ResourceLockedError';

  constructor(override readonly message: string) {
    super();
  }
}

/** An operation got no quorum, in as many attempts as its settings allow. */
export class ExecutionError extends Error {
  override readonly name = 'ExecutionError';

  /** @param attempts how the nodes voted in each of them; none if no node was asked */
  constructor(
    override readonly message: string,
    readonly attempts: ReadonlyArray<Promise<ExecutionStats>>,
  ) {
    super();
  }
}
