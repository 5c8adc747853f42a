/**
 * What went wrong at a node. Codes that the core itself gives:
 * - `TIMEOUT`: no reply came in time.
 * - `NOT_CONNECTED`: the node is not connected, and its client does not say why.
 * - `UNRESPONSIVE`: the node has stopped answering, so only releases are sent until it answers.
 * - `NOT_SENT`: the operation was given up before anything was sent.
 * - `CLOSED`: the connection was closed together with the Redlock.
 * - `RECONNECTED`: the connection was established again before the reply, so another server may have given the reply.
 * - `QUARANTINED`: the node may have lost locks, so its vote does not count yet.
 * - `IDENTITY_UNKNOWN`: the server does not say which one it is.
 * - `DUPLICATE_SERVER`: the server votes for another node already.
 * - `UNEXPECTED_REPLY`: the script gives no such reply.
 * - `CONNECTION`: the client failed with an error that has no code.
 * - `UNKNOWN`: the client failed with something that is not an error.
 *
 * All others come from servers, as the first word of an error reply (`OOM`, `NOPERM`), and from clients
 * (`ECONNREFUSED`).
 */
export type VoteErrorCode =
  | 'TIMEOUT'
  | 'NOT_CONNECTED'
  | 'UNRESPONSIVE'
  | 'NOT_SENT'
  | 'CLOSED'
  | 'RECONNECTED'
  | 'QUARANTINED'
  | 'IDENTITY_UNKNOWN'
  | 'DUPLICATE_SERVER'
  | 'UNEXPECTED_REPLY'
  | 'CONNECTION'
  | 'UNKNOWN'
  | (string & {});

/** An error as plain data, without client objects and credentials. Its message may contain the node's host and port. */
export interface ErrorData {
  /** The name of the error's class. */
  name: string;
  /** What went wrong, for programs. */
  code: VoteErrorCode;
  /** What went wrong, for people. */
  message: string;
}

/** One node's part in an attempt. Plain data: `JSON.stringify` works. */
export interface Vote {
  /** The node's name. */
  node: string;
  /** `granted`: it did what was requested. `denied`: another client has the key. `failed`: no reply that counts. */
  result: 'granted' | 'denied' | 'failed';
  /** Why it failed. */
  error?: ErrorData;
  /** The labels of the holders, if the vote is a denial: those of their `owner` option. Absent if none has a label. */
  owners?: readonly string[];
  /** Time from the request to the reply or the failure, in ms. */
  duration: number;
}

/**
 * The labels of all holders that have denied, each once.
 * @internal
 */
export function ownersIn(votes: readonly Vote[]): readonly string[] {
  return Object.freeze([...new Set(votes.flatMap(({ owners = [] }) => owners))]);
}
