import { expect, test } from '@jest/globals';
import { Random } from 'test-kit/random';
import { decode, type EncodedOperation, encode, inSections } from '../../src/protocol/commands.js';
import { LockKeys, SemaphoreKeys } from '../../src/protocol/keys.js';
import * as make from '../../src/protocol/operations.js';
import { SMALL_ACQUIRE_SCRIPT, LARGE_SCRIPT } from '../../src/protocol/script/index.js';

const GRACE = 60_000;
const KINDS = ['acquire', 'adopt', 'extend', 'repair', 'release', 'leave', 'inspect'] as const;
const CHANNEL = 'redlock:notify:me';

function randomKeys(random: Random, isOne: boolean): LockKeys {
  const isFenced = random.chance(0.5);
  const isQueued = random.chance(0.9);
  if (random.chance(0.2)) {
    const semaphore = new SemaphoreKeys('s', 'app:', random.integer(1, 9));
    return new LockKeys([semaphore.keyOf(0)], isFenced, 'exclusive', isQueued, semaphore);
  }
  const keys = random.shuffled(['a', '{b}', 'c:d', 'e f']);
  const count = isOne ? 1 : random.pick([1, 1, 2, 4]);
  const mode = random.chance(0.3) ? 'shared' : 'exclusive';
  return new LockKeys(keys.slice(0, count), isFenced && mode === 'exclusive', mode, isQueued);
}

/** An operation as the core may send it. */
function randomOperation(random: Random): make.Operation {
  const kind = random.pick(KINDS);
  const keys = randomKeys(random, kind === 'inspect');
  const token = random.pick(['one', 'two', 'a:b c']);
  const ttl = random.pick([1000, 60_000]);
  const fence = random.integer(1, 2 ** 52);
  const tickets = random.shuffled([7, 1_764_000_000_000_001]).slice(0, random.integer(0, 2));
  switch (kind) {
    case 'acquire':
      return make.acquire(keys, token, ttl, fence, randomTicket(random));
    case 'adopt':
      return make.adopt(keys, token, ttl, fence, 'old');
    case 'extend':
      return make.extend(keys, token, ttl, fence);
    case 'repair':
      return make.repair(keys, token, ttl, fence);
    case 'release': {
      const until = random.chance(0.5) ? { ms: 500 } : { at: 1_764_000_000_000 };
      const successor = random.chance(0.5) ? { token: 'next', until } : null;
      return make.release(keys, token, ttl, null, successor);
    }
    case 'leave':
      return make.release(keys, token, ttl, { channel: CHANNEL, tickets });
    case 'inspect':
    default:
      return make.inspect(keys);
  }
}

function randomTicket(random: Random): make.Ticketed | null {
  if (random.chance(0.4)) return null;
  const entry = { lease: random.pick([1000, 3000]), window: 50, keep: random.pick([0, 40]) };
  const ticket = random.pick([12, 1_764_000_000_000_001]);
  return { ticket, channel: CHANNEL, entry: random.chance(0.7) ? entry : null };
}

/** What a server must read of an operation. */
function expectedOf(operation: make.Operation, isSmall: boolean): Partial<EncodedOperation> {
  const { verb, keys, token, ttl, fence, adopts, repairs, successor, queue } = operation;
  const isAcquire = verb === 'acquire';
  const isGrant = isAcquire && adopts === null;
  const namesQueue =
    keys.queued && (isGrant || verb === 'inspect' || (verb === 'release' && queue));
  const shared = keys.mode === 'shared' && verb !== 'inspect';
  const namesSets = !isSmall && (shared || (namesQueue && verb !== 'release'));
  const until = typeof successor?.until === 'object' ? successor.until : undefined;
  const time = until && ('at' in until ? until.at : until.ms);
  const ticketed = !isSmall && keys.queued && queue && 'ticket' in queue ? queue : null;
  const leaving = keys.queued && queue && 'tickets' in queue ? queue : null;
  return {
    verb: verb.charAt(0) as EncodedOperation['verb'],
    shared,
    repairs,
    keys: keys.keys,
    counters: fence > 0 ? keys.counters : [],
    queues: namesQueue ? keys.queues : [],
    sets: namesSets ? keys.sets : [],
    permitKeys: isGrant ? keys.permitKeys : [],
    token,
    ttl: time ?? (isAcquire || verb === 'extend' ? ttl : null),
    isAbsolute: until !== undefined && 'at' in until,
    counterTtl: fence > 0 ? ttl + GRACE : 0,
    fence: fence > 0 ? fence : null,
    other: adopts ?? successor?.token ?? null,
    ticketed: ticketed && {
      ticket: String(ticketed.ticket),
      channel: CHANNEL,
      entry: ticketed.entry && {
        lease: ticketed.entry.lease,
        keep: ticketed.entry.keep,
        tail: `${shared ? 's' : 'x'}:50:${isGrant && keys.permitKeys.length > 0 ? keys.permitKeys.length : ''}:${CHANNEL}`,
      },
    },
    leaving:
      leaving && leaving.tickets.length > 0
        ? { channel: leaving.channel, tickets: leaving.tickets.map(String) }
        : null,
  };
}

test('every operation is decoded as it was encoded, and its keys come first', () => {
  const seed = Date.now();
  const random = new Random(seed);
  for (let round = 0; round < 2000; round++) {
    const items = Array.from({ length: random.pick([1, 2, 3, 6]) }, () => ({
      operation: randomOperation(random),
    }));
    const sections = inSections(items);
    const onCluster = random.chance(0.5);
    const command = encode(sections, GRACE, onCluster, random.chance(0.3));
    const decoded = decode(command);
    const isSmall = command.script !== LARGE_SCRIPT;
    const expected = sections.flat().map(({ operation }) => expectedOf(operation, isSmall));
    expect({ seed, decoded: decoded.operations }).toEqual({ seed, decoded: expected });
    expect(decoded.isSmallAcquire).toBe(command.script === SMALL_ACQUIRE_SCRIPT);
    if (!decoded.isSmallAcquire) expect(decoded.onCluster).toBe(onCluster);
    const keys = decoded.operations.flatMap((each) => [
      ...each.keys,
      ...each.counters,
      ...each.queues,
      ...each.sets,
      ...each.permitKeys,
    ]);
    const written = command.args.slice(1, 1 + Number(command.args[0]));
    expect({ seed, keys: written.toSorted() }).toEqual({ seed, keys: keys.toSorted() });
  }
});

test('releases come first in a command', () => {
  const keys = new LockKeys(['a'], true);
  const operations = [make.extend(keys, 't', 9, 1), make.release(keys, 't', 9), make.inspect(keys)];
  const sections = inSections(operations.map((operation) => ({ operation })));
  expect(sections.flat().map(({ operation }) => operation.verb)).toEqual([
    'release',
    'extend',
    'inspect',
  ]);
});
