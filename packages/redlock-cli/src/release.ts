import { type Lock, LockLostError, QuorumError, Redlock } from 'redlock-core';
import { ExitCode } from './exit-code.js';
import { holdersOf } from './inspect.js';
import { asUsage, type Command, connectionOf, parse, permitOf, resourceOf } from './options.js';
import { UsageError } from './usage-error.js';

const OPTIONS = {
  token: {
    type: 'string',
    value: 'T',
    help: 'release the lock if it has this token (inspect --json)',
  },
  force: {
    type: 'boolean',
    help: 'release the lock of whoever holds it; that holder is fenced off',
  },
  permit: {
    type: 'string',
    value: 'I',
    help: 'release permit I of run --permits K; the first is 0',
  },
} as const;

const NOT_HELD = 'it is not held.';

/** The lock is taken over for this long, until it is released, in ms. */
const TTL = 10_000;

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
    const { token, force } = values;
    const resource = resourceOf(positionals);
    if ((token === undefined) === (force === undefined)) {
      throw new UsageError('give either --token T, as inspect --json shows it, or --force.');
    }
    const permit = permitOf(values.permit);
    const { nodes, options } = connectionOf(values, io.env);
    await using redlock = await asUsage(() => new Redlock(nodes, options));
    try {
      const held = await asUsage(() => find(redlock, resource, permit));
      if ('code' in held) {
        io.log(`cannot release ${held.name}: ${held.reason}`);
        return held.code;
      }
      if (token !== undefined && token !== held.token) {
        io.log(`cannot release ${held.name}: it is held with another token, by ${held.holders}.`);
        return ExitCode.NOT_HELD;
      }
      const lock = await held.adopt();
      if (await lock.release()) {
        io.print(`released ${held.name}, which was held by ${held.holders}\n`);
        return ExitCode.SUCCESS;
      }
      io.log(`release of ${held.name} not confirmed: too few nodes answered. Inspect it.`);
      return ExitCode.UNAVAILABLE;
    } catch (error) {
      if (LockLostError.is(error)) {
        io.log(
          `cannot release ${resource}: it changed hands in between. Inspect it, and try again.`,
        );
        return token === undefined ? ExitCode.UNAVAILABLE : ExitCode.NOT_HELD;
      }
      if (!QuorumError.is(error)) throw error;
      io.log(error.message);
      return ExitCode.UNAVAILABLE;
    }
  },
};

/** A lock that can be taken over. */
interface Held {
  readonly name: string;
  readonly token: string;
  /** Shows no token. */
  readonly holders: string;
  adopt(): Promise<Lock>;
}

/** Why a lock cannot be released. */
interface Refusal {
  readonly name: string;
  readonly reason: string;
  readonly code: number;
}

async function find(
  redlock: Redlock,
  resource: string,
  permit: number | null,
): Promise<Held | Refusal> {
  if (permit !== null) return findPermit(redlock, resource, permit);
  const inspection = await redlock.inspect(resource);
  const { state, holders } = inspection;
  const [holder] = holders;
  const refuse = (reason: string, code: number = ExitCode.UNAVAILABLE): Refusal => {
    return { name: resource, reason, code };
  };
  if (state === 'free') return refuse(NOT_HELD, ExitCode.NOT_HELD);
  if (state === 'unknown') return refuse('too few nodes answered. Check the nodes.');
  if (state === 'shared') return refuse('it is held in shared mode. Wait until it expires.');
  if (!holder) return refuse('the nodes disagree. Try again in a moment.');
  if (holder.expiresIn === null) {
    return refuse('its key holds a value without expiry, probably data. Use another --key-prefix.');
  }
  return {
    name: resource,
    token: holder.token,
    holders: holdersOf(inspection),
    adopt: () => redlock.adopt(resource, holder.token, TTL),
  };
}

async function findPermit(
  redlock: Redlock,
  resource: string,
  permit: number,
): Promise<Held | Refusal> {
  const name = `permit ${permit} of ${resource}`;
  const semaphore = redlock.semaphore(resource, permit + 1);
  const holders = (await semaphore.inspect()).holders.filter((each) => each.permit === permit);
  const [holder] = holders;
  if (!holder) return { name, reason: NOT_HELD, code: ExitCode.NOT_HELD };
  const { token } = holder;
  return {
    name,
    token,
    holders: holdersOf({ holders }),
    adopt: () => semaphore.adopt(permit, token, TTL),
  };
}
