import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Random } from 'test-kit/random';
import type {
  Denied,
  GrantDetail,
  KeyState,
} from '../../packages/redlock-core/src/protocol/replies.js';
import { queueKey } from './support/queues.js';
import { redisOfFile } from './support/redis-server.js';
import { LocalServer, type Server } from './support/server.js';
import {
  channelOf,
  KEEP,
  LONG,
  type Reading,
  type Request,
  SHORT,
  STEP,
  Subject,
  TTL,
} from './support/subject.js';

/** How many random sequences are compared, and how many commands each has. */
const SEQUENCES = Number(process.env['TWIN_SEQUENCES'] ?? 100);
const COMMANDS = 14;
const KEYS = ['a', 'b', 'c'] as const;
/** The permits of one semaphore. A request names one of them. */
const PERMITS = ['{s}:permit:0', '{s}:permit:1', '{s}:permit:2'] as const;
const KINDS = [
  'acquire',
  'acquire',
  'wait',
  'wait',
  'adopt',
  'extend',
  'repair',
  'release',
  'release',
  'leave',
  'inspect',
] as const;
const TOKENS = ['one', 'two', 'three'] as const;
/** The processes that wait. The last one does not listen. */
const PROCESSES = ['p', 'q', 'dead'] as const;
const CHANNELS = ['p', 'q'].map(channelOf);
const TICKETS = [10, 20, 20, 30, 1_764_000_000_000_001] as const;
/** No key expires during a sequence, and its remaining time shows which expiry was set. */
const TTLS = [SHORT, TTL, LONG] as const;
/** Proposals relative to the clock, in µs: some within the second that servers accept, some far outside. */
const FENCES = [-9_000_000, -300_000, -1, 0, 1, 2, 300_000, 9_000_000] as const;
const SECOND = 1_000_000;
const MAX_SEED = 2 ** 31;
/** A sequence that took longer, in ms, is repeated: clocks are compared to a fraction of a second. */
const MAX_DURATION = 400;

const redis = redisOfFile();

test('a server and the memory server give the same replies to the same commands', async () => {
  const heard = await redis().subscribe(...CHANNELS);
  const seeds = new Random(Date.now());
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const seed = seeds.integer(0, MAX_SEED);
    let isCompared = false;
    while (!isCompared) {
      isCompared = await compare(heard, seed).catch((cause: unknown) => {
        throw new Error(`The sequence of seed ${seed} differs`, { cause });
      });
    }
  }
}, 600_000);

/**
 * Sends one random sequence of commands to both servers, and compares replies, messages and keys.
 * @returns false if the sequence took too long to be compared
 */
async function compare(heard: () => Promise<readonly string[]>, seed: number): Promise<boolean> {
  const server = redis();
  const memory = new LocalServer();
  await server.client.flushall();
  const heardBefore = (await heard()).length;
  const heardInMemory = await memory.subscribe(...CHANNELS);
  const random = new Random(seed);
  const start = performance.now();
  const now = Date.now() * 1000;
  for (let step = 0; step < COMMANDS; step++) {
    const requests = randomBatch(random, now);
    const way = random.chance(0.5) ? 'small' : 'large';
    const onCluster = random.chance(0.1);
    // Entries with equal tickets are in the order of their times, so both clocks move on.
    await setTimeout(1);
    memory.setClock();
    const [real, imitated] = await Promise.all(
      [server, memory].map(async (each) => {
        const readings = await new Subject(each, { way, onCluster }).read(...requests);
        const replies = readings.map((reading, i) => comparable(reading, requests[i]?.verb, now));
        return { replies, keys: await keysOf(each, now), queues: await queuesOf(each, now) };
      }),
    );
    if (performance.now() - start > MAX_DURATION) return false;
    expect({ step, requests, ...real }).toEqual({ step, requests, ...imitated });
  }
  expect((await heard()).slice(heardBefore)).toEqual(await heardInMemory());
  return true;
}

/** Half of the requests are like the one before, so that they share a section of the command. */
function randomBatch(random: Random, now: number): Request[] {
  const requests: Manner[] = [];
  for (let left = random.pick([1, 1, 2, 4]); left > 0; left--) {
    const last = requests.at(-1);
    const manner = last && random.chance(0.5) ? last : randomManner(random, now);
    const { count, permits, fence, successor } = manner;
    requests.push({
      ...manner,
      keys: random
        .shuffled(permits === undefined ? KEYS : PERMITS)
        .slice(0, count)
        .join(' '),
      token: random.pick(TOKENS),
      process: random.pick(PROCESSES),
      ...(fence !== undefined && { fence: now + random.pick(FENCES) }),
      ...(manner.replaces !== undefined && { replaces: random.pick(TOKENS) }),
      ...(successor !== undefined && { successor: random.pick(TOKENS) }),
      ...(manner.ticket !== undefined && { ticket: random.pick(TICKETS) }),
      ...(manner.tickets && { tickets: random.shuffled(TICKETS).slice(0, random.integer(0, 3)) }),
    });
  }
  return requests;
}

/** A request, and how many keys it has. Requests of one manner share a section. */
type Manner = Request & { readonly count: number };

