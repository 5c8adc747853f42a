import { SHARED } from '../protocol/operation.js';
import type { EncodedOperation } from '../protocol/encoded-operation.js';
import type { Keyspace } from './keyspace.js';
import { Queue, type Channels } from './queue.js';
import { SharedHolders } from './shared-holders.js';

/** One operation, and what it acts on. */
interface Call extends EncodedOperation {
  readonly keyspace: Keyspace;
  readonly channels: Channels;
}

/** The effects of the script's operations on shared locks, by the letter of each kind: those of script/shared. */
export const SHARED_OPERATIONS: Readonly<Record<string, (call: Call) => unknown>> = {
  b: grant,
  d: adopt,
  x: extend,
  u: heal,
  l: ({ ttl, ...call }) => replace(call, (holders, other) => holders.holdFor(other, ttl)),
  t: (call) => replace(call, (holders, other, end) => holders.holdUntil(other, end)),
};

function grant(call: Call): unknown {
  const { keyspace, keys, token, ttl, entries } = call;
  const queues = call.queues.map((queue) => new Queue(keyspace, queue));
  const reservation = Queue.reservationOf(entries[0] ?? '');
  const all = holdersOf(call);
  const denials = keys.flatMap((key, position) => {
    const value = keyspace.get(key);
    const holders = all[position];
    const isShared = holders?.isShared === true;
    const mayPass =
      holders?.holds(token) === true ||
      (reservation !== undefined &&
        (value === reservation || holders?.holds(reservation) === true));
    let denied: string | undefined;
    if (value !== null && !isShared && value !== SHARED && !mayPass) denied = value.slice(0, 64);
    if (keyspace.sortedSet(key)) denied = '(not a string)';
    if (
      denied === undefined &&
      !mayPass &&
      queues[position]?.hasExclusiveBefore(entries[position] ?? '', call.channels) === true
    ) {
      denied = isShared ? SHARED : 'awaited';
    }
    if (denied === undefined) return [];
    const denial: unknown[] = [position, denied, keyspace.remaining(key)];
    if (denied === SHARED) denial.push(null, null, holders?.tokens ?? []);
    return [denial];
  });
  const [first] = denials;
  if (first) {
    const position = Number(first[0]);
    if (reservation !== undefined) {
      const standing = queues[position]?.enter(entries[position] ?? '') ?? [];
      for (const [index, value] of standing.entries()) first[3 + index] = value;
    }
    return denials;
  }
  for (const [position, key] of keys.entries()) {
    if (reservation !== undefined) {
      queues[position]?.leave(entries[position] ?? '');
      if (keyspace.get(key) === reservation) keyspace.delete(key);
      else all[position]?.remove(reservation);
    }
    all[position]?.holdFor(token, ttl);
  }
  return 1;
}

function adopt(call: Call): unknown {
  const { keyspace, keys, token, ttl, other: from } = call;
  const all = holdersOf(call);
  const denials = keys.flatMap((key, position) => {
    const isOurs = all[position]?.holds(from) === true || all[position]?.holds(token) === true;
    return isOurs
      ? []
      : [[position, (keyspace.get(key) ?? '').slice(0, 64), keyspace.remaining(key)]];
  });
  if (denials.length > 0) return denials;
  for (const holders of all) {
    const end = holders.endOf(from);
    if (end === undefined || from === token) continue;
    holders.holdFor(token, ttl);
    holders.holdUntil(token, end);
    holders.remove(from);
  }
  return 1;
}

function extend(call: Call): number {
  if (isTaken(call)) return 0;
  const all = holdersOf(call);
  if (!all.every((holders) => holders.holds(call.token))) return -1;
  for (const holders of all) holders.holdFor(call.token, call.ttl);
  return 1;
}

function heal(call: Call): number {
  if (isTaken(call)) return 0;
  for (const holders of holdersOf(call)) holders.holdFor(call.token, call.ttl);
  return 1;
}

/** Whether a key has an exclusive holder. */
function isTaken({ keyspace, keys }: Call): boolean {
  return keys.some((key) => (keyspace.get(key) ?? SHARED) !== SHARED);
}

function replace(
  call: Omit<Call, 'ttl'>,
  hold: (holders: SharedHolders, other: string, end: number) => void,
): number {
  let reply = 1;
  for (const holders of holdersOf(call)) {
    const end = holders.endOf(call.token);
    if (call.token !== call.other && holders.holds(call.token) && end !== undefined) {
      hold(holders, call.other, end);
      holders.remove(call.token);
    } else if (!holders.holds(call.other)) reply = 0;
  }
  return reply;
}

function holdersOf({ keyspace, keys, sets }: Omit<Call, 'ttl'>): readonly SharedHolders[] {
  return keys.map((key, position) => new SharedHolders(keyspace, key, sets[position] ?? ''));
}
