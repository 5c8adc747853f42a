import {
  BatchEncoder,
  decodeReply,
  formOf,
} from '../../../packages/redlock-core/src/protocol/batch.js';
import { Claim } from '../../../packages/redlock-core/src/protocol/claim.js';
import { describeError } from '../../../packages/redlock-core/src/protocol/failure.js';
import { helperOf, lockKeysOf } from '../../../packages/redlock-core/src/protocol/lock-keys.js';
import {
  NATIVE_GRANT,
  readNativeError,
} from '../../../packages/redlock-core/src/protocol/native-grant.js';
import * as make from '../../../packages/redlock-core/src/protocol/operation.js';
import {
  type Outcome as ReadOutcome,
  readReply,
} from '../../../packages/redlock-core/src/protocol/outcome.js';
import { PermitKeys } from '../../../packages/redlock-core/src/protocol/permit-keys.js';
import type { Denial, KeyState } from '../../../packages/redlock-core/src/protocol/reading.js';
import type { LockMode } from 'redlock-core';
import { RedisServer } from './redis-server.js';
import type { Server } from './server.js';

// The only file of this folder, beside those about queues, that knows how the core words its commands.

/** In ms. Remaining times are rounded up to whole steps, so the duration of a test does not matter. */
export const STEP = 100_000;
export const [SHORT, TTL, LONG] = [6 * STEP, 12 * STEP, 18 * STEP];
/** How much longer than its lock a fencing counter stays. */
export const GRACE = 3 * STEP;
/** The remaining time of a key that never expires. */
export const FOREVER = -1;
/** The state of a key that is missing. */
export const FREE = 'free';

/** What a server is asked to do. */
export interface Request {
  readonly verb: 'acquire' | 'extend' | 'release' | 'inspect';
  /** The names of the keys, each one word. */
  readonly keys: string;
  readonly token?: string;
  readonly ttl?: number;
  /** The proposal or, if the verb is not `acquire`, the fencing token. Without it the lock has no fencing. */
  readonly fence?: number;
  readonly mode?: LockMode;
  /** How many permits there are, if the key is that of a permit. */
  readonly permits?: number;
  /** For `acquire`: the token that is replaced. The keys must hold it. */
  readonly replaces?: string;
  /** For `extend`: whether missing keys are set. */
  readonly repair?: boolean;
  /** For `extend`: whether it raises the counters after a grant. */
  readonly writeBack?: boolean;
  /** For `release`: the token that replaces the released one, for `keepFor` ms or as long as the keys have left. */
  readonly successor?: string;
  readonly keepFor?: number;
  /** What it does in queues, in today's words, one for each key. */
  readonly queue?: readonly string[];
}

type Rest = Omit<Request, 'verb' | 'keys'>;

/** What the core reads in a reply. */
export type Reading = ReadOutcome<unknown>;

/** Maps each key that denied a request to who holds it, for how long, and what else the server knows. */
type Denied = Readonly<Record<string, readonly unknown[]>>;

/** What became of a request. `granted` has the value of the counter, which is 0 without fencing. */
export type Outcome =
  | { readonly granted: number }
  | { readonly denied: Denied }
  | { readonly failed: string }
  | { readonly holders: readonly unknown[]; readonly waiting: number }
  | 'acknowledged'
  | 'superseded'
  | 'absent'
  | 'refused'
  | 'released';

export const granted = (counter = 0): Outcome => ({ granted: counter });
export const denied = (by: Denied): Outcome => ({ denied: by });
export const failed = (code: string): Outcome => ({ failed: code });

/** How commands are sent: one operation in the shortest form or by its own script, or beside another operation. */
export type Way = 'shortest' | 'alone' | 'batched';

export interface SubjectOptions {
  readonly way: Way;
  /** Changes the text of a script before it is sent. */
  readonly mutate?: (script: string) => string;
  /** Whether the server is sent the digest of a script. */
  readonly byDigest?: boolean;
}

/** One server that is asked by commands of the core. */
export class Subject {
  readonly #encoder = new BatchEncoder({ counterGrace: GRACE });

  constructor(
    readonly server: Server,
    readonly options: SubjectOptions,
  ) {}

  acquire = (keys: string, rest: Rest = {}) => this.ask({ verb: 'acquire', keys, ...rest });
  extend = (keys: string, rest: Rest = {}) => this.ask({ verb: 'extend', keys, ...rest });
  release = (keys: string, rest: Rest = {}) => this.ask({ verb: 'release', keys, ...rest });
  inspect = (keys: string) => this.ask({ verb: 'inspect', keys });

  async ask(request: Request): Promise<Outcome> {
    const beside: Request = { verb: 'inspect', keys: 'unrelated' };
    const isBatched = this.options.way === 'batched';
    const [outcome = failed('none')] = await this.askAll(request, ...(isBatched ? [beside] : []));
    return outcome;
  }

  /** The outcomes of requests that share one command. */
  async askAll(...requests: readonly Request[]): Promise<Outcome[]> {
    const readings = await this.read(...requests);
    return requests.map((request, index) => outcomeOf(request, readings[index]));
  }

