import { isNativeGrant, nativeGrantIn, operationsIn } from '../protocol/encoded-operation.js';
import type { Keyspace } from './keyspace.js';
import { OPERATIONS } from './memory-operations.js';
import { Queue, type Publish } from './queue.js';

/**
 * Executes a command on a keyspace in this process: the twin of {@link PROGRAMS} and of {@link NATIVE_GRANT}, with the same
 * arguments and the same replies.
 */
export function runCommand(
  keyspace: Keyspace,
  command: readonly string[],
  publish: Publish,
): unknown {
  return isNativeGrant(command)
    ? grantNatively(keyspace, command)
    : runProgram(keyspace, command, publish);
}

function grantNatively(keyspace: Keyspace, command: readonly string[]): unknown {
  const { keys, token, ttl } = nativeGrantIn(command);
  const [key = ''] = keys;
  if (keyspace.sortedSet(key))
    throw new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
  const value = keyspace.get(key);
  if (value === null) keyspace.set(key, token, ttl);
  return value;
}

function runProgram(keyspace: Keyspace, command: readonly string[], publish: Publish): unknown {
  const replies: unknown[] = [];
  const freed: { key: string; queue: Queue; reply: number }[] = [];
  for (const operation of operationsIn(command)) {
    const reply = replies.push(OPERATIONS[operation.letter]?.({ ...operation, keyspace })) - 1;
    if (operation.letter !== 'r') continue;
    for (const [position, key] of operation.keys.entries()) {
      if (operation.entries[position]?.startsWith('=') || keyspace.get(key) !== null) continue;
      freed.push({ key, queue: new Queue(keyspace, operation.queues[position] ?? ''), reply });
    }
  }
  for (const { key, queue, reply } of freed) {
    const waiting = queue.size;
    if (replies[reply] !== 0) replies[reply] = Math.max(Number(replies[reply]), 1 + waiting);
    if (keyspace.get(key) === null) queue.callFirst(key, publish);
  }
  if (replies.every((reply) => reply === 1)) return 1;
  return replies.length > 1 ? replies : replies[0];
}
