import { operationsIn } from '../protocol/encoded-operation.js';
import type { Keyspace } from './keyspace.js';
import { OPERATIONS } from './memory-operations.js';
import { Queue, type Publish } from './queue.js';

/** The twin of {@link PROGRAMS} for a keyspace in this process: same arguments, same replies. */
export function runProgram(
  keyspace: Keyspace,
  keys: readonly string[],
  args: readonly string[],
  publish: Publish,
): unknown {
  const replies: unknown[] = [];
  const freed: { key: string; queue: Queue; reply: number }[] = [];
  for (const operation of operationsIn(keys, args)) {
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
