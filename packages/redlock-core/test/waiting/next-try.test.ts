import { describe, expect, test } from '@jest/globals';
import { NextTry } from '../../src/waiting/next-try.js';
import type { Refused } from '../../src/attempt/refused.js';
import type { Request } from '../../src/attempt/request.js';
import { PermitStates } from '../../src/protocol/permit-states.js';
import type { Denial } from '../../src/protocol/reading.js';

const RESERVATION = 20;

/** A denial, a grant, or nothing that counts. */
type Answer = Partial<Denial> | 'granted' | 'failed';

/** A refusal that three nodes have answered so. */
function refusedWith(...answers: readonly Answer[]): Refused {
  const responses = answers.map((answer, index) => {
    const node = { index, node: `n${index}`, ms: 1 };
    if (answer === 'failed') return { ...node, vote: 'failed' as const };
    if (answer === 'granted') return { ...node, vote: 'granted' as const, detail: 1 };
    const denial = { resource: 0, value: 'another', remaining: Infinity, ...answer };
    return { ...node, vote: 'denied' as const, detail: [denial] };
  });
  return { granted: false, refusal: 'held', responses };
}

/** The same, if the votes were split. */
function splitWith(...answers: readonly Answer[]): Refused {
  return { ...refusedWith(...answers), refusal: 'split' };
}

/** After a first try that was answered so, at 1000. */
function after(refused: Refused, hasCluster = false) {
  const next = new NextTry({ count: 3, hasCluster });
  next.asking();
  next.refused(refused, 1000, RESERVATION);
  return next;
}

/** A further try, refused and withdrawn, and the nodes that call before its withdrawal, and in it. */
function tryAgain(
  next: NextTry,
  refused: Refused,
  { before = [], within = [] }: { before?: readonly number[]; within?: readonly number[] },
): void {
  next.asking();
  for (const node of before) next.called(node);
  next.withdrawing(refused);
  for (const node of within) next.called(node);
  next.refused(refused, 1000, RESERVATION);
}

const REQUEST = { retryDelay: 100 } as Request;
const HELD = { remaining: 5000 };

