import { expect, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { Deployment, isReady } from 'test-kit';
import { Random } from 'test-kit/random';
import { NATIVE_GRANT } from '../../packages/redlock-core/src/protocol/native-grant.js';
import { commandOf, type Wording } from '../../packages/redlock-core/test/support/operations.js';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { WaitingEars } from './support/waiting-ears.js';
import { channelOf, entryOf, EXPIRY, memberOf } from './support/queue-words.js';

const SEQUENCES = 300;
const COMMANDS = 12;
const RESOURCES = ['a', 'b', 'c', 'd'] as const;
const KINDS = [
  'grant',
  'grant',
  'adopt',
  'extend',
  'confirm',
  'heal',
  'release',
  'leave',
  'inspect',
] as const;
const BARE = new Set<Wording['kind']>(['release', 'leave', 'inspect']);
const TOKENS = ['one', 'two', 'three'] as const;
/** Those that wait. Nobody hears the last one. */
const PROCESSES = ['p', 'q', 'dead'] as const;
/** A semaphore, whose permits are asked for one at a time. */
const PERMITS = ['{s}:permit:0', '{s}:permit:1', '{s}:permit:2'] as const;
const PERMIT_LINE = '{s}:permits:waiting';
const CHANNELS = [...RESOURCES, PERMIT_LINE].flatMap((key) => [
  channelOf(key, 'p'),
  channelOf(key, 'q'),
]);
/** What an entry of a release says before it. */
const SAYS = ['', '-', '+', '=', '= alone'] as const;
/** In microseconds. Tickets that count from the clock are so far apart, because clocks differ by less. */
const APART = 2_000_000;
/** Nothing expires midway, and by a remaining time it is plain which of them was set. */
const TTLS = [600_000, 1_200_000, 1_800_000] as const;
const KEPT = [300_000, 2_400_000] as const;
const SPENT = 100_000;
/** In microseconds from the clock: some within the second that both leave as it is, some far beyond. */
const FENCES = [-9_000_000, -300_000, -1, 0, 1, 2, 300_000, 9_000_000] as const;
const CLAMP = 1_000_000;
const CLAMP_SPREAD = 500_000;
const MOST_SEED = 2 ** 31;
/** A sequence that has taken longer, in ms, proves nothing: clocks decide by fractions of a second. */
const TOO_LONG = 200;

test('a server and its twin in memory give the same replies to the same commands', async () => {
  await using deployment = await Deployment.start(1, { config: { appendonly: 'no' } });
  const client = deployment.client(6, 0);
  await isReady(client);
  const server = ioredisNode(client);
  using ears = await WaitingEars.open(server, CHANNELS);
  const seeds = new Random(Date.now());
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const seed = seeds.integer(0, MOST_SEED);
    let compared = false;
    while (!compared) {
      await client.flushall();
      compared = await compare(server, ears, seed).catch((cause: unknown) => {
        throw new Error(`The sequence of seed ${seed} differs`, { cause });
      });
    }
  }
});

/**
 * One random sequence of commands, the same to both, and a look at all the keys they leave.
 * @returns false where it took too long to be compared
 */
async function compare(server: RedisNode, ears: WaitingEars, seed: number): Promise<boolean> {
  const twin = memoryNode({ name: 'twin' });
  using twinEars = await WaitingEars.open(twin, CHANNELS);
  const random = new Random(seed);
  const start = performance.now();
  const now = Date.now() * 1000;
  for (let step = 0; step <= COMMANDS; step++) {
    const operations = step < COMMANDS ? batch(random, now, step) : inspections();
    const isNative =
      operations.length === 1 && operations.every(isPlainGrant) && random.chance(0.5);
    const command = commandOf(operations, isNative ? NATIVE_GRANT : undefined);
    const [real, memory] = await Promise.all([server.call(command), twin.call(command)]);
    if (performance.now() - start > TOO_LONG) {
      await ears.listen();
      return false;
    }
    const expected = readings(operations, memory, now);
    const context = { step, operations };
    expect({ ...context, replies: readings(operations, real, now) }).toEqual({
      ...context,
      replies: expected,
    });
  }
  const expected = (await twinEars.listen()).map((each) => each.filter(Boolean));
  const heard = (await ears.listen()).map((each) => each.filter(Boolean));
  expect(heard).toEqual(expected);
  return true;
}

/** Half of the operations are like the one before, so that they share a section of the command. */
function batch(random: Random, now: number, step: number): Wording[] {
  const operations: Wording[] = [];
  for (let left = random.integer(1, 5); left > 0; left--) {
    const { kind, mode, resources, ttl, fence, keepFor, successor, entries, permits } =
      (random.chance(0.5) && operations.at(-1)) || manner(random, now);
    const keys = random.shuffled(permits ? PERMITS : RESOURCES).slice(0, resources.length);
    const lines = permits ? [PERMIT_LINE] : keys;
    const ticket = -APART * (step * 10 + left);
    operations.push({
      kind,
      mode,
      resources: keys,
      token: kind === 'leave' ? 'of nobody' : random.pick(TOKENS),
      ttl,
      fence: fence === undefined ? undefined : now + random.pick(FENCES),
      ...(kind === 'adopt' && { from: random.pick(TOKENS) }),
      ...(keepFor !== undefined && { keepFor }),
      ...(successor !== undefined && { successor: random.pick(TOKENS) }),
      ...(entries && { entries: entriesOf(random, kind, mode, lines, ticket) }),
      ...(permits && { permits }),
    });
  }
  return operations;
}