/** A request as the core may send it, without its keys and tokens. */
function randomManner(random: Random, now: number): Manner {
  const kind = random.pick(KINDS);
  const ofPermit = random.chance(0.4);
  const mode = !ofPermit && random.chance(0.4) ? 'shared' : 'exclusive';
  const isBare = kind === 'release' || kind === 'leave' || kind === 'inspect';
  const isFenced = mode === 'exclusive' && !isBare && random.chance(2 / 3);
  return {
    verb: verbOf(kind),
    keys: '',
    mode,
    count: kind === 'inspect' || ofPermit ? 1 : random.pick([1, 1, 2, 3]),
    ttl: random.pick(TTLS),
    ...(isFenced && { fence: 0 }),
    ...(kind === 'adopt' && { replaces: '' }),
    ...(kind === 'repair' && { repair: true }),
    ...(kind === 'acquire' && random.chance(0.3) && { ticket: 0 }),
    ...(kind === 'wait' && { ticket: 0, keep: random.pick([0, KEEP]) }),
    ...(kind === 'leave' && { tickets: [] }),
    ...(kind === 'release' && randomRelease(random, now)),
    ...(ofPermit && { permits: PERMITS.length }),
    ...(random.chance(0.05) && { queued: false }),
  };
}

function verbOf(kind: (typeof KINDS)[number]): Request['verb'] {
  if (kind === 'inspect') return 'inspect';
  if (kind === 'extend' || kind === 'repair') return 'extend';
  return kind === 'release' || kind === 'leave' ? 'release' : 'acquire';
}

/** A release deletes its keys, or leaves them to a successor; it notifies the next, or touches no queue. */
function randomRelease(random: Random, now: number): Partial<Request> {
  const until = Math.floor(now / 1000) + random.pick([-1, SHORT, LONG]);
  return random.pick<Partial<Request>>([
    {},
    {},
    { quiet: true },
    { successor: '', keepFor: random.pick(TTLS) },
    { successor: '', until },
    { successor: '', keepFor: SHORT, tickets: [] },
  ]);
}

/** All keys of a server but its queues: their values, holders and remaining times. */
async function keysOf(server: Server, now: number): Promise<unknown> {
  const counters = [
    ...KEYS.map((key) => `{${key}}:fencing`),
    ...PERMITS.map((key) => `${key}::fencing`),
  ];
  const strings = [...KEYS, ...PERMITS, ...counters].map(async (key) => {
    const value = await server.get(key);
    return [key, value && comparableCounter(value, now), rounded(await server.remaining(key))];
  });
  const sets = KEYS.map(async (key) => membersOf(server, `{${key}}:shared`, now));
  return Promise.all([...strings, ...sets]);
}

async function queuesOf(server: Server, now: number): Promise<unknown> {
  return Promise.all([...KEYS, PERMITS[0]].map((key) => membersOf(server, queueKey(key), now)));
}

/** The members of a sorted set in their order; of those with equal scores, by their text without times. */
async function membersOf(server: Server, key: string, now: number): Promise<unknown> {
  const members = await server.members(key);
  const texts = members.map(([member, score]) => {
    const text = member.replace(/\d+/, (until) => `${rounded(Number(until) - now / 1000)}`);
    return `${score < 2e12 && score > 1e12 ? rounded(score - now / 1000) : score} ${text}`;
  });
  return [key, rounded(await server.remaining(key)), ...texts.toSorted()];
}

/** A reading in which everything that depends on a clock is rounded. */
function comparable(reading: Reading, verb: Request['verb'] | undefined, now: number): unknown {
  if (reading.vote === 'failed') return [reading.error.code, reading.error.message];
  const { vote, detail } = reading;
  if (verb === 'inspect') {
    const { holders, token, expiresIn, ...rest } = detail as KeyState;
    const held = holders.map((each) => `${each.token} ${each.mode} ${rounded(each.expiresIn)}`);
    return { ...rest, held: held.toSorted(), token, expiresIn: rounded(expiresIn) };
  }
  if (verb !== 'acquire') return [vote, detail];
  if (vote === 'granted') {
    const { counter, expiresAt } = detail as GrantDetail;
    return [comparableCounter(counter, now), expiresAt && rounded(expiresAt - now / 1000)];
  }
  const { time, denials } = detail as Denied;
  return {
    isNow: Math.abs(time - now) < SECOND,
    denials: denials.map(({ remaining, tokens, ...rest }) => ({
      ...rest,
      remaining: rounded(remaining),
      tokens: tokens.toSorted(),
    })),
  };
}

function rounded(ms: number | null): number | null {
  return ms === null || ms < 0 ? ms : Math.round(ms / STEP);
}

/** Where the clock of the server decided, only that it did: two clocks differ. */
function comparableCounter(value: string | number, now: number): string | number {
  const ahead = Number(value) - now;
  if (Math.abs(ahead - SECOND) < SECOND / 2) return 'as late as the clock allows';
  if (Math.abs(ahead + SECOND) < SECOND / 2) return 'as early as the clock allows';
  return Number.isNaN(ahead) ? value : ahead;
}