  /** What the core reads in the reply to each of the requests. */
  async read(...requests: readonly Request[]): Promise<readonly Reading[]> {
    const batch = requests.map((request) => ({ operation: operationOf(request) }));
    const form = formOf(batch, this.options.way === 'shortest');
    const { mutate = (script) => script, byDigest = false } = this.options;
    const [name = '', script = '', ...rest] = this.#encoder.commandFor(batch, form, !byDigest);
    const command = [name, name === 'eval' ? mutate(script) : script, ...rest];
    let replies;
    try {
      replies = decodeReply(await this.server.call(command), batch, form);
    } catch (error) {
      const native = form === NATIVE_GRANT ? readNativeError(String(Object(error).message)) : null;
      const failure = { vote: 'failed', error: describeError(error) } as const;
      if (!Array.isArray(native)) return batch.map(() => failure);
      replies = native;
    }
    if (replies === null) throw new Error('There is not one reply for each operation');
    const all = replies;
    return batch.map(({ operation }, index) => readReply<unknown>(operation, all[index]));
  }

  /** The value of each key, with its remaining time. */
  async state(keys: string): Promise<unknown[]> {
    return Promise.all(
      keys.split(' ').map(async (key) => {
        const remaining = await this.server.remaining(key);
        if (remaining === -2) return FREE;
        return { [String(await this.server.get(key))]: left(remaining) };
      }),
    );
  }

  /** The same for the fencing counters of keys. */
  async counters(keys: string): Promise<unknown[]> {
    const names = keys.split(' ').map((key) => helperOf(key, ':fencing'));
    return this.state(names.join(' '));
  }

  /** The shared holders of a key and the remaining time of the key. Throws unless key and set expire together. */
  async shared(key: string): Promise<unknown> {
    const set = helperOf(key, ':shared');
    if ((await this.server.remaining(key)) === -2) return FREE;
    const [value, ...ends] = await Promise.all([
      this.server.get(key),
      this.server.expiresAt(key),
      this.server.expiresAt(set),
    ]);
    if (value !== 'shared' || ends[0] !== ends[1])
      throw new Error(`${value} until ${ends.join(' ')}`);
    const holders = (await this.server.members(set)).toSorted().join(' ');
    return [holders, left(await this.server.remaining(key))];
  }

  /** Which of the keys and their helper keys exist. */
  async existing(keys: string): Promise<string[]> {
    const suffixes = [':fencing', ':waiting', ':shared'];
    const names = keys
      .split(' ')
      .flatMap((key) => [key, ...suffixes.map((suffix) => helperOf(key, suffix))]);
    const all = await Promise.all(names.map((name) => this.server.remaining(name)));
    return names.filter((_, index) => all[index] !== -2);
  }

  /** Adds a shared holder directly to the set of a key. */
  async addHolder(key: string, token: string, endsAt: number): Promise<void> {
    await this.server.add(helperOf(key, ':shared'), token, endsAt, LONG);
  }

  now = async () => this.server.now();

  get redis(): RedisServer {
    if (this.server instanceof RedisServer) return this.server;
    throw new TypeError('This case needs a real server');
  }
}

function operationOf(request: Request): make.Operation {
  const { verb, keys, token = 'one', ttl = TTL, fence, replaces, queue } = request;
  const claim = new Claim(lockKeys(keys.split(' '), request), token);
  claim.fencingToken = fence ?? 0;
  claim.keepFor = request.keepFor ?? 0;
  claim.successor = request.successor ?? null;
  if (verb === 'inspect') return make.inspect(claim);
  if (verb === 'release') return make.release(claim, ttl, { entries: queue ?? null });
  if (verb === 'acquire') {
    if (replaces !== undefined) return make.adopt(claim, ttl, fence ?? 0, replaces);
    return make.grant(claim, ttl, fence ?? 0, queue ?? null);
  }
  if (request.writeBack) return make.confirm(claim, ttl);
  return request.repair ? make.heal(claim, ttl) : make.extend(claim, ttl);
}

function lockKeys(keys: readonly string[], { fence, permits, mode }: Request) {
  const fenced = fence !== undefined;
  if (permits === undefined) return lockKeysOf(keys, '', fenced, [], mode);
  const [, stem, permit] = /^(.*):permit:(\d+)$/.exec(keys.join('')) ?? [];
  return new PermitKeys(`${stem}:permits:waiting`, Number(permit), permits, fenced);
}

function outcomeOf({ verb, keys, writeBack, repair }: Request, read?: Reading): Outcome {
  if (!read || read.vote === 'failed') return failed(read?.error.code ?? 'no reply');
  const { vote, detail } = read;
  if (verb === 'inspect') {
    const { holders, waiting } = detail as KeyState;
    return { holders: holders.map((one) => [one.token, left(one.ttl), one.mode]), waiting };
  }
  if (verb === 'acquire') {
    if (typeof detail === 'number') return granted(detail);
    return denied(deniedBy(keys.split(' '), detail as readonly Denial[]));
  }
  if (vote === 'granted') return verb === 'release' ? 'released' : 'acknowledged';
  if (writeBack || repair) return 'refused';
  return detail === 'overtaken' ? 'superseded' : 'absent';
}

function deniedBy(keys: readonly string[], denials: readonly Denial[]): Denied {
  const entries = denials.map((denial) => {
    const { resource, value, tokens, remaining, ticket, rank, permits } = denial;
    const by = tokens === undefined ? value : `shared by ${tokens.toSorted().join(' ')}`;
    const standing = ticket === undefined ? [] : [{ ticket, rank }];
    const states = permits === undefined ? [] : [permits.text];
    return [keys[resource], [by, left(remaining), ...standing, ...states]] as const;
  });
  return Object.fromEntries(entries);
}

function left(remaining: number | null): number {
  if (remaining === null || remaining === Infinity) return FOREVER;
  return remaining < 0 ? remaining : Math.ceil(remaining / STEP) * STEP;
}
