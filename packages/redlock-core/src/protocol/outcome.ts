import { describeError } from './failure.js';
import type { Operation, Reading } from './operation.js';
import type { ErrorData } from '../vote.js';

/** What became of an operation at a node: its reply's meaning, or why there is none. */
export type Outcome<T> = Reading<T> | Failure;

export interface Failure {
  readonly vote: 'failed';
  readonly error: ErrorData;
  /** For so many ms more, if the node has answered and is in quarantine. */
  readonly quarantinedFor?: number;
}

const INTEGER = /^-?\d+$/;

export function readReply<T>(operation: Operation<T>, reply: unknown): Outcome<T> {
  try {
    // A string is what went wrong with this operation alone, unless a client gives integers so.
    if (typeof reply === 'string' && !INTEGER.test(reply)) throw new Error(reply);
    return operation.read(reply);
  } catch (error) {
    return { vote: 'failed', error: describeError(error) };
  }
}

export function failure(code: string, message: string, name = 'Error'): Failure {
  return { vote: 'failed', error: { name, code, message } };
}

/**
 * @param reason the client's own, if it has said any
 * @param time that it was waited for
 */
export function notConnected(reason: unknown, time = ''): Failure {
  const what = `not connected${time}`;
  if (reason === undefined) return failure('NOT_READY', what);
  const { name, code, message } = describeError(reason);
  return failure(code, `${what}: ${message}`, name);
}

/** Given up before it was written: says nothing about the node. */
export const NOT_SENT = failure('NOT_SENT', 'decided before anything was sent');
export const NOT_READY = failure('NOT_READY', 'not connected; the release follows when it is');
export const DISCONNECTED = failure(
  'CLOSED',
  'its connection was closed together with the Redlock; what is held there ends with its ttl',
);
export const SILENT = failure(
  'SILENT',
  'has stopped answering, so nothing more is sent until it does',
);
export const RECONNECTED = failure(
  'RECONNECTED',
  'the connection was re-established before the reply, so another server may have given it',
);

/** Whether a node has failed in nothing but that its vote is not to be trusted: it has answered. */
export function isDistrust(outcome: Failure): boolean {
  return outcome === RECONNECTED || outcome.error.code === 'QUARANTINED';
}
