import { expect, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { Deployment, isReady } from 'testbed';
import { Random } from 'testbed/random';
import { commandOf, type Wording } from '../../packages/redlock-core/test/support/operations.js';
import { ioredisNode } from 'redlock-ioredis-adapter';

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
  'inspect',
] as const;
const BARE = new Set<Wording['kind']>(['release', 'inspect']);
const TOKENS = ['one', 'two', 'three'] as const;
/** Nothing expires midway, and by a remaining time it is plain which of them was set. */
const TTLS = [600_000, 1_200_000, 1_800_000] as const;
const KEPT = [300_000, 2_400_000] as const;
const LONGEST_RUN = 100_000;
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
  const seeds = new Random(Date.now());
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const seed = seeds.integer(0, MOST_SEED);
    let compared = false;
    while (!compared) {
      await client.flushall();
      compared = await compare(server, memoryNode({ name: 'twin' }), seed);
    }
  }
});

/**
 * One random sequence of commands, the same to both, and a look at all the keys they leave.
 * @returns false where it took too long to be compared
 */
async function compare(server: RedisNode, twin: RedisNode, seed: number): Promise<boolean> {
  const random = new Random(seed);
  const start = performance.now();
  const now = Date.now() * 1000;
  for (let step = 0; step <= COMMANDS; step++) {
    const operations = step < COMMANDS ? batch(random, now) : inspections();
    const command = commandOf(operations);
    const [real, memory] = await Promise.all([server.call(command), twin.call(command)]);
    if (performance.now() - start > TOO_LONG) return false;
    const expected = readings(operations, memory, now);
    const context = { seed, step, operations };
    expect({ ...context, replies: readings(operations, real, now) }).toEqual({
      ...context,
      replies: expected,
    });
  }
  return true;
}

/** Half of the operations are like the one before, so that they share a section of the command. */
function batch(random: Random, now: number): Wording[] {
  const operations: Wording[] = [];
  for (let left = random.integer(1, 5); left > 0; left--) {
    const { kind, resources, ttl, fence, keepFor, successor } =
      (random.chance(0.5) && operations.at(-1)) || manner(random, now);
    operations.push({
      kind,
      resources: random.shuffled(RESOURCES).slice(0, resources.length),
      token: random.pick(TOKENS),
      ttl,
      fence: fence === undefined ? undefined : now + random.pick(FENCES),
      ...(kind === 'adopt' && { from: random.pick(TOKENS) }),
      ...(keepFor !== undefined && { keepFor }),
      ...(successor !== undefined && { successor: random.pick(TOKENS) }),
    });
  }
  return operations;
}

function manner(random: Random, now: number): Wording {
  const kind = random.pick(KINDS);
  const most = kind === 'inspect' ? 1 : 3;
  // As the core sends them.
  const fenced = kind === 'confirm' || (!BARE.has(kind) && random.chance(2 / 3));
  return {
    kind,
    resources: random.shuffled(RESOURCES).slice(0, random.integer(1, most)),
    ttl: random.pick(TTLS),
    fence: fenced ? now : undefined,
    ...(kind === 'release' && leaving(random)),
  };
}

/** A release deletes its keys, leaves them to another token for a while, or as long as they would have stayed. */
function leaving(random: Random): Pick<Wording, 'keepFor' | 'successor'> {
  const successor = random.pick(TOKENS);
  return random.pick([{}, {}, { successor, keepFor: random.pick(KEPT) }, { successor }]);
}

/** Of all keys and counters. */
function inspections(): Wording[] {
  return RESOURCES.flatMap((resource) => [resource, `{${resource}}:fencing`]).map((key) => ({
    kind: 'inspect',
    resources: [key],
  }));
}

/** Replies in words, but for what is read off a clock, which is rounded. */
function readings(operations: readonly Wording[], reply: unknown, now: number): unknown[] {
  const several = operations.length > 1 && Array.isArray(reply);
  const replies: readonly unknown[] = several ? reply : operations.map(() => reply);
  return operations.map(({ kind, fence }, index) => {
    const one = replies[index];
    if (kind === 'inspect') {
      const [value, ms] = one as [string | null, number];
      return { value: value && counterReading(value, now), ms: remainingReading(ms) };
    }
    if (Array.isArray(one)) {
      return one.map(([position, value, ms]) => ({ position, value, ms: remainingReading(ms) }));
    }
    // It may also say in full that the counter is as proposed.
    return (kind === 'grant' || kind === 'adopt') && fence !== undefined
      ? counterReading(one === 1 ? fence : Number(one), now)
      : one;
  });
}

function remainingReading(ms: number): number {
  return Math.ceil(ms / LONGEST_RUN);
}

/** Where the node's clock has decided, only that it has: the clocks of the two are not the same. */
function counterReading(value: string | number, now: number): string | number {
  const ahead = Number(value) - now;
  if (Math.abs(ahead - CLAMP) < CLAMP_SPREAD) return 'as late as the clock allows';
  if (Math.abs(ahead + CLAMP) < CLAMP_SPREAD) return 'as early as the clock allows';
  return Number.isNaN(ahead) ? value : ahead;
}
