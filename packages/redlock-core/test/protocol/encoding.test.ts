import { expect, test } from '@jest/globals';
import { Random } from 'test-kit/random';
import { batchesOf } from '../../src/protocol/batches.js';
import { Claim } from '../../src/protocol/claim.js';
import { operationsIn } from '../../src/protocol/encoded-operation.js';
import { keyRange } from '../../src/protocol/key-range.js';
import { grant, release, type Operation } from '../../src/protocol/operation.js';
import { PermitKeys } from '../../src/protocol/permit-keys.js';
import { slotOf } from '../../src/protocol/slot.js';
import { commandOf, type Wording } from '../support/operations.js';

const KINDS = [
  'grant',
  'adopt',
  'extend',
  'confirm',
  'heal',
  'release',
  'leave',
  'inspect',
] as const;

/** An operation as the core may send it. */
function randomWording(random: Random): Wording {
  const kind = random.pick(KINDS);
  const permits = kind === 'grant' && random.chance(0.2) ? random.integer(1, 1000) : undefined;
  const keys = random.shuffled(['a', '{b}', 'c:d', 'e f']);
  const resources = permits
    ? ['{s}:permit:3']
    : keys.slice(0, kind === 'inspect' ? 1 : random.integer(1, 4));
  const isFenced = kind === 'confirm' || random.chance(0.5);
  const waits =
    kind === 'leave' || ((kind === 'grant' || kind === 'release') && random.chance(0.5));
  const isReplaced = kind === 'release' && !waits && random.chance(0.5);
  return {
    kind,
    resources,
    token: random.pick(['one', 'two', '']),
    ttl: random.pick([1000, 60_000]),
    ...(isFenced && { fence: random.integer(1, 2 ** 52) }),
    ...(kind === 'adopt' && { from: 'old' }),
    ...(waits && { entries: resources.map((key) => `0:9000:30:${key}:called:me`) }),
    ...(isReplaced && { successor: 'next', keepFor: random.pick([0, 50]) }),
    ...(permits !== undefined && { permits }),
    ...(kind !== 'confirm' &&
      !permits &&
      random.chance(0.3) && { mode: 'shared', fence: undefined }),
  };
}

test('every operation is decoded as it was encoded, and its keys are in the key range', () => {
  const seed = Date.now();
  const random = new Random(seed);
  for (let round = 0; round < 500; round++) {
    const wordings = Array.from({ length: random.integer(1, 6) }, () => randomWording(random));
    const command = commandOf(wordings);
    const { start, end } = keyRange(command);
    const decoded = [...operationsIn(command)];
    const keys = decoded.flatMap((each) => [
      ...each.keys,
      ...each.counters,
      ...each.queues,
      ...each.sets,
    ]);
    expect({ seed, keys: command.slice(start, end) }).toEqual({ seed, keys });
    expect({ seed, decoded }).toEqual({ seed, decoded: wordings.map(expectedOf) });
  }
});

function expectedOf({ kind, resources, mode, permits, entries, ...wording }: Wording) {
  const isBare = kind === 'release' || kind === 'leave' || kind === 'inspect';
  const fence = (isBare ? undefined : wording.fence) ?? null;
  const hasEntry = entries ?? (kind === 'release' && wording.successor === undefined);
  const none = resources.map(() => '');
  const states = permits === undefined ? [] : [String(permits)];
  const shares = mode === 'shared' && kind === 'grant';
  const expected = entries ?? (hasEntry || shares || permits !== undefined ? none : []);
  return expect.objectContaining({
    keys: resources,
    token: kind === 'inspect' ? expect.anything() : wording.token,
    fence,
    other: wording.from ?? wording.successor ?? '',
    entries: [...expected, ...states],
    ttl: expect.any(Number),
    counters: fence === null ? [] : resources.map((key) => expect.stringContaining(key)),
  });
}

function sizesOf(permits: number, count: number, make: (claim: Claim) => Operation): number[] {
  const rounds = Array.from({ length: count }, (_, permit) => ({
    operation: make(new Claim(new PermitKeys('{s}:permits:waiting', permit, permits, true), 't')),
  }));
  return batchesOf(rounds, false).map(({ length }) => length);
}

const attempt = (claim: Claim): Operation => grant(claim, 1000, 7);

test('requests for permits share a command with fewer others the more permits a semaphore has', () => {
  expect(sizesOf(10, 128, attempt)).toEqual([128]);
  expect(sizesOf(1000, 5, attempt)).toEqual([2, 2, 1]);
  expect(sizesOf(1000, 128, (claim) => release(claim, 1000))).toEqual([128]);
});

// As Redis 7.0 replied.
test.each([
  ['123456789', 12_739],
  ['foo', 12_182],
  ['{foo}:1', 12_182],
  ['a{foo}{bar}', 12_182],
  ['schlüssel', 7677],
  ['{}foo', 9500],
  ['foo{}{bar}', 8363],
  ['foo}{bar', 7624],
  ['{foo', 13_308],
  ['foo{{bar}}zap', 4015],
  ['', 0],
])('%j is in the slot that CLUSTER KEYSLOT says', (key, slot) => {
  expect(slotOf(key)).toBe(slot);
});
