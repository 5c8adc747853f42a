import { expect, test } from '@jest/globals';
import { Claim } from '../../src/protocol/operations.js';
import { settle } from '../support/settle.js';
import { EPOCH, keysOf, process, sharedKeys } from './support/waiters.js';

/** A lock with a ticket is held, and others of its process wait: `a`, which is the head, and `b`. */
async function held() {
  const all = process();
  const { join, enter, latest, waiting } = all;
  await join('holder');
  const claim = await latest().grant();
  const { queue } = await enter('a');
  await join('b', {}, null);
  /** Ends a lock as its holder does: the release is followed by what else leaves in this turn. */
  const release = async (of: Claim): Promise<readonly number[]> => {
    const { tickets } = waiting.releasing(of);
    await settle();
    return tickets;
  };
  return { ...all, claim, own: queue?.ticket, release };
}

test('when a lock is released, the first waiter of its process requests in the same turn of the event loop, so in the same command', async () => {
  const { claim, requests, waiting } = await held();
  waiting.releasing(claim);
  // As promises run before the next command is written.
  for (let count = 0; count < 10; count++) await Promise.resolve();
  expect(requests.at(-1)).toMatchObject({ name: 'a' });
  expect(requests).toHaveLength(3);
});

test('a waiter takes the ticket of the released lock over, and its own entry is removed instead', async () => {
  const { claim, release, own, latest } = await held();
  expect(await release(claim)).toEqual([own]);
  expect(latest()).toMatchObject({ name: 'a', queue: { ticket: claim.ticket } });
});

test('the ticket goes on from lock to lock for 100 ms after it was first granted, then the others get their turn', async () => {
  const { claim, release, latest, runtime } = await held();
  await runtime.advance(60);
  await release(claim);
  const second = await latest().grant();
  expect(second.ticket).toBe(claim.ticket);
  await runtime.advance(40);
  expect(await release(second)).toEqual([claim.ticket]);
  expect(latest().name).toBe('b');
  expect(latest().queue?.ticket).toBeGreaterThan(claim.ticket ?? 0);
});

test.each([
  [99, true],
  [100, false],
])(
  'the ticket of a lock that was granted at once and held for %i ms is taken over: %s',
  async (ms, isTaken) => {
    const { join, latest, waiting, runtime } = process();
    const time = (): number => EPOCH + runtime.now() * 1000;
    waiting.noteTime(0, time() + 75_000, runtime.now());
    const ticket = waiting.firstTicket(runtime.now())?.ticket ?? 0;
    const startedAt = runtime.now();
    const claim = Object.assign(new Claim(keysOf('r'), 'token'), { ticket, startedAt });
    // The nodes turn out to have earlier clocks than the first.
    for (const node of [1, 2]) waiting.noteTime(node, time(), runtime.now());
    await runtime.advance(ms - 50);
    await join('a');
    await latest().deny();
    await runtime.advance(50);
    waiting.releasing(claim);
    await settle();
    expect(latest().queue?.ticket === ticket).toBe(isTaken);
  },
);

test('a waiter that has an earlier ticket than the lock keeps it', async () => {
  const { join, enter, latest, waiting, runtime } = process();
  await join('early', {}, {});
  const early = latest().queue?.ticket;
  await latest().deny();
  const { queue } = await enter('holder', { keys: keysOf('q') });
  const claim = Object.assign(new Claim(keysOf('r'), 'token'), {
    ticket: queue?.ticket ?? 0,
    hasEntry: true,
  });
  expect(waiting.releasing(claim).tickets).toEqual([claim.ticket]);
  await runtime.advance(0);
  expect(latest().queue?.ticket).toBe(early);
});

test('a waiter whose request is under way requests again if that is denied', async () => {
  const { join, latest, requests, waiting } = process();
  await join('holder');
  const claim = await latest().grant();
  await join('a');
  expect(waiting.releasing(claim).tickets).toEqual([claim.ticket]);
  await settle();
  expect(requests).toHaveLength(2);
  await latest().deny();
  expect(requests).toHaveLength(3);
});

test.each(['ended', 'was aborted'])('a waiter whose time %s requests nothing', async (how) => {
  const { join, latest, requests, waiting, runtime } = process();
  const caller = new AbortController();
  await join('holder');
  const claim = await latest().grant();
  await join('a', { wait: 100, signal: caller.signal });
  await latest().deny();
  if (how === 'ended') runtime.standStill(100);
  else caller.abort();
  expect(waiting.releasing(claim).tickets).toEqual([claim.ticket]);
  await settle();
  expect(requests).toHaveLength(2);
});

test('a shared lock is not handed over: who waits beside it is behind a writer, which comes first', async () => {
  const { join, enter, latest, requests, waiting, runtime } = process();
  const keys = sharedKeys('r');
  await join('reader', { keys });
  const claim = await latest().grant();
  await enter('late', { keys }, { value: null });
  expect(waiting.releasing(claim).tickets).toEqual([claim.ticket]);
  await runtime.advance(10);
  expect(requests).toHaveLength(2);
});
