import type { Keyspace } from './keyspace.js';

/** How far from its own clock a node lets a proposal or a counter be, in microseconds. */
const CLOCK_SLACK = 1_000_000;

/** One operation, as the program's arguments give it. */
export interface Call {
  readonly keyspace: Keyspace;
  readonly keys: readonly string[];
  readonly counters: readonly string[];
  readonly token: string;
  readonly ttl: number;
  readonly life: number;
  readonly fence: number | null;
  /** Of an adoption, the token that it replaces; of a release that keeps the keys, the one it leaves there. */
  readonly other: string;
  /** Of a release, one for each key. */
  readonly channels: readonly string[];
}

/** The effects of the script's operations on a keyspace, by the letter of each kind in the arguments. */
export const OPERATIONS: Readonly<Record<string, (call: Call) => unknown>> = {
  g: grant,
  a: adopt,
  e: extend,
  c: confirm,
  h: heal,
  r: release,
  k: keep,
  s: swapBack,
  i: inspect,
};

function grant(call: Call): unknown {
  const { keyspace, keys, token, ttl } = call;
  const denials = denialsOf(call, (value) => value === null || value === token);
  if (denials.length > 0) return denials;
  const free = keys.filter((key) => keyspace.get(key) === null);
  for (const key of free) keyspace.set(key, token, ttl);
  return raise(call, free.length > 0);
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

function denialsOf({ keyspace, keys }: Call, isFine: (value: string | null) => boolean) {
  return keys.flatMap((key, position) => {
    const value = keyspace.get(key);
    return isFine(value) ? [] : [[position, value?.slice(0, 64) ?? '', keyspace.remaining(key)]];
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
  for (const counter of call.counters) keyspace.set(counter, String(value), call.life);
  return value === fence ? 1 : value;
}

function extend(call: Call): number {
  const { keyspace, keys, counters, token, ttl, life, fence } = call;
  const values = keys.map((key) => keyspace.get(key));
  if (values.some((value) => value !== null && value !== token)) return 0;
  if (values.includes(null)) return -1;
  for (const key of keys) keyspace.prolong(key, ttl);
  for (const counter of counters) keyspace.prolong(counter, life);
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
  const ours = oursOf(call);
  for (const key of ours) call.keyspace.delete(key);
  return ours.length === call.keys.length ? 1 : 0;
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

function inspect({ keyspace, keys: [key = ''] }: Call): unknown {
  return [keyspace.get(key), keyspace.remaining(key)];
}

function highest({ keyspace, counters }: Call): number {
  return Math.max(0, ...counters.map((counter) => Number(keyspace.get(counter) ?? 0)));
}

function setCounters({ keyspace, counters, life }: Call, value: number): void {
  for (const counter of counters) {
    keyspace.set(counter, String(value), Math.max(life, keyspace.remaining(counter)));
  }
}
