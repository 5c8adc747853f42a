import { describe, expect, test } from '@jest/globals';
import { Keyspace } from '../../src/memory/keyspace.js';
import { Queue } from '../../src/memory/queue.js';
import { SharedHolders } from '../../src/memory/shared-holders.js';
import { ManualRuntime } from '../support/manual-runtime.js';

const MEMBER = (process: string): string => `30:r:called:${process}`;
const ENTRY = (process: string, ticket: number, ms = 5000): string =>
  `${ticket}:${ms}:${MEMBER(process)}`;

/** A queue for the key `r`, where nobody hears processes whose name begins with `dead`. */
function queue() {
  const runtime = new ManualRuntime();
  const keyspace = new Keyspace(runtime);
  const told: string[] = [];
  const publish = (channel: string, message: string): number => {
    if (channel.startsWith('r:called:dead')) return 0;
    told.push(`${channel} ${message}`);
    return 1;
  };
  const channels = { publish, receivers: (channel: string) => publish(channel, 'counted') };
  const sharers = SharedHolders.of({ keyspace, keys: ['r'], sets: ['set'] }, 0);
  const call = () => waiting.callFirst('r', sharers, channels);
  const waiting = new Queue(keyspace, 'queue');
  return { runtime, keyspace, sharers, channels, told, call, waiting };
}

describe('entering a queue', () => {
  test('gives the ticket, and how many stand before', () => {
    const { waiting } = queue();
    expect(waiting.enter(ENTRY('late', 9))).toEqual([9, 0]);
    expect(waiting.enter(ENTRY('early', 3))).toEqual([3, 0]);
    expect(waiting.enter(ENTRY('late', 2))).toEqual([2, 0]);
    expect(waiting.size).toBe(2);
  });

  test.each([0, -700_000])('with a ticket of %d counts from the clock', (ticket) => {
    const { waiting, runtime } = queue();
    expect(waiting.enter(ENTRY('me', ticket))).toEqual([runtime.wallNow() * 1000 + ticket, 0]);
  });

  test('lets the queue live as long as its longest entry needs', async () => {
    const { waiting, runtime, keyspace } = queue();
    waiting.enter(ENTRY('a', 1, 8000));
    waiting.enter(ENTRY('b', 2, 5000));
    expect(keyspace.remaining('queue')).toBe(8000);
    await runtime.advance(8000);
    expect(waiting.size).toBe(0);
  });

  test('does nothing where the key is no queue', () => {
    const { waiting, keyspace } = queue();
    keyspace.set('queue', 'a string', 5000);
    expect(waiting.enter(ENTRY('me', 1))).toEqual([]);
    expect(keyspace.get('queue')).toBe('a string');
  });
});

test('the last that leaves takes the queue with it', () => {
  const { waiting, keyspace } = queue();
  waiting.enter(ENTRY('a', 1));
  waiting.leave(ENTRY('a', 7));
  expect(keyspace.remaining('queue')).toBe(-2);
});

describe('a call', () => {
  test('goes to the first, keeps the key for it, and makes the second stand by', () => {
    const { waiting, keyspace, told, call } = queue();
    for (const [index, name] of ['a', 'b', 'c'].entries()) waiting.enter(ENTRY(name, index + 1));
    call();
    expect(told).toEqual(['r:called:a called', 'r:called:b stand by 30']);
    expect([keyspace.get('r'), keyspace.remaining('r')]).toEqual(['reserved:a', 30]);
    expect(waiting.size).toBe(2);
  });

  test('passes over those whom nobody hears, and takes them out', () => {
    const { waiting, keyspace, told, call } = queue();
    for (const [index, name] of ['dead', 'dead-too', 'a'].entries()) {
      waiting.enter(ENTRY(name, index + 1));
    }
    call();
    expect(told).toEqual(['r:called:a called']);
    expect(keyspace.get('r')).toBe('reserved:a');
    expect(waiting.size).toBe(0);
  });

  test('for a shared key passes over an exclusive process that nobody hears', () => {
    const { waiting, sharers, told, call } = queue();
    sharers.holdFor('token', 5000);
    waiting.enter(ENTRY('dead', 1));
    waiting.enter('2:5000:30s:r:called:reader');
    call();
    expect(told).toEqual(['r:called:reader called']);
    expect(sharers.holds('reserved:reader')).toBe(true);
  });

  test('that nobody hears leaves the key free', () => {
    const { waiting, keyspace, call } = queue();
    waiting.enter(ENTRY('dead', 1));
    call();
    expect(keyspace.get('r')).toBeNull();
  });
});

describe('the entry of a release', () => {
  test.each([
    { given: '', reservation: undefined, size: 1 },
    { given: '=', reservation: undefined, size: 1 },
    { given: `-${MEMBER('me')}`, reservation: 'reserved:me', size: 0 },
    { given: `-${MEMBER('other')}`, reservation: 'reserved:other', size: 1 },
    { given: `+${ENTRY('other', 5)}`, reservation: 'reserved:other', size: 2 },
    { given: `=${ENTRY('other', 5)}`, reservation: undefined, size: 2 },
  ])('%j', ({ given, reservation, size }) => {
    const { waiting } = queue();
    waiting.enter(ENTRY('me', 1));
    expect(waiting.update(given)).toBe(reservation);
    expect(waiting.size).toBe(size);
  });
});

describe('an exclusive process', () => {
  test.each([
    { before: '', is: true },
    { before: '4:5000:30s:r:called:me', is: false },
    { before: '6:5000:30s:r:called:me', is: true },
    { before: '0:5000:30s:r:called:me', is: true },
    { before: '6:5000:30s:r:called:writer', is: false },
  ])('with the ticket 5 stands before "$before": $is', ({ before, is }) => {
    const { waiting, channels } = queue();
    waiting.enter(ENTRY('writer', 5));
    expect(waiting.hasExclusiveBefore(before, channels)).toBe(is);
  });
});
