import { setTimeout as sleep } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import pTimeout from 'p-timeout';
import { counterOf, queueOf, setOf } from '../protocol/keys.js';
import type { ErrorData } from '../vote.js';
import { CHANNEL_PREFIX } from '../waiting/channel.js';
import type { Terms } from './facts.js';
import type { Questions } from './questions.js';

/**
 * For each purpose of SECURITY.md, commands on missing keys, which change nothing: `SET` and `ZADD` with `XX` write only to
 * a key that exists. A server checks rights, and whether it accepts writes at all, before that. A test holds them to the
 * scripts.
 */
const PROBES = {
  lock: [
    'EVAL return(1) 1 key',
    'EVAL return(1) 1 queue',
    'EVAL return(1) 1 set',
    `EVALSHA ${'0'.repeat(40)} 1 key`,
    'EXISTS key',
    'GET key',
    'MGET key',
    'SET key token XX PX 1',
    'DEL key',
    'PEXPIRE key 1',
    'PTTL key',
    'TIME',
    'ZCARD queue',
    'ZRANGEBYSCORE queue 0 0',
  ],
  fencing: ['EVAL return(1) 1 counter'],
  quarantine: ['INFO server'],
  waiting: [
    'ZADD queue XX 0 entry',
    'ZREM queue entry',
    'ZRANGE queue 0 0',
    'PEXPIREAT queue 1',
    'PUBLISH channel ticket',
    'PING',
  ],
  sharing: [
    'ZADD set XX 0 token',
    'ZREM set token',
    'ZRANGE set 0 0',
    'ZSCORE set token',
    'ZREMRANGEBYSCORE set 0 0',
    'PEXPIREAT set 1',
  ],
  cluster: ['CLUSTER SLOTS', 'CLUSTER INFO', 'ASKING'],
} as const;

/** What a right is for, as in SECURITY.md. */
export type Purpose = keyof typeof PROBES;

/** The results of the probes. */
export interface RightsFacts {
  /** Rights that programs use and the user lacks, as ACL SETUSER takes them: commands, key and channel patterns. */
  readonly missing: ReadonlyMap<Purpose, readonly string[]>;
  readonly hasLua: boolean;
  /** Why the server refuses the commands of a lock to every user; null: it does not. */
  readonly refusal: ErrorData | null;
}

/** A key or channel that no lock uses, and the pattern with which ACL SETUSER permits all of its kind. */
interface Target {
  readonly name: string;
  readonly pattern: string;
}

/** @param clientPrefix what the client itself puts before keys, and not before channels */
function targetsOf(keyPrefix: string, clientPrefix: string): ReadonlyMap<string, Target> {
  const name = `${keyPrefix}redlock-doctor-${nanoid()}`;
  const all = `${escaped(keyPrefix)}*`;
  // A user who has all keys cannot be given some of them in addition.
  const hasAll = keyPrefix === '' && clientPrefix === '';
  const target = (of: (key: string) => string): Target => ({
    name: of(name),
    pattern: `~${escaped(clientPrefix)}${hasAll ? all : of(all)}`,
  });
  return new Map([
    ['key', target((key) => key)],
    ['counter', target(counterOf)],
    ['queue', target(queueOf)],
    ['set', target(setOf)],
    ['channel', { name: CHANNEL_PREFIX + nanoid(), pattern: `&${CHANNEL_PREFIX}*` }],
  ]);
}

function escaped(literal: string): string {
  return literal.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);
}

interface Probe {
  readonly purpose: Purpose;
  readonly command: readonly string[];
  /** The right to the command itself. */
  readonly right: string;
  readonly target: Target | undefined;
}

