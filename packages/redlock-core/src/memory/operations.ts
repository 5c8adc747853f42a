import type { DecodedCommand, EncodedOperation } from '../protocol/commands.js';
import { SHARED } from '../protocol/token.js';
import { highestCounter, liftCounters } from './counters.js';
import { acquire, acquireBySmallScript, type Freed, holds } from './grants.js';
import { ErrorReply, type Keyspace } from './keyspace.js';
import { type Channels, type Host, queueOf } from './queue.js';
import { SharedHolders } from './shared-holders.js';

/** Executes a command on a keyspace in this process: the twin of the scripts, with the same words and replies. */
export function runCommand(
  keyspace: Keyspace,
  { isSmallAcquire, onCluster, operations }: DecodedCommand,
  channels: Channels,
): unknown {
  const host: Host = { keyspace, channels, onCluster };
  const freed: Freed[] = [];
  const replies = operations.map((operation) => {
    try {
      if (isSmallAcquire) return acquireBySmallScript(host, operation);
      return VERBS[operation.verb](host, operation, freed);
    } catch (error) {
      if (error instanceof ErrorReply) return error.message;
      throw error;
    }
  });
  for (const { key, queue } of freed) unlessBroken(() => queue.notifyNext(key));
  if (replies.every((reply) => reply === 1)) return 1;
  return replies.length > 1 ? replies : replies[0];
}

const VERBS: Record<
  EncodedOperation['verb'],
  (host: Host, operation: EncodedOperation, freed: Freed[]) => unknown
> = { a: acquire, e: extend, r: release, i: inspect };

/** The twin of script/large/extend.ts. */
function extend(host: Host, operation: EncodedOperation): number {
  const { keyspace } = host;
  const { keys, token, fence, repairs } = operation;
  const ttl = operation.ttl ?? 0;
  const own = keys.map((_, position) => holds(host, operation, position, token));
  const isRefused = keys.some((key, position) => {
    if (own[position] !== null) return false;
    const joins = operation.shared && new SharedHolders(keyspace, operation, position).isShared;
    return !repairs || (!joins && keyspace.has(key));
  });
  if (isRefused) return 0;
  const isSuperseded = fence !== null && highestCounter(keyspace, operation) > fence;
  if (isSuperseded && repairs) return 0;
  if (fence !== null && !isSuperseded) liftCounters(keyspace, operation);
  for (const [position, key] of keys.entries()) {
    const end = own[position] ?? null;
    if (operation.shared) {
      const until = keyspace.now + ttl;
      if (end === null || end < until) {
        new SharedHolders(keyspace, operation, position).add(token, until);
      }
    } else if (end === null) keyspace.set(key, token, ttl);
    else keyspace.prolong(key, ttl);
  }
  return isSuperseded ? -1 : 1;
}

/** The twin of script/large/release.ts. */
function release(host: Host, operation: EncodedOperation, freed: Freed[]): number {
  const { keys, token, other } = operation;
  let reply = 1;
  for (const [position, key] of keys.entries()) {
    if (holds(host, operation, position, token) === null) {
      const isLeft = other !== null && holds(host, operation, position, other) !== null;
      if (!isLeft) reply = 0;
    } else leaveKey(host, operation, position);
    const queue = queueOf(host, operation, position);
    if (queue?.exists) unlessBroken(() => leaveQueue());
    function leaveQueue(): void {
      const { leaving } = operation;
      for (const ticket of leaving?.tickets ?? []) {
        queue?.leave(Number(ticket), leaving?.channel ?? '');
      }
      if (queue && other === null) freed.push({ key, queue });
    }
  }
  return reply;
}

/** Deletes a key that the token has, or leaves it to the other token, without an expiry as long as the key had. */
function leaveKey(host: Host, operation: EncodedOperation, position: number): void {
  const { keyspace } = host;
  const { token, other, shared, isAbsolute, ttl } = operation;
  const key = operation.keys[position] ?? '';
  const own = holds(host, operation, position, token);
  if (!shared && other !== null && ttl === null) {
    keyspace.replace(key, other);
    return;
  }
  const until = ttl === null ? (own ?? 0) : isAbsolute ? ttl : keyspace.now + ttl;
  const isLeft = other !== null && until > keyspace.now;
  if (shared) {
    const holders = new SharedHolders(keyspace, operation, position);
    if (isLeft) holders.add(other, until);
    holders.remove(token);
  } else if (isLeft) keyspace.setUntil(key, other, until);
  else keyspace.delete(key);
}

function inspect(host: Host, operation: EncodedOperation): unknown {
  const { keyspace } = host;
  const [key = ''] = operation.keys;
  const value = keyspace.string(key);
  const isShared = value === SHARED && operation.sets.length > 0;
  return [
    value,
    keyspace.remaining(key),
    queueOf(host, operation, 0)?.size ?? 0,
    isShared ? new SharedHolders(keyspace, operation, 0).list : null,
  ];
}

/** A queue whose key has another type has no entries for a release. */
function unlessBroken(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ErrorReply)) throw error;
  }
}
