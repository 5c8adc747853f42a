import { describeError } from '../protocol/errors.js';
import type { Failure } from '../protocol/replies.js';

// Why a node did not vote, as far as its connection is the reason. Deadlines and error replies are in pipeline.ts, replies
// that do not count in counting.ts; vote.ts lists all codes.

export function failure(code: string, message: string, name = 'Error'): Failure {
  return { vote: 'failed', error: { name, code, message } };
}

/** A server that takes connections and says nothing, perhaps because it waits for the other protocol, looks like this. */
const NO_ERROR = ', without an error; check the address and TLS';

/**
 * The failure of a node that is not connected.
 * @param reason the client's own, if it gave one
 * @param time the waiting time, as in ` within 500 ms`; empty if there was none
 */
export function notConnected(reason: unknown, time = ''): Failure {
  const what = `not connected${time}`;
  if (reason === undefined) return failure('NOT_CONNECTED', time === '' ? what : what + NO_ERROR);
  const { name, code, message } = describeError(reason);
  return failure(code, `${what}: ${message}`, name);
}

/** The operation was given up before it was written, so this says nothing about the node. */
export const NOT_SENT = failure('NOT_SENT', 'the outcome was decided before anything was sent');
export const NOT_READY = failure('NOT_CONNECTED', 'not connected; the release follows when it is');
export const DISCONNECTED = failure(
  'CLOSED',
  'its connection was closed together with the Redlock; a lock that is held there ends with its ttl',
);
export const UNRESPONSIVE = failure(
  'UNRESPONSIVE',
  'it has stopped answering, so nothing more is sent until it answers',
);
export const RECONNECTED = failure(
  'RECONNECTED',
  'the connection was re-established before the reply, so another server may have given it',
);

/** Whether a node has answered, and its vote is a failure only because it does not count. */
export function isUncounted({ error: { code } }: Failure): boolean {
  return code === 'RECONNECTED' || code === 'QUARANTINED';
}
