import type { EncodedOperation } from '../protocol/commands.js';
import { NOT_A_STRING, SHARED } from '../protocol/token.js';
import { highestCounter, raised } from './counters.js';
import { type Ahead, type Asker, type Host, type Queue, queueOf } from './queue.js';
import { SharedHolders } from './shared-holders.js';

/** A key and the queue of those who wait for it, which are notified after the command if the key is free then. */
export interface Freed {
  readonly key: string;
  readonly queue: Queue;
}

/** What is known of one key of an acquire. */
interface Judgment {
  /** Until when the key is the caller's; null: it is not. */
  readonly own: number | null;
  readonly denial: readonly unknown[] | null;
}

/** An acquire: the twin of script/large/acquire.ts. */
export function acquire(host: Host, operation: EncodedOperation, freed: Freed[]): unknown {
  const { keyspace } = host;
  const { keys, other, ticketed, fence } = operation;
  const states = permitStates(host, operation);
  const asker: Asker = {
    ticket: ticketed ? Number(ticketed.ticket) : null,
    channel: ticketed?.channel ?? '',
    shared: operation.shared,
    free: states === null ? null : freePermits(states),
  };
  const judgments = keys.map((_, position) => judge(host, operation, position, asker, states));
  const denials = judgments.flatMap(({ denial }) => (denial ? [denial] : []));
  if (denials.length > 0) {
    if (ticketed) enter(host, operation, judgments, freed);
    return [String(keyspace.micros), ...denials];
  }
  const isOurs = judgments.every(({ own }) => own !== null);
  const highest = fence === null ? 0 : highestCounter(keyspace, operation);
  const value = fence === null || isOurs ? highest : raised(keyspace, highest, fence);
  const expiry = Math.floor(Math.min(...keys.map((_, i) => endOf(host, operation, i))));
  for (const [position, { own }] of judgments.entries()) {
    if (own === null) take(host, operation, position);
    const counter = operation.counters[position];
    if (counter !== undefined && !isOurs)
      keyspace.set(counter, String(value), operation.counterTtl);
    if (ticketed && asker.ticket !== null) {
      queueOf(host, operation, position)?.leave(asker.ticket, asker.channel);
    }
  }
  if (other !== null) return [value, expiry];
  return fence === null || value === fence ? 1 : value;
}

/** What the script for one acquire replies; 0: the large script must decide. */
export function acquireBySmallScript(host: Host, operation: EncodedOperation): unknown {
  const { keyspace } = host;
  const [key = ''] = operation.keys;
  const queue = queueOf(host, operation, 0);
  const value = keyspace.get(key);
  if (value === operation.token || (!keyspace.has(key) && !queue?.exists)) {
    return acquire(host, { ...operation, queues: [] }, []);
  }
  if (value === SHARED || !keyspace.has(key)) return 0;
  const rank = keyspace.sortedSet(operation.queues[0] ?? '')?.size ?? 0;
  const denial = [0, cut(value ?? NOT_A_STRING), keyspace.remaining(key), rank, null, null, 0];
  return [String(keyspace.micros), denial];
}

function judge(
  host: Host,
  operation: EncodedOperation,
  position: number,
  asker: Asker,
  states: string | null,
): Judgment {
  const { keyspace } = host;
  const { token, other, shared } = operation;
  const key = operation.keys[position] ?? '';
  const value = keyspace.get(key);
  const holders = new SharedHolders(keyspace, operation, position);
  const own = holds(host, operation, position, token);
  const queue = queueOf(host, operation, position);
  const found = value ?? (keyspace.has(key) ? NOT_A_STRING : null);
  let why: string | null = null;
  let ahead: Ahead | null = null;
  let joins = false;
  if (other !== null) {
    const isHeld = own !== null || holds(host, operation, position, other) !== null;
    if (!isHeld || keyspace.remaining(key) < 0) why = found ?? '';
  } else if (own === null) {
    joins = shared && holders.isShared;
    why = joins ? null : found;
    const isRoomy = asker.free !== null && asker.free.length > 0;
    if (queue && (why === null || isRoomy)) {
      const joined = joins ? keyspace.remaining(key) : null;
      ahead = queue.ahead(asker, asker.free ? asker.free.length : 1, joined);
    }
  }
  if (why === null && ahead === null) return { own, denial: null };
  const tokens = why === SHARED && operation.sets.length > 0 ? holders.tokens : [];
  const hasRoom = why !== null && !ahead && asker.free !== null && asker.free.length > 0;
  const denial = [
    position,
    cut(why ?? `>${ahead?.channel}`),
    ahead ? ahead.left : keyspace.remaining(key),
    queue?.rankOf(asker) ?? 0,
    tokens.length > 0 ? tokens : null,
    own === null && other === null ? states : null,
    hasRoom ? 1 : 0,
  ];
  return { own, denial };
}

/** Until when a token has a key of an operation; null: it does not have it. */
export function holds(
  { keyspace }: Host,
  operation: EncodedOperation,
  position: number,
  token: string,
): number | null {
  if (operation.shared) return new SharedHolders(keyspace, operation, position).endOf(token);
  const key = operation.keys[position] ?? '';
  return keyspace.get(key) === token ? keyspace.expiresAt(key) : null;
}

/** Until when the key of an adoption is held by its former token, or already by the new one. */
function endOf(host: Host, operation: EncodedOperation, position: number): number {
  const { token, other } = operation;
  const own = holds(host, operation, position, token);
  return own ?? (other === null ? null : holds(host, operation, position, other)) ?? Infinity;
}

function take(host: Host, operation: EncodedOperation, position: number): void {
  const { keyspace } = host;
  const { token, other, shared, ttl } = operation;
  const key = operation.keys[position] ?? '';
  if (!shared && other !== null) keyspace.replace(key, token);
  else if (!shared) keyspace.set(key, token, ttl ?? 0);
  else {
    const holders = new SharedHolders(keyspace, operation, position);
    const end = other === null ? null : holders.endOf(other);
    holders.add(token, end ?? keyspace.now + (ttl ?? 0));
    if (other !== null) holders.remove(other);
  }
}

/** Enters the queues of keys that denied. On the others the caller keeps what it was notified for, or gives it up. */
function enter(
  host: Host,
  operation: EncodedOperation,
  judgments: readonly Judgment[],
  freed: Freed[],
): void {
  const { ticketed, keys } = operation;
  if (!ticketed?.entry) return;
  const ticket = Number(ticketed.ticket);
  const { lease, keep, tail } = ticketed.entry;
  const { now } = host.keyspace;
  for (const [position, { denial }] of judgments.entries()) {
    const queue = queueOf(host, operation, position);
    if (!queue) continue;
    const wasIn = queue.leave(ticket, ticketed.channel);
    if (denial) queue.put(ticket, now + lease, false, tail);
    else if (wasIn && keep > 0) queue.put(ticket, now + keep, true, tail);
    else if (wasIn) freed.push({ key: keys[position] ?? '', queue });
  }
}

/** One character for each permit, 1 if it is free; null: it is no semaphore. */
function permitStates({ keyspace }: Host, { permitKeys, keys }: EncodedOperation): string | null {
  if (permitKeys.length === 0) return null;
  const isFree = (key: string): boolean =>
    keyspace.get(key) === null && !(key === keys[0] && keyspace.has(key));
  return permitKeys.map((key) => (isFree(key) ? '1' : '0')).join('');
}

function freePermits(states: string): readonly number[] {
  return Array.from(states, (state, permit) => (state === '1' ? permit : -1)).filter(
    (permit) => permit >= 0,
  );
}

function cut(text: string): string {
  return text.slice(0, 64);
}
