import { describe, expect, test } from '@jest/globals';
import type { Refused } from '../../src/attempt/refused.js';
import type { Request } from '../../src/attempt/request.js';
import { GuardedNode } from '../../src/node/guarded-node.js';
import { LockKeys } from '../../src/protocol/lock-keys.js';
import { CallChannels } from '../../src/waiting/call-channels.js';
import { QueuePlace } from '../../src/waiting/queue-place.js';
import { Tickets } from '../../src/waiting/tickets.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { TestNode } from '../support/test-node.js';

const RESERVATION = 30;
const ME = 'called:token-0000001-of-ours';

/** The place of a waiter for `a` and `b`, and of others in the same process. */
function places(options: Partial<Request> = {}) {
  const runtime = new ManualRuntime();
  const channels = new CallChannels([new GuardedNode(new TestNode('n'))], 1, runtime);
  const tickets = new Tickets(runtime);
  const request = {
    lockKeys: new LockKeys(['a', 'b'], true, true),
    wait: 60_000,
    retryDelay: 100,
    retryJitter: 40,
    ...options,
  } as Request;
  const place = () => new QueuePlace(request, runtime, channels, tickets);
  return { runtime, place };
}

/** Denials, with these tickets. */
function refusedWith(...tickets: readonly (number | undefined)[]): Refused {
  const responses = tickets.map((ticket, index) => {
    const denial = { resource: 0, value: 'x', remaining: 1, ...(ticket && { ticket, rank: 0 }) };
    return { index, node: `n${index}`, ms: 1, vote: 'denied' as const, detail: [denial] };
  });
  return { granted: false, refusal: 'held', responses };
}

describe('the ticket of a waiter', () => {
  test('counts from the clocks of the nodes at first: the time that it has waited', async () => {
    const { runtime, place } = places();
    const waiter = place();
    expect(waiter.entries(RESERVATION)).toEqual([`0:6040:30:a:${ME}`, `0:6040:30:b:${ME}`]);
    await runtime.advance(250);
    expect(waiter.entries(RESERVATION)[0]).toBe(`-250000:6040:30:a:${ME}`);
  });

  test('is the highest that it was given, from then on', async () => {
    const { runtime, place } = places();
    const waiter = place();
    waiter.refused(refusedWith(500, 700, undefined));
    expect(waiter.entries(RESERVATION)[0]).toMatch(/^700:/);
    await runtime.advance(250);
    waiter.refused(refusedWith(900, 100));
    expect(waiter.entries(RESERVATION)[0]).toMatch(/^700:/);
  });

  test('is none yet if no node gave one', () => {
    const waiter = places().place();
    waiter.refused(refusedWith(undefined, undefined));
    expect(waiter.entries(RESERVATION)[0]).toMatch(/^0:/);
  });

  test('is estimated by that of another waiter when the line is handed over', async () => {
    const { runtime, place } = places();
    const first = place();
    await runtime.advance(3);
    const second = place();
    first.refused(refusedWith(1_000_000));
    expect(second.handOver('a', RESERVATION)).toBe(`+1003000:6040:30:a:${ME}`);
    await runtime.advance(500);
    expect(second.entries(RESERVATION)[0]).toMatch(/^1003000:/);
  });

  test('counts from the clocks when the line is handed over and no ticket is known', async () => {
    const { runtime, place } = places();
    const waiter = place();
    await runtime.advance(250);
    expect(waiter.handOver('b', RESERVATION)).toBe(`+-250000:6040:30:b:${ME}`);
  });
});

describe('the withdrawal of a waiter', () => {
  test.each([
    { quiet: true, sign: '=' },
    { quiet: false, sign: '+' },
  ])('enters the queue of the key that it stands for, quietly: $quiet', ({ quiet, sign }) => {
    const waiter = places().place();
    waiter.refused(refusedWith(700));
    expect(waiter.withdrawal(1, quiet, RESERVATION)).toEqual([
      quiet ? '=' : '',
      `${sign}700:6040:30:b:${ME}`,
    ]);
  });
});

describe('a queue lives', () => {
  test('a second longer than the longest poll', () => {
    expect(places({ wait: Infinity }).place().entries(RESERVATION)[0]).toMatch(/^0:6040:/);
  });

  test('no longer than a second after the waiter has gone', async () => {
    const { runtime, place } = places({ wait: 3000.5 });
    const waiter = place();
    expect(waiter.entries(RESERVATION)[0]).toMatch(/^0:4001:/);
    await runtime.advance(5000);
    expect(waiter.entries(RESERVATION)[0]).toMatch(/^-5000000:1000:/);
  });
});
