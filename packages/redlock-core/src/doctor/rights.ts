import { nanoid } from 'nanoid';
import { counterOf, queueOf, setOf } from '../protocol/keys.js';
import type { ErrorData } from '../vote.js';
import { CHANNEL_PREFIX } from '../waiting/channel.js';
import type { Questions } from './questions.js';

/** What a right is for, as in SECURITY.md. */
export type Purpose = 'lock' | 'fencing' | 'quarantine' | 'waiting' | 'sharing' | 'cluster';

/** A right that the user of a node lacks. */
interface MissingRight {
  readonly purpose: Purpose;
  /** As ACL SETUSER takes it: a command, a key pattern or a channel pattern. */
  readonly right: string;
}

/** The results of the probes. */
export interface RightsFacts {
  readonly missing: readonly MissingRight[];
  readonly hasLua: boolean;
  /** Why the server refuses the commands of a lock to every user; null: it does not. */
  readonly refusal: ErrorData | null;
}

/** A key or channel that no lock uses, and the pattern with which ACL SETUSER permits all of its kind. */
interface Target {
  readonly name: string;
  readonly pattern: string;
}

type TargetName = 'key' | 'counter' | 'queue' | 'set' | 'channel';
export type Targets = Readonly<Record<TargetName, Target>>;

/**
 * For each purpose, commands on missing keys, which change nothing: `SET` and `ZADD` with `XX` write only to a key that
 * exists. A server checks rights, and whether it accepts writes at all, before that. A test holds them to the scripts.
 */
const PROBES: Readonly<Record<Purpose, readonly string[]>> = {
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
};

interface Probe extends MissingRight {
  readonly command: readonly string[];
  readonly target: Target | undefined;
}

/**
 * @param keyPrefix of the Redlock
 * @param clientPrefix what the client itself puts before keys, and not before channels
 */
export function targetsOf(keyPrefix: string, clientPrefix: string): Targets {
  const name = `${keyPrefix}redlock-doctor-${nanoid()}`;
  const all = `${escaped(keyPrefix)}*`;
  const target = (of: (key: string) => string): Target => {
    const patterns = [all, of(all)].map((keys) => `~${escaped(clientPrefix)}${keys}`);
    // A user who has all keys cannot be given some of them in addition.
    return { name: of(name), pattern: patterns[patterns[0] === '~*' ? 0 : 1] ?? '' };
  };
  return {
    key: target((key) => key),
    counter: target(counterOf),
    queue: target(queueOf),
    set: target(setOf),
    channel: { name: CHANNEL_PREFIX + nanoid(), pattern: `&${CHANNEL_PREFIX}*` },
  };
}

function escaped(literal: string): string {
  return literal.replaceAll(/[*?[\]\\]/g, String.raw`\$&`);
}

/** One probe for each command, key pattern and channel pattern that a purpose needs. */
export function probesOf(targets: Targets, isCluster: boolean): readonly Probe[] {
  return Object.entries(PROBES).flatMap(([purpose, commands]) => {
    if (purpose === 'cluster' && !isCluster) return [];
    return commands.map((line) => {
      const words = line.split(' ');
      const [name = '', subcommand = ''] = words;
      const target = words.map((word) => targets[word as TargetName] as Target | undefined);
      const command = words.map((word, index) => target[index]?.name ?? word);
      const right = name === 'CLUSTER' ? `${name}|${subcommand}` : name;
      return {
        purpose: purpose as Purpose,
        right: `+${right.toLowerCase()}`,
        command,
        target: target.find((each) => each !== undefined),
      };
    });
  });
}

/** Tries every command, key and channel that locks use. */
export async function readRights(
  questions: Questions,
  probes: readonly Probe[],
): Promise<RightsFacts> {
  const tried = await Promise.all(
    probes.map(async (probe) => {
      const { error } = await questions.ask(...probe.command);
      return { probe, error, right: error && missingRight(probe, error) };
    }),
  );
  const hasLua = !tried.some(({ probe, error }) => probe.right === '+eval' && isUnknown(error));
  const missing = tried.flatMap(({ probe: { purpose, right: own }, right }) => {
    if (!right || (!hasLua && own.startsWith('+eval'))) return [];
    return [[`${purpose} ${right}`, { purpose, right }] as const];
  });
  // NOSCRIPT is the reply of a server that does not know the script.
  const refused = tried.find(({ probe: { purpose }, error, right }) => {
    return purpose === 'lock' && error && !right && error.code !== 'NOSCRIPT';
  });
  return { missing: [...new Map(missing).values()], hasLua, refusal: refused?.error ?? null };
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
