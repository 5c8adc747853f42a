import type { EncodedOperation } from '../protocol/encoded-operation.js';
import { isReserved } from '../protocol/word.js';
import type { Keyspace } from './keyspace.js';
import { Queue } from './queue.js';

/** The grant of a permit, and the keyspace on which it acts. */
interface PermitCall extends EncodedOperation {
  readonly keyspace: Keyspace;
}

/**
 * Grants a permit of a semaphore, or says which permits are free: the twin of grant-permit.lua.
 * @param grant grants a key that is free, or whose value is the reservation
 */
export function grantPermit(
  call: PermitCall,
  grant: (reservation: string | undefined) => unknown,
): unknown {
  const {
    keyspace,
    keys: [key = ''],
    queues: [queueKey = ''],
    entries: [given = '', permits = ''],
  } = call;
  const wasCalled = given.startsWith('*');
  const entry = wasCalled ? given.slice(1) : given;
  const queue = new Queue(keyspace, queueKey);
  const holder = keyspace.get(key) ?? '';
  const reservation = wasCalled && isReserved(holder) ? holder : Queue.reservationOf(entry);
  const reply = grant(reservation);
  if (!Array.isArray(reply)) {
    if (entry !== '') queue.leave(entry);
    return reply;
  }
  const states = statesOf(keyspace, key, Number(permits));
  const enters = entry !== '' && !states.includes('1');
  const [denial = []]: unknown[][] = reply;
  const [ticket = null, before = null] = enters ? queue.enter(entry) : [];
  const [position, value, remaining, , , tokens = null] = denial;
  return [[position, value, remaining, ticket, before, tokens, states]];
}

function statesOf(keyspace: Keyspace, key: string, permits: number): string {
  const stem = key.replace(/\d+$/, '');
  return Array.from({ length: permits }, (_, permit) => {
    const value = keyspace.get(stem + permit);
    if (value === null) return '1';
    return isReserved(value) ? '2' : '0';
  }).join('');
}
