import { AWAITED, SHARED } from '../protocol/word.js';
import type { EncodedOperation } from '../protocol/encoded-operation.js';
import type { Keyspace } from './keyspace.js';
import { obstacleIn, tellStanding, type Denial } from './obstacle.js';
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

/** Why a key is denied, and whether only because a process waits for an exclusive lock. */
interface Obstacle {
  readonly value: string;
  readonly isAwaited: boolean;
}

function grant(call: Call): unknown {
  const { keyspace, keys, token, ttl, entries } = call;
  const queues = call.queues.map((queue) => new Queue(keyspace, queue));
  const [entry = ''] = entries;
  // A process that does not enter the queue has no reservation.
  const reservation = entry.startsWith('?') ? undefined : Queue.reservationOf(entry);
  const all = holdersOf(call);
  const obstacles = keys.map((_, position) => obstacleTo(call, position, reservation));
  const denials = obstacles.flatMap((obstacle, position) => {
    if (!obstacle) return [];
    const denial: Denial = [position, obstacle.value, keyspace.remaining(keys[position] ?? '')];
    if (obstacle.value === SHARED) denial.push(null, null, all[position]?.tokens ?? []);
    return [denial];
  });
  const denied = obstacleIn(denials);
  if (denied) {
    const position = Number(denied[0]);
    if (reservation !== undefined) {
      const isAwaited = obstacles[position]?.isAwaited;
      tellStanding(denied, queues[position]?.enter(entries[position] ?? '', isAwaited) ?? []);
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

function obstacleTo(
  call: Call,
  position: number,
  reservation: string | undefined,
): Obstacle | null {
  const { keyspace, keys, queues, entries, token, channels } = call;
  const key = keys[position] ?? '';
  const value = keyspace.get(key);
  if (keyspace.sortedSet(key)) return { value: '(not a string)', isAwaited: false };
  if (value !== null && value === reservation) return null;
  if (value !== null && value !== SHARED) return { value: value.slice(0, 64), isAwaited: false };
  const queue = new Queue(keyspace, queues[position] ?? '');
  if (!queue.hasExclusiveBefore(entries[position] ?? '', channels)) return null;
  const holders = SharedHolders.of(call, position);
  if (holders.holds(token) || holders.holds(reservation)) return null;
  return { value: value ?? AWAITED, isAwaited: true };
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

/** Whether a key has an exclusive holder, or is no string. */
function isTaken({ keyspace, keys }: Call): boolean {
  return keys.some(
    (key) => (keyspace.get(key) ?? SHARED) !== SHARED || keyspace.sortedSet(key) !== null,
  );
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

function holdersOf(call: Omit<Call, 'ttl'>): readonly SharedHolders[] {
  return call.keys.map((_, position) => SharedHolders.of(call, position));
}
