import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, type Lock } from 'redlock-core';
import { candidates, ROUND_TRIP, TTL } from '../support/candidates.js';

/** A candidate leads, until the test tells its routine how to end. */
async function leading() {
  const { candidate, runtime, steal } = candidates();
  const own = candidate('first');
  const stop = new AbortController();
  const terms: Term[] = [];
  const state = { ended: false };
  const over = own.election
    .lead((signal, lock) => {
      return new Promise<void>((end, fail) => terms.push({ signal, lock, end, fail }));
    }, stop)
    .finally(() => (state.ended = true));
  over.catch(() => {});
  await runtime.advance(10 * ROUND_TRIP);
  const leader = async (): Promise<string | null> => {
    const asking = candidate('observer').election.leader();
    await runtime.advance(ROUND_TRIP);
    return (await asking)?.owner ?? null;
  };
  const [term] = terms;
  if (!term) throw new Error('It does not lead');
  return { ...own, candidate, runtime, steal, stop, terms, term, over, state, leader };
}

interface Term {
  readonly signal: AbortSignal;
  readonly lock: Lock;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

test('leads again when the routine has returned, in a new term', async () => {
  const { runtime, terms, term } = await leading();
  await runtime.advance(3 * TTL);
  expect(terms).toHaveLength(1);
  term.end();
  await runtime.advance(10 * ROUND_TRIP);
  expect(terms).toHaveLength(2);
  expect(terms[1]?.lock.fencingToken).toBeGreaterThan(term.lock.fencingToken);
  expect(terms[1]?.signal.aborted).toBe(false);
});

test('lets others lead when the routine has returned', async () => {
  const { runtime, candidate, term, terms } = await leading();
  const other = candidate('second');
  const campaigning = other.election.campaign();
  await runtime.advance(1000);
  term.end();
  await runtime.advance(10 * ROUND_TRIP);
  expect((await campaigning).remaining()).toBeGreaterThan(0);
  expect(terms).toHaveLength(1);
});

test('tells the routine that leadership is lost, and campaigns again when that has ended', async () => {
  const { runtime, terms, term, steal } = await leading();
  await steal('another');
  await runtime.advance(TTL);
  expect(LockLostError.is(term.signal.reason)).toBe(true);
  await steal();
  await runtime.advance(TTL);
  expect(terms).toHaveLength(1);
  term.end();
  await runtime.advance(TTL);
  expect(terms).toHaveLength(2);
});

describe('a routine may give up by an error when its signal aborts:', () => {
  test.each([
    ['the reason', ({ signal }: Term): unknown => signal.reason],
    ['an AbortError', () => new DOMException('The operation was aborted', 'AbortError')],
    ['the error of an extension', ({ lock }: Term) => rejectionOf(lock.extend())],
    ['the loss of another lock too', () => new LockLostError('UNREACHABLE', ['another'])],
  ])('%s', async (_, errorOf) => {
    const { runtime, terms, term, steal } = await leading();
    await steal('another');
    await runtime.advance(TTL);
    await steal();
    term.fail(await errorOf(term));
    await runtime.advance(TTL);
    expect(terms).toHaveLength(2);
  });
});

test.each([
  ['an error', new Error('of the routine')],
  ['an AbortError of something else', new DOMException('not ours', 'AbortError')],
  ['the loss of another lock', new LockLostError('EXPIRED', ['another'])],
  ['nothing', undefined],
])('rejects with what the routine throws, having resigned: %s', async (_, error) => {
  const { runtime, term, over, leader } = await leading();
  term.fail(error);
  await runtime.advance(10 * ROUND_TRIP);
  expect(await rejectionOf(over)).toBe(error);
  expect(await leader()).toBeNull();
});

test('rejects with an error of the routine also after the signal has aborted', async () => {
  const { runtime, term, over, stop } = await leading();
  stop.abort();
  const error = new Error('of the routine');
  term.fail(error);
  await runtime.advance(10 * ROUND_TRIP);
  expect(await rejectionOf(over)).toBe(error);
});

test('when its signal aborts, the routine is told, and it resolves when that has ended and it has resigned', async () => {
  const { runtime, term, terms, over, stop, state, leader } = await leading();
  const told = once(term.signal, 'abort');
  stop.abort(new Error('enough'));
  await told;
  expect(term.signal.reason).toBe(stop.signal.reason);
  await runtime.advance(TTL);
  // As long as the routine runs, nobody else leads.
  expect(state.ended).toBe(false);
  expect(await leader()).toBe('first');
  term.end();
  await runtime.advance(ROUND_TRIP);
  expect(await over).toBeUndefined();
  expect(await leader()).toBeNull();
  await runtime.advance(TTL);
  expect(terms).toHaveLength(1);
});

test('resolves when its signal aborts while it waits, and stands in no queue then', async () => {
  const { runtime, candidate } = await leading();
  const other = candidate('second');
  const stop = new AbortController();
  const over = other.election.lead(() => expect(true).toBe(false), stop);
  await runtime.advance(1000);
  stop.abort();
  await runtime.advance(10 * ROUND_TRIP);
  expect(await over).toBeUndefined();
  const inspecting = other.redlock.inspect('e');
  await runtime.advance(ROUND_TRIP);
  expect(await inspecting).toMatchObject({ waiting: 0 });
});

test('resolves at once, and asks nobody, if its signal has aborted before', async () => {
  const { candidate } = candidates();
  const { election, nodes } = candidate('first');
  await election.lead(() => {}, { signal: AbortSignal.abort() });
  for (const { commands } of nodes) expect(commands).toEqual([]);
});

test('close tells the routine, and it rejects when that has ended', async () => {
  const { runtime, redlock, term, over, state, leader } = await leading();
  void redlock.close();
  await runtime.advance(ROUND_TRIP);
  expect(term.signal.reason).toMatchObject({ cause: { code: 'CLOSED' } });
  expect(state.ended).toBe(false);
  term.fail(term.signal.reason);
  await runtime.advance(10 * ROUND_TRIP);
  expect(await rejectionOf(over)).toMatchObject({ code: 'CLOSED' });
  expect(await leader()).toBeNull();
});