describe('the next try', () => {
  test('is when the keys of the holder expire on a quorum', () => {
    const refused = refusedWith({ remaining: 50 }, { remaining: 3000 }, { remaining: 400 });
    expect(after(refused).at).toBe(1400);
  });

  test('counts a node that granted as free', () => {
    expect(after(refusedWith('granted', { remaining: 3000 }, { remaining: 400 })).at).toBe(1400);
  });

  test('is the later the more processes stand before this one', () => {
    const refused = refusedWith({ ...HELD, rank: 1 }, { ...HELD, rank: 3 }, HELD);
    expect(after(refused).at).toBe(6000 + 3 * RESERVATION);
  });

  test('is unknown if the keys never expire', () => {
    expect(after(refusedWith({}, {}, {})).at).toBe(Infinity);
  });

  test('does not come when a reservation ends, but when those who stand by ask', () => {
    const reserved = { value: 'reserved:somebody', remaining: 5 };
    expect(after(refusedWith(reserved, reserved, HELD)).at).toBe(1250);
  });

  test('comes as if standing by while another permit is reserved for a process that was called', () => {
    const held = { ...HELD, permits: new PermitStates('020') };
    expect(after(refusedWith(held, held, held)).at).toBe(1250);
    const behind = { ...held, rank: 1 };
    expect(after(refusedWith(behind, behind, behind)).at).toBeGreaterThan(5000);
  });

  test('is at once when a node has called', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    expect(next.isCalled).toBe(false);
    next.called(1);
    expect(next.isCalled).toBe(true);
    expect(next.at).toBe(-Infinity);
  });

  test('answers a call that came before it was sent', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    next.called(1);
    next.asking();
    next.refused(refusedWith(HELD, HELD, HELD), 1000, RESERVATION);
    expect(next.isCalled).toBe(false);
  });

  test('is at once when a node has called since it was sent, unless that node granted', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    const refused = splitWith('granted', HELD, HELD);
    tryAgain(next, refused, { before: [0, 1] });
    expect(next.isCalled).toBe(true);
    tryAgain(next, refused, { before: [0] });
    expect(next.isCalled).toBe(false);
  });

  test('is not at once when only nodes that granted call, in the withdrawal, but when they call again', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    const refused = splitWith('granted', HELD, HELD);
    tryAgain(next, refused, { within: [0] });
    expect([next.isCalled, next.isKeptSinceWithdrawal]).toEqual([false, true]);
    next.called(0);
    expect([next.isCalled, next.isKeptSinceWithdrawal]).toEqual([true, false]);
  });

  test('counts what nodes keep for the process since the withdrawal to a quorum of calls', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    const refused = splitWith('granted', HELD, HELD);
    tryAgain(next, refused, { before: [0] });
    next.called(1);
    expect(next.isCalledByQuorum).toBe(false);
    tryAgain(next, refused, { within: [0] });
    next.called(1);
    expect(next.isCalledByQuorum).toBe(true);
  });

  test('does not count the call of a node whose vote failed to a quorum, nor as a reason in the withdrawal', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    const refused = splitWith('granted', 'failed', HELD);
    tryAgain(next, refused, { within: [0, 1] });
    expect(next.isCalled).toBe(false);
    next.called(1);
    expect([next.isCalled, next.isCalledByQuorum]).toEqual([true, false]);
    next.called(2);
    expect(next.isCalledByQuorum).toBe(true);
    next.asking();
    next.refused(refusedWith('granted', HELD, HELD), 1000, RESERVATION);
    next.called(0);
    next.called(1);
    expect(next.isCalledByQuorum).toBe(true);
  });

  test('is at once when a node has called before the withdrawal, though its vote failed', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    const refused = splitWith('granted', 'failed', 'failed');
    tryAgain(next, refused, { before: [0, 1] });
    expect(next.isCalled).toBe(true);
    tryAgain(next, refused, { within: [1] });
    expect(next.isCalled).toBe(false);
  });

  test('is at once when a node calls in a withdrawal that lets nodes call nobody, so that it has another reason', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    const refused = refusedWith('granted', 'failed', HELD);
    tryAgain(next, refused, { within: [1] });
    expect(next.isCalled).toBe(true);
  });

  test('is certain of the key when a quorum has called since it was sent', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    next.asking();
    next.called(0);
    next.called(0);
    expect(next.isCalledByQuorum).toBe(false);
    next.called(2);
    expect(next.isCalledByQuorum).toBe(true);
    next.asking();
    expect(next.isCalledByQuorum).toBe(false);
  });

  test('cannot be left to queues that too few nodes have entered the process in, because they have a permit to give', () => {
    const entered = { ...HELD, permits: new PermitStates('02') };
    const passed = { ...HELD, permits: new PermitStates('01') };
    expect(after(refusedWith(entered, entered, passed)).mayBeQueued).toBe(true);
    expect(after(refusedWith('granted', entered, passed)).mayBeQueued).toBe(true);
    expect(after(refusedWith('granted', passed, passed)).mayBeQueued).toBe(false);
  });

  test('is at once when calls may have been missed', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    next.missed();
    expect(next.isCalled).toBe(true);
    next.asking();
    expect(next.isCalled).toBe(false);
  });

  test.each([
    { what: 'a reservation that is longer', ms: 800, at: 2800 },
    { what: '250 ms', ms: 20, at: 2250 },
  ])('after standing by waits for $what, from the last message', ({ ms, at }) => {
    const next = after(refusedWith(HELD, HELD, HELD));
    next.standBy(ms, 1500);
    next.standBy(ms, 2000);
    expect(next.at).toBe(at);
  });

  test('no longer stands by when it has asked', () => {
    const next = after(refusedWith(HELD, HELD, HELD));
    next.standBy(20, 1500);
    next.asking();
    next.refused(refusedWith(HELD, HELD, HELD), 1750, RESERVATION);
    expect(next.at).toBe(6750);
  });

  test.each([
    { hasCluster: false, most: 5000 },
    { hasCluster: true, most: 1000 },
  ])(
    'is polled for at intervals of up to $most ms, on a Cluster: $hasCluster',
    ({ hasCluster, most }) => {
      const first = after(refusedWith(HELD, HELD, HELD), hasCluster);
      expect(first.pollDelay(REQUEST, true)).toBe(250);
      const next = after(refusedWith({ ...HELD, rank: 1000 }, HELD, HELD), hasCluster);
      expect(next.pollDelay(REQUEST, true)).toBe(most);
      expect(next.pollDelay(REQUEST, false)).toBe(100);
    },
  );

  test('is polled for no sooner because it stands by', () => {
    const next = after(refusedWith({ ...HELD, rank: 1000 }, HELD, HELD));
    next.standBy(20, 1500);
    expect(next.pollDelay(REQUEST, true)).toBe(5000);
  });
});
