import type { Operation } from './operation.js';

/**
 * A grant as a command of Redis itself, which sets a key only if it is free, and returns the value that it had. A node
 * may be sent either this or a script, with the same outcome, but this does not tell when a key expires.
 *
 * Perf: latency, alone, without fencing. A server takes half as long for it as for the shortest script.
 */
export const NATIVE_GRANT = 'native grant';

/** Whether the command can do what the operation asks: grant one key without fencing, to one who enters no queue. */
export function hasNativeForm({ kind, claim, fence, entries }: Operation): boolean {
  const { keys, mode, permits } = claim.lockKeys;
  const isPlain = mode === 'exclusive' && permits === 0;
  return kind === 'grant' && fence === null && !entries && isPlain && keys.length === 1;
}

export function encodeNativeGrant({ claim, ttl }: Operation): string[] {
  const [key = ''] = claim.lockKeys.keys;
  return ['set', key, claim.token, 'nx', 'get', 'px', String(ttl)];
}

/** How many bytes of a key's value a denial has. */
const VALUE_BYTES = 64;

/** In the place of a PTTL: the command tells nothing about the expiry of a key. */
const NO_EXPIRY = -1;

const GRANTED = [1];

/** The replies with which a program would tell the same; null: the command gives no such reply. */
export function readNativeGrant(reply: unknown, { claim }: Operation): readonly unknown[] | null {
  // If the key holds this very token, the command has been here before.
  if (reply === null || reply === claim.token) return GRANTED;
  if (typeof reply !== 'string') return null;
  return denied(Buffer.from(reply).subarray(0, VALUE_BYTES).toString());
}

/**
 * The meaning of an error reply: `unknown` if the server does not know this form of the command, as before Redis 7.0; the
 * replies with which a program would tell the same; null if the command has failed.
 */
export function readNativeError(message: string): 'unknown' | readonly unknown[] | null {
  if (message.startsWith('WRONGTYPE')) return denied('(not a string)');
  return message.startsWith('ERR') ? 'unknown' : null;
}

function denied(value: string): readonly unknown[] {
  return [[[0, value, NO_EXPIRY]]];
}
