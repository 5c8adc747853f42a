/** As ioredis says that it has ended a try, which has failed for another reason. */
export const CLOSED = 'Connection is closed.';

const SENTINELS = /^All sentinels are unreachable.* Last error: (.*)/s;

interface ClientError {
  readonly message: string;
  /** Of a Cluster's client: why the last of the servers could not be asked. */
  readonly lastNodeError?: { readonly message: string };
}

/** The reason inside an error by which the client of a Cluster or of a Sentinel group gives up a round. */
export function reasonOf(error: unknown): unknown {
  const { message, lastNodeError } = error as ClientError;
  if (lastNodeError) {
    return lastNodeError.message === CLOSED ? unreachable('server of the Cluster') : lastNodeError;
  }
  const [, reason] = SENTINELS.exec(message) ?? [];
  if (reason === undefined) return error;
  return reason === CLOSED ? unreachable('Sentinel') : new Error(reason);
}

/** There ioredis keeps the reason to itself. */
function unreachable(who: string): Error {
  return new Error(`no ${who} can be reached`);
}
