import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, type Lock } from 'redlock-core';
import { candidates, ROUND_TRIP, TTL } from '../support/candidates.js';

interface Term {
  readonly signal: AbortSignal;
  readonly lock: Lock;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
}

/** A candidate leads, until the test ends its routine. */
async function leading() {
  const all = candidates();
  const own = all.candidate('first');
  const stop = new AbortController();
  const terms: Term[] = [];
  const state = { ended: false };
  const ended = own.election
    .lead((signal, lock) => {
      return new Promise<void>((end, fail) => terms.push({ signal, lock, end, fail }));
    }, stop)
    .finally(() => (state.ended = true));
  ended.catch(() => {});
  await all.time.advance(10 * ROUND_TRIP);
  const [term] = terms as [Term];
  return { ...own, ...all, stop, terms, term, ended, state };
}

test('election: lead leads again when the routine has returned, in a new term', async () => {
  const { time, terms, term } = await leading();
  await time.advance(3 * TTL);
  expect(terms).toHaveLength(1);
  term.end();
  await time.advance(10 * ROUND_TRIP);
  expect(terms).toHaveLength(2);
  expect(terms[1]?.lock.fencingToken).toBeGreaterThan(term.lock.fencingToken);
  expect(terms[1]?.signal.aborted).toBe(false);
});

test.each<[string, (term: Term) => unknown]>([
  ['returns', () => null],
  ['throws the reason', ({ signal }) => signal.reason],
  ['throws an AbortError', () => new DOMException('The operation was aborted', 'AbortError')],
  ['throws the error of an extension', ({ lock }) => rejectionOf(lock.extend())],
  ['throws the loss of another lock', () => new LockLostError('UNREACHABLE', ['another'])],
])('election: after a loss, lead campaigns again when the routine %s', async (_, errorOf) => {
  const { time, terms, term, steal } = await leading();
  await steal('another');
  await time.advance(TTL);
  expect(LockLostError.is(term.signal.reason)).toBe(true);
  await steal();
  await time.advance(TTL);
  expect(terms).toHaveLength(1);
  const error = await errorOf(term);
  if (error === null) term.end();
  else term.fail(error);
  await time.advance(TTL);
  expect(terms).toHaveLength(2);
});

test.each([
  ['an error', new Error('of the routine')],
  ['an AbortError of its own', new DOMException('not ours', 'AbortError')],
  ['the loss of another lock', new LockLostError('EXPIRED', ['another'])],
  ['undefined', undefined],
])('election: lead resigns and rejects if the routine throws %s', async (_, error) => {
  const { time, term, ended, leader } = await leading();
  term.fail(error);
  await time.advance(10 * ROUND_TRIP);
  expect(await rejectionOf(ended)).toBe(error);
  expect(await leader()).toBeNull();
});

test('election: on abort, lead leads until the routine has ended, resigns and resolves', async () => {
  const { time, term, terms, ended, stop, state, leader } = await leading();
  const aborted = once(term.signal, 'abort');
  stop.abort(new Error('enough'));
  await aborted;
  expect(term.signal.reason).toBe(stop.signal.reason);
  await time.advance(TTL);
  expect(state.ended).toBe(false);
  expect(await leader()).toBe('first');
  term.end();
  await time.advance(ROUND_TRIP);
  expect(await ended).toBeUndefined();
  expect(await leader()).toBeNull();
  await time.advance(TTL);
  expect(terms).toHaveLength(1);
});

test('election: on abort, lead leaves the queues and resolves if it waits', async () => {
  const { time, candidate, answered } = await leading();
  const other = candidate('second');
  const stop = new AbortController();
  const ended = other.election.lead(() => expect(true).toBe(false), stop);
  await time.advance(1000);
  stop.abort();
  await time.advance(10 * ROUND_TRIP);
  expect(await ended).toBeUndefined();
  expect(await answered(other.redlock.inspect('e'))).toMatchObject({ waiting: 0 });
});

test('election: lead with an aborted signal resolves at once and sends nothing', async () => {
  const { election, nodes } = candidates().candidate('first');
  await election.lead(() => {}, { signal: AbortSignal.abort() });
  for (const { commandCount } of nodes) expect(commandCount).toBe(0);
});

test('closing: close() aborts the routine, and lead rejects when that has ended', async () => {
  const { time, redlock, term, ended, state, leader } = await leading();
  void redlock.close();
  await time.advance(ROUND_TRIP);
  expect(term.signal.reason).toMatchObject({ code: 'CLOSED' });
  expect(state.ended).toBe(false);
  term.fail(term.signal.reason);
  await time.advance(10 * ROUND_TRIP);
  expect(await rejectionOf(ended)).toMatchObject({ code: 'CLOSED' });
  expect(await leader()).toBeNull();
});
