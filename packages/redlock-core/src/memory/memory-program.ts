import { isNativeGrant, nativeGrantIn, operationsIn } from '../protocol/encoded-operation.js';
import type { Keyspace } from './keyspace.js';
import { OPERATIONS } from './memory-operations.js';
import { Queue, type Channels } from './queue.js';
import { SharedHolders } from './shared-holders.js';

/** An error reply, as opposed to a mistake in this imitation. */
export class ErrorReply extends Error {}

/**
 * Executes a command on a keyspace in this process: the twin of {@link PROGRAMS} and of {@link NATIVE_GRANT}, with the same
 * arguments and the same replies.
 */
export function runCommand(
  keyspace: Keyspace,
  command: readonly string[],
  channels: Channels,
): unknown {
  return isNativeGrant(command)
    ? grantNatively(keyspace, command)
    : runProgram(keyspace, command, channels);
}

function grantNatively(keyspace: Keyspace, command: readonly string[]): unknown {
  const { keys, token, ttl } = nativeGrantIn(command);
  const [key = ''] = keys;
  if (keyspace.sortedSet(key))
    throw new ErrorReply('WRONGTYPE Operation against a key holding the wrong kind of value');
  const value = keyspace.get(key);
  if (value === null) keyspace.set(key, token, ttl);
  return value;
}

function runProgram(keyspace: Keyspace, command: readonly string[], channels: Channels): unknown {
  const replies: unknown[] = [];
  const freed: { key: string; queue: Queue; sharers: SharedHolders; reply: number }[] = [];
  for (const encoded of operationsIn(command)) {
    const operation = { ...encoded, keyspace, channels };
    const reply = replies.push(OPERATIONS[operation.letter]?.(operation)) - 1;
    if (operation.letter !== 'r') continue;
    for (const [position, key] of operation.keys.entries()) {
      if (operation.entries[position]?.startsWith('=')) continue;
      const sharers = SharedHolders.of(operation, position);
      if (keyspace.get(key) !== null && !sharers.isShared) continue;
      const queue = new Queue(keyspace, operation.queues[position] ?? '');
      freed.push({ key, queue, sharers, reply });
    }
  }
  for (const { key, queue, sharers, reply } of freed) {
    const waiting = queue.size;
    if (replies[reply] !== 0) replies[reply] = Math.max(Number(replies[reply]), 1 + waiting);
    if (waiting > 0 && (keyspace.get(key) === null || sharers.isShared)) {
      queue.callFirst(key, sharers, channels);
    }
  }
  if (replies.every((reply) => reply === 1)) return 1;
  return replies.length > 1 ? replies : replies[0];
}
