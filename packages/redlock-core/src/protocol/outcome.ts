import { describeError } from './failure.js';
import type { Operation } from './operation.js';
import type { Reading } from './reading.js';
import type { ErrorData } from '../vote.js';

/** What became of an operation at a node: the meaning of its reply, or why there is none. */
export type Outcome<T> = Reading<T> | Failure;

export interface Failure {
  readonly vote: 'failed';
  readonly error: ErrorData;
  /** For how many ms more the node is in quarantine, if it has answered and is. */
  readonly quarantinedFor?: number;
}

const INTEGER = /^-?\d+$/;

export function readReply<T>(operation: Operation<T>, reply: unknown): Outcome<T> {
  try {
    // A string is the error of this operation alone, unless it is an integer in a client's words.
    if (typeof reply === 'string' && !INTEGER.test(reply)) throw new Error(reply);
    return operation.read(reply);
  } catch (error) {
    return { vote: 'failed', error: describeError(error) };
  }
}

export function failure(code: string, message: string, name = 'Error'): Failure {
  return { vote: 'failed', error: { name, code, message } };
}

/** A server that takes connections and says nothing, perhaps because it waits for the other protocol, looks like this. */
const NO_ERROR = ', without an error; check the address and TLS';

/**
 * The failure of a node that is not connected.
 * @param reason the client's own, if it gave one
 * @param time how the message says for how long the connection was waited for
 */
export function notConnected(reason: unknown, time = ''): Failure {
  const what = `not connected${time}`;
  if (reason === undefined) return failure('NOT_READY', time === '' ? what : what + NO_ERROR);
  const { name, code, message } = describeError(reason);
  return failure(code, `${what}: ${message}`, name);
}

/** The operation was given up before it was written, so this says nothing about the node. */
export const NOT_SENT = failure('NOT_SENT', 'the outcome was decided before anything was sent');
/** The vote is not waited for any longer, although the node may answer in time, so this says nothing about the node. */
export const NOT_AWAITED = failure('NOT_AWAITED', 'the outcome was decided without this node');
export const NOT_READY = failure('NOT_READY', 'not connected; the release follows when it is');
export const DISCONNECTED = failure(
  'CLOSED',
  'its connection was closed together with the Redlock; a lock that is held there ends with its ttl',
);
export const SILENT = failure(
  'SILENT',
  'it has stopped answering, so nothing more is sent until it answers',
);
export const RECONNECTED = failure(
  'RECONNECTED',
  'the connection was re-established before the reply, so another server may have given it',
);

/** Whether a node has answered, and its vote is a failure only because it is not to be trusted. */
export function isDistrust(outcome: Failure): boolean {
  return outcome === RECONNECTED || outcome.error.code === 'QUARANTINED';
}