/** One probe for each command, key pattern and channel pattern that the purposes of these programs need. */
export function probesOf(
  { keyPrefix, fencing, quarantine }: Pick<Terms, 'keyPrefix' | 'fencing' | 'quarantine'>,
  { cluster, keyPrefix: clientPrefix }: Pick<Questions['node'], 'cluster' | 'keyPrefix'>,
): readonly Probe[] {
  const targets = targetsOf(keyPrefix, clientPrefix);
  const isUsed = {
    lock: true,
    fencing,
    quarantine: quarantine !== false,
    waiting: true,
    sharing: true,
    cluster,
  };
  const purposes = Object.keys(PROBES) as Purpose[];
  return purposes.flatMap((purpose) =>
    (isUsed[purpose] ? PROBES[purpose] : []).map((line) => {
      const words = line.split(' ');
      const [name = '', subcommand = ''] = words;
      const right = name === 'CLUSTER' ? `${name}|${subcommand}` : name;
      return {
        purpose,
        command: words.map((word) => targets.get(word)?.name ?? word),
        right: `+${right.toLowerCase()}`,
        target: words.map((word) => targets.get(word)).find(Boolean),
      };
    }),
  );
}

/** Tries every command, key and channel that locks use. */
export async function readRights(questions: Questions, terms: Terms): Promise<RightsFacts> {
  const tried = await Promise.all(
    probesOf(terms, questions.node).map(async (probe) => {
      const { error } = await questions.ask(...probe.command);
      return { ...probe, error, lacked: error && missingRight(probe, error) };
    }),
  );
  const hasLua = !tried.some(({ right, error }) => right === '+eval' && isUnknown(error));
  const lacks = tried.flatMap(({ purpose, right, lacked }) =>
    lacked && (hasLua || !right.startsWith('+eval')) ? [[purpose, lacked] as const] : [],
  );
  const channel = tried.find(({ right }) => right === '+publish')?.target;
  // Without the right to the channel, SUBSCRIBE fails whether it is permitted or not.
  if (channel && !lacks.some(([, right]) => right === channel.pattern)) {
    const right = await missingSubscription(questions, channel.name);
    if (right) lacks.push(['waiting', right]);
  }
  const missing = new Map<Purpose, string[]>();
  for (const [purpose, right] of lacks) {
    missing.set(purpose, [...new Set(missing.get(purpose)).add(right)]);
  }
  // NOSCRIPT is the reply of a server that does not know the script.
  const refused = tried.find(({ purpose, error, lacked }) => {
    return purpose === 'lock' && error && !lacked && error.code !== 'NOSCRIPT';
  });
  return { missing, hasLua, refusal: refused?.error ?? null };
}

function missingRight({ right, target }: Probe, error: ErrorData): string | undefined {
  if (isUnknown(error)) return right;
  if (error.code !== 'NOPERM') return undefined;
  return target && /\b(?:keys?|channels?)\b/.test(error.message) ? target.pattern : right;
}

/** Whether the server does not have the command, or an administrator has renamed it. */
function isUnknown(error: ErrorData | undefined): boolean {
  return error !== undefined && /^ERR unknown (?:sub)?command/i.test(error.message);
}

/** How often to look whether a subscription has ended, in ms. */
const CHECK_INTERVAL = 20;

/**
 * Subscribes to two channels as a waiter does, on a connection of its own, and leaves both.
 * @returns the missing right; null: none is missing, or the client cannot subscribe
 */
async function missingSubscription(questions: Questions, channel: string): Promise<string | null> {
  const { node, wait } = questions;
  if (!node.subscribes) return null;
  const ends: (() => void)[] = [];
  const confirmed = [channel, `${channel}-2`].map((name) => {
    return new Promise<void>((resolve) => {
      const end = node.subscribe(
        name,
        () => resolve(),
        () => {},
      );
      ends.push(end);
    });
  });
  try {
    const isConfirmed = Promise.all(confirmed).then(() => true);
    const timeout = { milliseconds: wait, fallback: () => false };
    if (!(await pTimeout(isConfirmed, timeout))) return '+subscribe';
    // The other subscription keeps the connection open, so this one ends by a command.
    ends[0]?.();
    const deadline = performance.now() + wait;
    // PUBLISH replies with the number of receivers.
    while (Number((await questions.ask('PUBLISH', channel, '')).replies[0] ?? 0) > 0) {
      if (performance.now() > deadline) return '+unsubscribe';
      await sleep(CHECK_INTERVAL);
    }
    return null;
  } finally {
    for (const end of ends) end();
  }
}
