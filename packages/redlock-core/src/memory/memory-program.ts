import type { Keyspace } from './keyspace.js';
import { OPERATIONS, type Call } from './memory-operations.js';

/** @returns how many were told */
export type Publish = (channel: string, message: string) => number;

/** The twin of {@link PROGRAMS} for a keyspace in this process: same arguments, same replies. */
export function runProgram(
  keyspace: Keyspace,
  keys: readonly string[],
  args: readonly string[],
  publish: Publish,
): unknown {
  const replies: unknown[] = [];
  const freed: { key: string; token: string; channel: string; reply: number }[] = [];
  const restKeys = keys.values();
  const restArgs = args.values();
  for (const what of restArgs) {
    const letter = what.charAt(0);
    const fenced = letter !== letter.toLowerCase();
    const resources = Number(what.slice(1) || 1);
    const [count = 0] = take(restArgs, 1).map(Number);
    const [ttl = 0] = take(restArgs, 'ris'.includes(letter) ? 0 : 1).map(Number);
    const [life = 0] = take(restArgs, fenced ? 1 : 0).map(Number);
    for (let left = count; left > 0; left--) {
      const call: Call = {
        keyspace,
        keys: take(restKeys, resources),
        counters: take(restKeys, fenced ? resources : 0),
        ttl,
        life,
        token: take(restArgs, 1).join(''),
        fence: fenced ? Number(take(restArgs, 1)) : null,
        other: take(restArgs, 'aAks'.includes(letter) ? 1 : 0).join(''),
        channels: take(restArgs, letter === 'r' ? resources : 0),
      };
      if (letter === 'r') freed.push(...releasing(call, replies.length));
      replies.push(OPERATIONS[letter.toLowerCase()]?.(call));
    }
  }
  for (const { key, token, channel, reply } of freed) {
    if (keyspace.get(key) !== null) continue;
    const heard = publish(channel, token);
    if (replies[reply] !== 0) replies[reply] = Math.max(Number(replies[reply]), 1 + heard);
  }
  if (replies.every((reply) => reply === 1)) return 1;
  return replies.length > 1 ? replies : replies[0];
}

function take(rest: Iterator<string>, count: number): string[] {
  const taken: string[] = [];
  while (taken.length < count) taken.push(String(rest.next().value));
  return taken;
}

/** The keys that a release is about to free. */
function releasing({ keyspace, keys, token, channels }: Call, reply: number) {
  return keys.flatMap((key, index) =>
    keyspace.get(key) === token ? [{ key, token, channel: channels[index] ?? '', reply }] : [],
  );
}
