import type { Operation } from '../protocol/operations.js';
import { read, type Failure, type Reading } from '../protocol/replies.js';
import type { Identity } from './identity.js';

/**
 * Reads a reply, and says whether it counts. A server that has lost a lock would grant it a second time
 * (docs/decisions.md#quarantine-of-grants, docs/decisions.md#no-second-vote).
 * @param identity null: every node is trusted to keep all writes
 * @param connection on which the command was written
 * @param start when the operation was requested, on the monotonic clock
 */
export function readCounted(
  operation: Operation,
  reply: unknown,
  identity: Identity | null,
  connection: number,
  start: number,
): Reading {
  const reading = read(operation, reply);
  return whyNotCounted(operation, reading, identity, connection, start) ?? reading;
}

function whyNotCounted(
  { verb, adopts, repairs }: Operation,
  { vote }: Reading,
  identity: Identity | null,
  connection: number,
  start: number,
): Failure | undefined {
  if (identity === null || vote === 'failed') return undefined;
  if (verb === 'acquire' && adopts === null) return identity.doubtGrant(connection, start);
  // A denial of an extension says that the token is not there, and a repair decides nothing.
  const isAcknowledgement = verb === 'acquire' || (verb === 'extend' && !repairs);
  return isAcknowledgement && vote === 'granted'
    ? identity.doubtAcknowledgement(connection)
    : undefined;
}
