import { encode, inSections } from '../../../packages/redlock-core/src/protocol/commands.js';
import { describeError } from '../../../packages/redlock-core/src/protocol/errors.js';
import {
  counterOf,
  LockKeys,
  queueOf,
  SemaphoreKeys,
  setOf,
} from '../../../packages/redlock-core/src/protocol/keys.js';
import * as make from '../../../packages/redlock-core/src/protocol/operations.js';
import {
  type Denied,
  type GrantDetail,
  type KeyState,
  read,
  type Reading,
  repliesIn,
} from '../../../packages/redlock-core/src/protocol/replies.js';
import { SMALL_ACQUIRE_SCRIPT } from '../../../packages/redlock-core/src/protocol/script/index.js';
import type { LockMode } from '../../../packages/redlock-core/src/options.js';
import { RedisServer } from './redis-server.js';
import type { Server } from './server.js';

// The only file of this folder, beside the one about queues, that knows how the core writes its commands.

/** In ms. Remaining times are rounded up to whole steps, so the duration of a test does not matter. */
export const STEP = 100_000;
export const [SHORT, TTL, LONG] = [6 * STEP, 12 * STEP, 18 * STEP];
/** How much longer than its lock a fencing counter stays. */
export const GRACE = 3 * STEP;
/** How long a waiter has to come back, how long its entry stays, and for how long it keeps keys, in ms. */
export const [WINDOW, LEASE, KEEP] = [2 * STEP, 4 * STEP, 5 * STEP];
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
  /** For `release`: the token that replaces the released one, for `keepFor` ms or until a time by the node's clock. */
  readonly successor?: string;
  readonly keepFor?: number;
  readonly until?: number;
  /** Who waits, or leaves: the name of a process. */
  readonly process?: string;
  /** The ticket of a request, or those whose entries a release removes. */
  readonly ticket?: number;
  readonly tickets?: readonly number[];
  /** For `acquire`: the caller is entered, and for how many ms keys that do not deny are kept for it. */
  readonly keep?: number;
  /** For `release`: it touches no queue. */
  readonly quiet?: boolean;
  /** Whether the keys can have queues. Default true. */
  readonly queued?: boolean;
}

export type Rest = Omit<Request, 'verb' | 'keys'>;

export type { Reading };

/** Maps each key that denied a request to who holds it (null: a queue), for how long, and what else the server knows. */
type DeniedBy = Readonly<Record<string, readonly unknown[]>>;

/** What became of a request. `granted` has the value of the counter, which is 0 without fencing. */
export type Outcome =
  | { readonly granted: number; readonly left?: number }
  | { readonly denied: DeniedBy }
  | { readonly failed: string }
  | { readonly holders: readonly unknown[]; readonly waiting: number }
  | 'acknowledged'
  | 'superseded'
  | 'absent'
  | 'refused'
  | 'released';

export const granted = (counter = 0): Outcome => ({ granted: counter });
export const adopted = (counter: number, remaining: number): Outcome => ({
  granted: counter,
  left: remaining,
});
export const denied = (by: DeniedBy): Outcome => ({ denied: by });
export const failed = (code: string): Outcome => ({ failed: code });

/** How commands are sent: by the small script where one serves, by the large one, or beside another operation. */
export type Way = 'small' | 'large' | 'batched';

export interface SubjectOptions {
  readonly way: Way;
  /** Changes the text of a script before it is sent. */
  readonly mutate?: (script: string) => string;
  /** Whether the server is sent the digest of a script. */
  readonly byDigest?: boolean;
  /** Whether commands say that the server is one of a Cluster. */
  readonly onCluster?: boolean;
}

/** One server that is asked by commands of the core. */
export class Subject {
  constructor(
    readonly server: Server,
    readonly options: SubjectOptions,
  ) {}

  acquire = (keys: string, rest: Rest = {}) => this.ask({ verb: 'acquire', keys, ...rest });
  extend = (keys: string, rest: Rest = {}) => this.ask({ verb: 'extend', keys, ...rest });
  release = (keys: string, rest: Rest = {}) => this.ask({ verb: 'release', keys, ...rest });
  inspect = (keys: string, rest: Rest = {}) => this.ask({ verb: 'inspect', keys, ...rest });

  async ask(request: Request): Promise<Outcome> {
    const beside: Request = { verb: 'inspect', keys: 'unrelated' };
    const isBatched = this.options.way === 'batched';
    const [outcome = failed('none')] = await this.askAll(request, ...(isBatched ? [beside] : []));
    return outcome;
  }

  /** The outcomes of requests that share one command. */
  async askAll(...requests: readonly Request[]): Promise<Outcome[]> {
    const readings = await this.read(...requests);
    const now = (await this.now()) / 1000;
    return requests.map((request, index) => outcomeOf(request, readings[index], now));
  }

  /** What the core reads in the reply to each of the requests. */
  async read(...requests: readonly Request[]): Promise<readonly Reading[]> {
    const items = requests.map((request) => ({ operation: operationOf(request) }));
    const sections = inSections(items);
    const order = sections.flat();
    let replies: 1 | readonly unknown[];
    try {
      replies = await this.#send(sections, order.length);
    } catch (error) {
      return items.map(() => ({ vote: 'failed', error: describeError(error) }));
    }
    return items.map((item) =>
      read(item.operation, replies === 1 ? 1 : replies[order.indexOf(item)]),
    );
  }

