import { expect, test } from '@jest/globals';
import { Random } from 'test-kit/random';
import type { Denial, KeyState } from '../../packages/redlock-core/src/protocol/reading.js';
import { channelOf, entryOf, memberOf } from './support/queue-words.js';
import { redisOfFile } from './support/redis-server.js';
import { LocalServer } from './support/server.js';
import { type Reading, type Request, STEP, Subject, type Way } from './support/subject.js';

const SEQUENCES = 100;
const COMMANDS = 12;
const KEYS = ['a', 'b', 'c', 'd'] as const;
/** The permits of one semaphore. A request names one of them. */
const PERMITS = ['{s}:permit:0', '{s}:permit:1', '{s}:permit:2'] as const;
const KINDS = [
  'grant',
  'grant',
  'adopt',
  'extend',
  'write back',
  'repair',
  'release',
  'leave',
  'inspect',
] as const;
const TOKENS = ['one', 'two', 'three'] as const;
/** The processes that wait. The last one does not listen. */
const PROCESSES = ['p', 'q', 'dead'] as const;
const CHANNELS = [...KEYS, PERMITS[0]].flatMap((key) => [channelOf(key, 'p'), channelOf(key, 'q')]);
/** What a release does with its queue entry. */
const SIGNS = ['', '-', '+', '=', '= alone'] as const;
/** How far apart tickets are that are relative to the clock, in µs: further than two clocks. */
const APART = 2_000_000;
/** No key expires during a sequence, and its remaining time shows which expiry was set. */
const TTLS = [6 * STEP, 12 * STEP, 18 * STEP] as const;
const KEPT = [3 * STEP, 24 * STEP] as const;
/** Proposals relative to the clock, in µs: some within the second that servers accept, some far outside. */
const FENCES = [-9_000_000, -300_000, -1, 0, 1, 2, 300_000, 9_000_000] as const;
const SECOND = 1_000_000;
const MAX_SEED = 2 ** 31;
/** A sequence that took longer, in ms, is repeated: clocks are compared to a fraction of a second. */
const MAX_DURATION = 200;

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
});

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
  for (let step = 0; step <= COMMANDS; step++) {
    const requests = step < COMMANDS ? randomBatch(random, now, step) : inspections();
    const way: Way = random.chance(0.5) ? 'shortest' : 'alone';
    const [real, imitated] = await Promise.all(
      [server, memory].map(async (each) => {
        const readings = await new Subject(each, { way }).read(...requests);
        return readings.map((reading, index) => comparable(reading, requests[index]?.verb, now));
      }),
    );
    if (performance.now() - start > MAX_DURATION) return false;
    expect({ step, requests, readings: real }).toEqual({ step, requests, readings: imitated });
  }
  expect((await heard()).slice(heardBefore)).toEqual(await heardInMemory());
  return true;
}

/** Half of the requests are like the one before, so that they share a part of the command. */
function randomBatch(random: Random, now: number, step: number): Request[] {
  const requests: (Request & Manner)[] = [];
  for (let left = random.integer(1, 5); left > 0; left--) {
    const manner = (random.chance(0.5) && requests.at(-1)) || randomManner(random);
    const { verb, kind, mode, count, permits } = manner;
    const keys = random.shuffled(permits === undefined ? KEYS : PERMITS).slice(0, count);
    const ticket = -APART * (step * 10 + left);
    requests.push({
      ...manner,
      verb,
      keys: keys.join(' '),
      token: kind === 'leave' ? 'of nobody' : random.pick(TOKENS),
      ...(manner.fence !== undefined && { fence: now + random.pick(FENCES) }),
      ...(kind === 'adopt' && { replaces: random.pick(TOKENS) }),
      ...(manner.successor !== undefined && { successor: random.pick(TOKENS) }),
      ...(manner.queue && { queue: randomEntries(random, kind, mode, keys, ticket) }),
    });
  }
  return requests;
}

/** What requests of one kind have in common. */
type Manner = Omit<Request, 'keys' | 'token' | 'replaces'> & {
  readonly kind: (typeof KINDS)[number];
  readonly count: number;
};