/** What one process says about its place in the queues. */
function entriesOf(
  random: Random,
  kind: Wording['kind'],
  mode: Wording['mode'],
  keys: readonly string[],
  relative: number,
): string[] {
  const process = random.pick(PROCESSES);
  const isMarked = random.chance(0.5);
  return keys.map((key) => {
    // A process that was called marks its try for a permit, and one that enters no queue its try for a shared lock.
    const sign = mode === 'shared' ? '?' : '*';
    const mark = isMarked && (mode === 'shared' || key === PERMIT_LINE) ? sign : '';
    const ticket = random.chance(0.5) ? relative : random.integer(1, 9);
    const entry = entryOf(key, process, ticket, EXPIRY, mode);
    if (kind === 'grant') return mark + entry;
    const says = kind === 'leave' ? '-' : random.pick(SAYS);
    if (says === '-') return says + memberOf(key, process);
    return says === '+' || says === '=' ? says + entry : says.charAt(0);
  });
}

/** Whether an operation is one that a node may be sent in its native form. */
function isPlainGrant({ kind, mode, resources, fence, entries, permits }: Wording): boolean {
  if (entries || permits || mode === 'shared') return false;
  return kind === 'grant' && resources.length === 1 && fence === undefined;
}

function manner(random: Random, now: number): Wording {
  const kind = random.pick(KINDS);
  const ofPermit = random.chance(0.4);
  const mode = kind !== 'confirm' && !ofPermit && random.chance(0.5) ? 'shared' : 'exclusive';
  const most = kind === 'inspect' || ofPermit ? 1 : 3;
  // As the core sends them.
  const mayBeFenced = mode === 'exclusive' && !BARE.has(kind);
  const fenced = kind === 'confirm' || (mayBeFenced && random.chance(2 / 3));
  const waits = kind === 'leave' || (kind === 'grant' && random.chance(0.5));
  return {
    kind,
    mode,
    resources: random.shuffled(RESOURCES).slice(0, random.integer(1, most)),
    ttl: random.pick(TTLS),
    fence: fenced ? now : undefined,
    ...(waits && { entries: [] }),
    ...(kind === 'release' && leaving(random)),
    ...(ofPermit && { permits: PERMITS.length }),
  };
}

type Leaving = Pick<Wording, 'keepFor' | 'successor' | 'entries'>;

/** A release deletes its keys, leaves them to another token for a while, or as long as they would have stayed. */
function leaving(random: Random): Leaving {
  const successor = random.pick(TOKENS);
  const kept = { successor, keepFor: random.pick(KEPT) };
  return random.pick<Leaving>([{}, { entries: [] }, { entries: [] }, kept, { successor }]);
}

/** Of all keys and counters. */
function inspections(): Wording[] {
  const keys = [
    ...RESOURCES.flatMap((resource) => [resource, `{${resource}}:fencing`]),
    ...PERMITS.flatMap((permit) => [permit, `${permit}::fencing`]),
  ];
  const each = keys.map((key): Wording => ({ kind: 'inspect', resources: [key] }));
  return [...each, { kind: 'inspect', resources: [PERMITS[0]], permits: PERMITS.length }];
}

/** Replies in words, but for what is read off a clock, which is rounded. */
function readings(operations: readonly Wording[], reply: unknown, now: number): unknown[] {
  const several = operations.length > 1 && Array.isArray(reply);
  const replies: readonly unknown[] = several ? reply : operations.map(() => reply);
  return operations.map(({ kind, fence }, index) => {
    const one = replies[index];
    if (kind === 'inspect') {
      const [value, ms, waiting, held] = one as [
        string | null,
        number,
        number,
        (string | number)[]?,
      ];
      const state = { value: value && counterReading(value, now), ms: remainingReading(ms) };
      return { ...state, waiting, holders: held && holdersReading(held) };
    }
    if (Array.isArray(one)) {
      return one.map(([position, value, ms, ticket, rank, tokens, states]) => {
        return {
          position,
          value,
          ms: remainingReading(ms),
          states,
          ticket: ticketReading(ticket, now),
          rank,
          tokens: tokens?.toSorted(),
        };
      });
    }
    // It may also say in full that the counter is as proposed.
    return (kind === 'grant' || kind === 'adopt') && fence !== undefined
      ? counterReading(one === 1 ? fence : Number(one), now)
      : one;
  });
}

/** Each with what is left to it. Those of one ms come in any order. */
function holdersReading(held: readonly (string | number)[]): string[] {
  const each = held.flatMap((token, i) =>
    typeof token === 'string' ? `${token} ${remainingReading(Number(held[i + 1]))}` : [],
  );
  return each.toSorted();
}

/** A small ticket was given, and any other counts from the clock. */
function ticketReading(ticket: number | null | undefined, now: number): string | undefined {
  if (typeof ticket !== 'number') return undefined;
  return ticket < APART ? `${ticket}` : `clock ${Math.round((ticket - now) / APART)}`;
}

function remainingReading(ms: number): number {
  return Math.round(ms / SPENT);
}

/** Where the node's clock has decided, only that it has: the clocks of the two are not the same. */
function counterReading(value: string | number, now: number): string | number {
  const ahead = Number(value) - now;
  if (Math.abs(ahead - CLAMP) < CLAMP_SPREAD) return 'as late as the clock allows';
  if (Math.abs(ahead + CLAMP) < CLAMP_SPREAD) return 'as early as the clock allows';
  return Number.isNaN(ahead) ? value : ahead;
}
