import { LockKeys, permitKeysIn } from '../core.js';

/** Perf: the name of a queue is needed at each command. */
const known = new Map<string, string>();

/** The queue in which processes wait for a key. All permits of a semaphore have one. */
export function queueOf(key: string): string {
  const name = known.get(key) ?? nameOf(key);
  known.set(key, name);
  return name;
}

/** The queues in which processes wait for keys, each once. */
export function queuesOf(keys: readonly string[]): readonly string[] {
  return [...new Set(keys.map((key) => queueOf(key)))];
}

function nameOf(key: string): string {
  const lockKeys = permitKeysIn(key, false) ?? new LockKeys([key], false, true);
  return lockKeys.queues[0] ?? '';
}
