/** The message with which ioredis ends a try that has failed for another reason. */
export const CLOSED = 'Connection is closed.';

const SENTINELS = /^All sentinels are unreachable.* Last error: (.*)/s;

interface ClientError {
  readonly message: string;
  /** Of a Cluster's client: why the last server could not be asked. */
  readonly lastNodeError?: { readonly message: string };
}

/**
 * The reason inside the error with which a client of a Cluster or of a Sentinel group gives up a round of its servers.
 */
export function reasonOf(error: unknown): unknown {
  const { message, lastNodeError } = error as ClientError;
  if (lastNodeError) {
    return lastNodeError.message === CLOSED ? unreachable('server of the Cluster') : lastNodeError;
  }
  const [, reason] = SENTINELS.exec(message) ?? [];
  if (reason === undefined) return error;
  return reason === CLOSED ? unreachable('Sentinel') : new Error(reason);
}

/** Stands for a reason that ioredis does not tell. */
function unreachable(who: string): Error {
  return new Error(`no ${who} can be reached`);
}