  async #send(
    sections: readonly (readonly { readonly operation: make.Operation }[])[],
    count: number,
    isLarge = this.options.way === 'large',
  ): Promise<1 | readonly unknown[]> {
    const { mutate = (script) => script, byDigest = false, onCluster = false } = this.options;
    const { script, args } = encode(sections, GRACE, onCluster, isLarge);
    const reply = await this.server.call(
      byDigest ? ['evalsha', script.sha, ...args] : ['eval', mutate(script.source), ...args],
    );
    if (script === SMALL_ACQUIRE_SCRIPT && reply === 0) return this.#send(sections, count, true);
    const replies = repliesIn(reply, count);
    if (replies === null) throw new Error('There is not one reply for each operation');
    return replies;
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
    return this.state(keys.split(' ').map(counterOf).join(' '));
  }

  /** The shared holders of a key and the remaining time of the key. Throws unless key and set expire together. */
  async shared(key: string): Promise<unknown> {
    const set = setOf(key);
    if ((await this.server.remaining(key)) === -2) return FREE;
    const [value, ...ends] = await Promise.all([
      this.server.get(key),
      this.server.expiresAt(key),
      this.server.expiresAt(set),
    ]);
    const members = await this.server.members(set);
    const latest = Math.max(...members.map(([, score]) => score));
    if (value !== 'shared' || ends.some((end) => end !== latest))
      throw new Error(`${value} until ${ends.join(' ')}, holders until ${latest}`);
    const holders = members.map(([member]) => member).toSorted();
    return [holders.join(' '), left(await this.server.remaining(key))];
  }

  /** Which of the keys and their helper keys exist. */
  async existing(keys: string): Promise<string[]> {
    const names = keys.split(' ').flatMap((key) => [key, counterOf(key), queueOf(key), setOf(key)]);
    const all = await Promise.all(names.map((name) => this.server.remaining(name)));
    return names.filter((_, index) => all[index] !== -2);
  }

  /** Adds a shared holder directly to the set of a key. */
  async addHolder(key: string, token: string, endsAt: number): Promise<void> {
    await this.server.add(setOf(key), token, endsAt, LONG);
  }

  now = async () => this.server.now();

  get redis(): RedisServer {
    if (this.server instanceof RedisServer) return this.server;
    throw new TypeError('This case needs a real server');
  }
}

/** The channel on which a process is notified. */
export function channelOf(process: string): string {
  return `redlock:notify:${process}`;
}

function operationOf(request: Request): make.Operation {
  const { verb, keys: names, token = 'one', ttl = TTL, fence = 0, replaces } = request;
  const keys = lockKeys(names.split(' '), request);
  if (verb === 'inspect') return make.inspect(keys);
  if (verb === 'release') return releaseOf(keys, token, ttl, request);
  if (verb === 'acquire') {
    if (replaces !== undefined) return make.adopt(keys, token, ttl, fence, replaces);
    return make.acquire(keys, token, ttl, fence, ticketOf(request));
  }
  return (request.repair ? make.repair : make.extend)(keys, token, ttl, fence);
}

function ticketOf({ process = 'me', ticket, keep }: Request): make.Ticketed | null {
  if (ticket === undefined) return null;
  const entry = keep === undefined ? null : { lease: LEASE, window: WINDOW, keep };
  return { ticket, channel: channelOf(process), entry };
}

function releaseOf(keys: LockKeys, token: string, ttl: number, request: Request): make.Operation {
  const { successor, keepFor = TTL, until, process = 'me', tickets = [], quiet } = request;
  const queue = quiet ? null : { channel: channelOf(process), tickets };
  if (successor === undefined) return make.release(keys, token, ttl, queue);
  const next = {
    token: successor,
    until: until === undefined ? { ms: keepFor } : { at: until },
  };
  return make.release(keys, token, ttl, request.tickets ? queue : null, next);
}

function lockKeys(keys: readonly string[], { fence, permits, mode, queued }: Request): LockKeys {
  const isFenced = fence !== undefined;
  const [, name = ''] = /^\{(.*)\}:permit:\d+$/.exec(keys.join('')) ?? [];
  const semaphore = permits === undefined ? null : new SemaphoreKeys(name, '', permits);
  return new LockKeys(keys, isFenced, mode, queued, semaphore);
}

function outcomeOf(
  { verb, keys, repair }: Request,
  reading: Reading | undefined,
  now: number,
): Outcome {
  if (!reading || reading.vote === 'failed') return failed(reading?.error.code ?? 'no reply');
  const { vote, detail } = reading;
  if (verb === 'inspect') {
    const { holders, waiting } = detail as KeyState;
    return { holders: holders.map((one) => [one.token, left(one.expiresIn), one.mode]), waiting };
  }
  if (verb === 'acquire') {
    if (vote === 'denied') return denied(deniedBy(keys.split(' '), detail as Denied));
    const { counter, expiresAt } = detail as GrantDetail;
    return expiresAt === undefined ? granted(counter) : adopted(counter, left(expiresAt - now));
  }
  if (vote === 'granted') return verb === 'release' ? 'released' : 'acknowledged';
  if (repair) return 'refused';
  return detail === 'superseded' ? 'superseded' : 'absent';
}

function deniedBy(keys: readonly string[], { denials }: Denied): DeniedBy {
  const entries = denials.map((denial) => {
    const { resource, value, tokens, remaining, rank, free, room } = denial;
    const by = tokens.length === 0 ? value : `${value} by ${tokens.toSorted().join(' ')}`;
    const queue = rank === 0 ? [] : [{ rank }];
    const states = free.length === 0 && !room ? [] : [{ free: free.join(' '), room }];
    return [keys[resource], [by, left(remaining), ...queue, ...states]] as const;
  });
  return Object.fromEntries(entries);
}

function left(remaining: number | null): number {
  if (remaining === null || remaining === Infinity) return FOREVER;
  return remaining < 0 ? remaining : Math.ceil(remaining / STEP) * STEP;
}
