import { type Holder, type Inspection, type Lock, LockLostError, Redlock } from 'redlock-core';
import { holdersOf } from './inspect.js';
import { ExitCode } from './io.js';
import { connectionOf } from './nodes.js';
import {
  asUsage,
  type Command,
  flag,
  MAX_PERMITS,
  number,
  parse,
  requireOne,
  resourceOf,
  text,
  UsageError,
} from './options.js';

const OPTIONS = {
  token: text('T', 'release the lock if it has this token (inspect --json)'),
  force: flag('release the lock without its token; its holder is fenced off'),
  permit: number('I', 'release permit I of run --permits K; the first is 0', null, [
    0,
    MAX_PERMITS - 1,
  ]),
};

/** The lock is taken over for this long, until it is released, in ms. */
const TTL = 10_000;

/** Why a lock without a known holder, or with several, cannot be released. */
const REASONS: Readonly<Record<Inspection['state'], string>> = {
  free: 'it is not held.',
  exclusive: 'its holder is unknown. Try again in a moment.',
  shared: 'it is held in shared mode. Wait until it expires.',
  undecided: 'the nodes disagree. Try again in a moment.',
  unknown: 'too few nodes answered. Check the nodes.',
};

/** `redlock release`: ends a lock whose holder is gone. */
export const release: Command = {
  name: 'release',
  summary: 'ends a lock whose holder is gone',
  synopsis: '(--token T | --force) [OPTION]… RESOURCE',
  details: `Ends a lock whose holder is gone, before its ttl has passed. A holder that still runs loses the
lock: its fencing token is outdated at once, and it notices at its next extension.`,
  options: OPTIONS,
  notes: `Exit codes: 0 released; 1 not held, or not with that token; 64 usage; 69 too few nodes answered,
or they disagree, or the lock is shared, or the key holds a value without expiry.

  redlock release --force nightly-report
  redlock release --force --permit 2 licences
`,
  async run(args, io) {
    const { values, positionals } = parse(args, OPTIONS);
    const { token, force, permit: index } = values;
    const resource = resourceOf(positionals);
    requireOne({ '--token': token, '--force': force });
    if (token === null && !force) {
      throw new UsageError('missing --token T, as inspect --json shows it, or --force.');
    }
    const { nodes, options } = connectionOf(values, io.env);
    await using redlock = await asUsage(() => new Redlock(nodes, options));
    const name = index === null ? resource : `permit ${index} of ${resource}`;
    const refuse = (reason: string, code: number = ExitCode.UNAVAILABLE): number => {
      io.log(`cannot release ${name}: ${reason}`);
      return code;
    };
    const { state, holders, adopt } = await asUsage(() => find(redlock, resource, index));
    const [holder] = holders;
    if (state === 'free') return refuse(REASONS.free, ExitCode.NOT_HELD);
    if (state !== 'exclusive' || !holder) return refuse(REASONS[state]);
    if (holder.expiresIn === null) {
      return refuse(
        'its key holds a value without expiry, probably data. Use another --key-prefix.',
      );
    }
    const held = holdersOf(holders);
    if (token !== null && token !== holder.token) {
      return refuse(`it is held with another token, by ${held}.`, ExitCode.NOT_HELD);
    }
    try {
      const lock = await adopt(holder.token);
      if (!(await lock.release())) return refuse('too few nodes confirmed it. Inspect it.');
    } catch (error) {
      if (!LockLostError.is(error)) throw error;
      const code = token === null ? ExitCode.UNAVAILABLE : ExitCode.NOT_HELD;
      return refuse('it changed hands in between. Inspect it, and try again.', code);
    }
    io.print(`released ${name}, which was held by ${held}\n`);
    return ExitCode.SUCCESS;
  },
};

/** A lock, or a permit as if it were one. */
interface Subject {
  readonly state: Inspection['state'];
  readonly holders: readonly Pick<Holder, 'token' | 'owner' | 'expiresIn'>[];
  readonly adopt: (token: string) => Promise<Lock>;
}

async function find(redlock: Redlock, resource: string, index: number | null): Promise<Subject> {
  if (index === null) {
    const { state, holders } = await redlock.inspect(resource);
    return { state, holders, adopt: (token) => redlock.adopt(resource, token, TTL) };
  }
  const semaphore = redlock.semaphore(resource, index + 1);
  const holders = (await semaphore.inspect()).holders.filter((each) => each.permit === index);
  const state = holders.length > 0 ? 'exclusive' : 'free';
  return { state, holders, adopt: (token) => semaphore.adopt(index, token, TTL) };
}