/** A request as the core may send it. */
function randomManner(random: Random): Manner {
  const kind = random.pick(KINDS);
  const ofPermit = random.chance(0.4);
  const mode = kind !== 'write back' && !ofPermit && random.chance(0.5) ? 'shared' : 'exclusive';
  const isBare = kind === 'release' || kind === 'leave' || kind === 'inspect';
  const isFenced =
    kind === 'write back' || (mode === 'exclusive' && !isBare && random.chance(2 / 3));
  const waits = kind === 'leave' || (kind === 'grant' && random.chance(0.5));
  return {
    kind,
    verb: verbOf(kind),
    mode,
    count: random.integer(1, kind === 'inspect' || ofPermit ? 1 : 3),
    ttl: random.pick(TTLS),
    ...(isFenced && { fence: 0 }),
    ...(kind === 'write back' && { writeBack: true }),
    ...(kind === 'repair' && { repair: true }),
    ...(waits && { queue: [] }),
    ...(kind === 'release' && randomRelease(random)),
    ...(ofPermit && { permits: PERMITS.length }),
  };
}

function verbOf(kind: Manner['kind']): Request['verb'] {
  if (kind === 'grant' || kind === 'adopt') return 'acquire';
  if (kind === 'inspect') return 'inspect';
  return kind === 'release' || kind === 'leave' ? 'release' : 'extend';
}

/** A release deletes its keys, or leaves them to a successor for a while or as long as they have left. */
function randomRelease(random: Random): Pick<Request, 'keepFor' | 'successor' | 'queue'> {
  const successor = random.pick(TOKENS);
  const kept = { successor, keepFor: random.pick(KEPT) };
  return random.pick<ReturnType<typeof randomRelease>>([
    {},
    { queue: [] },
    { queue: [] },
    kept,
    { successor },
  ]);
}

/** What one process does in the queues. */
function randomEntries(
  random: Random,
  kind: Manner['kind'],
  mode: Request['mode'],
  keys: readonly string[],
  relative: number,
): string[] {
  const process = random.pick(PROCESSES);
  const isMarked = random.chance(0.5);
  return keys.map((key) => {
    // A notified process marks its request for a permit. One that enters no queue marks its request for a shared lock.
    const mark = mode === 'shared' ? '?' : '*';
    const mayBeMarked = mode === 'shared' || key.includes(':permit');
    const ticket = random.chance(0.5) ? relative : random.integer(1, 9);
    const entry = entryOf(key, process, ticket, mode);
    if (kind === 'grant') return (isMarked && mayBeMarked ? mark : '') + entry;
    const sign = kind === 'leave' ? '-' : random.pick(SIGNS);
    if (sign === '-') return sign + memberOf(key, process);
    return sign === '+' || sign === '=' ? sign + entry : sign.charAt(0);
  });
}

/** Of all keys and counters. */
function inspections(): Request[] {
  const keys = [
    ...KEYS.flatMap((key) => [key, `{${key}}:fencing`]),
    ...PERMITS.flatMap((permit) => [permit, `${permit}::fencing`]),
  ];
  const each = keys.map((key): Request => ({ verb: 'inspect', keys: key }));
  return [...each, { verb: 'inspect', keys: PERMITS[0], permits: PERMITS.length }];
}

/** A reading in which everything that depends on a clock is rounded, and tokens of equal rank are sorted. */
function comparable(reading: Reading, verb: Request['verb'] | undefined, now: number): unknown {
  if (reading.vote === 'failed') return reading.error.code;
  const { vote, detail } = reading;
  if (typeof detail === 'number' && verb === 'acquire')
    return [vote, comparableCounter(detail, now)];
  if (Array.isArray(detail)) {
    return detail.map(({ tokens, remaining, ticket, ...rest }: Denial) => ({
      ...rest,
      remaining: Math.round(remaining / STEP),
      ticket: ticket === undefined ? ticket : comparableTicket(ticket, now),
      tokens: tokens?.toSorted(),
    }));
  }
  if (verb !== 'inspect') return [vote, detail];
  const { holders, token, ttl, waiting } = detail as KeyState;
  const held = holders.map(
    (holder) =>
      `${comparableCounter(holder.token, now)} ${holder.mode} ${Math.round(Number(holder.ttl) / STEP)}`,
  );
  return {
    held: held.toSorted(),
    token: token && comparableCounter(token, now),
    ttl: ttl && Math.round(ttl / STEP),
    waiting,
  };
}

/** A small ticket was given. Any other is relative to the clock. */
function comparableTicket(ticket: number, now: number): string {
  return ticket < APART ? `${ticket}` : `clock ${Math.round((ticket - now) / APART)}`;
}

/** Where the clock of the server decided, only that it did: two clocks differ. */
function comparableCounter(value: string | number, now: number): string | number {
  const ahead = Number(value) - now;
  if (Math.abs(ahead - SECOND) < SECOND / 2) return 'as late as the clock allows';
  if (Math.abs(ahead + SECOND) < SECOND / 2) return 'as early as the clock allows';
  return Number.isNaN(ahead) ? value : ahead;
}
