import type { EncodedOperation } from '../protocol/encoded-operation.js';
import { SHARED } from '../protocol/word.js';
import type { Keyspace } from './keyspace.js';
import { obstacleIn, tellStanding, type Denial } from './obstacle.js';
import { grantPermit } from './permits.js';
import { Queue, type Channels } from './queue.js';
import { SharedHolders } from './shared-holders.js';
import { SHARED_OPERATIONS } from './shared-operations.js';

/** How far from its own clock a node lets a proposal or a counter be, in microseconds. */
const CLOCK_SLACK = 1_000_000;

/** One operation, and the keyspace on which it acts. */
export interface Call extends EncodedOperation {
  readonly keyspace: Keyspace;
  readonly channels: Channels;
}

/** The effects of the script's operations on a keyspace, by the letter of each kind in the arguments. */
export const OPERATIONS: Readonly<Record<string, (call: Call) => unknown>> = {
  g: grant,
  q: grantOrEnter,
  p: (call) => grantPermit(call, (reservation) => grant(call, reservation)),
  a: adopt,
  e: extend,
  c: confirm,
  h: heal,
  r: release,
  k: keep,
  s: swapBack,
  i: inspect,
  ...SHARED_OPERATIONS,
};

function grant(call: Call, reservation?: string): unknown {
  const { keyspace, keys, token, ttl } = call;
  const isFree = (key: string, position: number): boolean => {
    const value = keyspace.get(key);
    const isOurs = value === null || value === reservation;
    return isOurs || SharedHolders.of(call, position).isVacantFor(reservation);
  };
  const denials = denialsOf(
    call,
    (value, position) => isFree(keys[position] ?? '', position) || value === token,
  );
  if (denials.length > 0) return denials;
  const free = keys.filter(isFree);
  for (const key of free) keyspace.set(key, token, ttl);
  return raise(call, free.length > 0);
}

function grantOrEnter(call: Call): unknown {
  const queues = call.queues.map((queue) => new Queue(call.keyspace, queue));
  const reply = grant(call, Queue.reservationOf(call.entries[0] ?? ''));
  if (!Array.isArray(reply)) {
    for (const [position, queue] of queues.entries()) queue.leave(call.entries[position] ?? '');
    return reply;
  }
  const denials: readonly Denial[] = reply;
  const obstacle = obstacleIn(denials);
  if (obstacle) {
    const position = Number(obstacle[0]);
    tellStanding(obstacle, queues[position]?.enter(call.entries[position] ?? '') ?? []);
  }
  return denials;
}

function adopt(call: Call): unknown {
  const { keyspace, keys, token, ttl, other: from } = call;
  const denials = denialsOf(call, (value) => value === from || value === token);
  if (denials.length > 0) return denials;
  const theirs = keys.filter((key) => keyspace.get(key) !== token);
  for (const key of theirs) {
    keyspace.replace(key, token);
    keyspace.prolong(key, ttl);
  }
  return raise(call, theirs.length > 0);
}

function denialsOf(
  call: Call,
  isFine: (value: string | null, position: number) => boolean,
): Denial[] {
  const { keyspace, keys } = call;
  return keys.flatMap((key, position) => {
    const value = keyspace.get(key);
    if (isFine(value, position)) return [];
    const denial: Denial = [position, value?.slice(0, 64) ?? '', keyspace.remaining(key)];
    if (value === SHARED && call.sets.length > 0) {
      denial.push(null, null, SharedHolders.of(call, position).tokens);
    }
    return [denial];
  });
}

/** @param taken some key was not held by this token before; otherwise the command is here once more */
function raise(call: Call, taken: boolean): number {
  const { keyspace, fence } = call;
  if (fence === null) return 1;
  const held = taken ? 0 : highest(call);
  if (held > 0) return held === fence ? 1 : held;
  const now = keyspace.clock.wallNow() * 1000;
  const raised = Math.max(highest(call), now - CLOCK_SLACK) + 1;
  const value = Math.max(raised, Math.min(fence, now + CLOCK_SLACK));
  for (const counter of call.counters) keyspace.set(counter, String(value), call.counterTtl);
  return value === fence ? 1 : value;
}

function extend(call: Call): number {
  const { keyspace, keys, counters, token, ttl, counterTtl, fence } = call;
  const values = keys.map((key) => keyspace.get(key));
  if (values.some((value) => value !== null && value !== token)) return 0;
  if (values.includes(null)) return -1;
  for (const key of keys) keyspace.prolong(key, ttl);
  for (const counter of counters) keyspace.prolong(counter, counterTtl);
  return fence === null || highest(call) <= fence ? 1 : 2;
}

function confirm(call: Call): number {
  const { keyspace, keys, token, fence } = call;
  if (fence === null || keys.some((key) => keyspace.get(key) !== token)) return 0;
  if (highest(call) > fence) return 0;
  setCounters(call, fence);
  return 1;
}

function heal(call: Call): number {
  const { keyspace, keys, token, ttl, fence } = call;
  const values = keys.map((key) => keyspace.get(key));
  if (values.some((value) => value !== null && value !== token)) return 0;
  if (fence !== null) {
    if (highest(call) > fence) return 0;
    setCounters(call, fence);
  }
  for (const key of keys) {
    if (keyspace.get(key) === null) keyspace.set(key, token, ttl);
    else keyspace.prolong(key, ttl);
  }
  return 1;
}

function release(call: Call): number {
  const { keyspace, keys, queues, entries, token } = call;
  const ours = oursOf(call);
  for (const key of ours) keyspace.delete(key);
  let held = ours.length;
  for (const [position, key] of keys.entries()) {
    const reservation = new Queue(keyspace, queues[position] ?? '').update(entries[position] ?? '');
    if (reservation !== undefined && keyspace.get(key) === reservation) keyspace.delete(key);
    const sharers = SharedHolders.of(call, position);
    if (sharers.holds(token)) held++;
    sharers.remove(token, reservation ?? token);
  }
  return held === keys.length ? 1 : 0;
}

function keep(call: Call): number {
  const { keyspace, ttl, other } = call;
  for (const key of oursOf(call)) keyspace.set(key, other, ttl);
  return isReplaced(call);
}

function swapBack(call: Call): number {
  const { keyspace, other } = call;
  for (const key of oursOf(call)) keyspace.replace(key, other);
  return isReplaced(call);
}

/** Maybe when the command was here before. */
function isReplaced({ keyspace, keys, other }: Call): number {
  return keys.every((key) => keyspace.get(key) === other) ? 1 : 0;
}

function oursOf({ keyspace, keys, token }: Call): readonly string[] {
  return keys.filter((key) => keyspace.get(key) === token);
}

function inspect(call: Call): unknown {
  const {
    keyspace,
    keys: [key = ''],
    queues: [queue = ''],
  } = call;
  const sharers = SharedHolders.of(call, 0);
  const state = [keyspace.get(key), keyspace.remaining(key), new Queue(keyspace, queue).size];
  return sharers.isShared ? [...state, sharers.list] : state;
}

function highest({ keyspace, counters }: Call): number {
  return Math.max(0, ...counters.map((counter) => Number(keyspace.get(counter) ?? 0)));
}

function setCounters({ keyspace, counters, counterTtl }: Call, value: number): void {
  for (const counter of counters) {
    keyspace.set(counter, String(value), Math.max(counterTtl, keyspace.remaining(counter)));
  }
}
