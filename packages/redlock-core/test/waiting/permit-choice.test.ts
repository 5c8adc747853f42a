import { describe, expect, test } from '@jest/globals';
import type { Refusal, Refused } from '../../src/attempt/refused.js';
import { PermitStates } from '../../src/protocol/permit-states.js';
import { PermitChoice, type PermitTerms } from '../../src/waiting/permit-choice.js';
import { ManualRuntime } from '../support/manual-runtime.js';

/** Over three nodes, of which two are a quorum. */
function choiceOf(terms: Partial<PermitTerms> = {}) {
  const runtime = new ManualRuntime();
  runtime.chance = 0;
  const choice = new PermitChoice(
    {
      name: 's',
      permits: 4,
      keyPrefix: '',
      fenced: true,
      quorum: 2,
      first: null,
      isHeldHere: () => false,
      ...terms,
    },
    runtime,
  );
  const next = (): number => choice.next().permit;
  return { choice, runtime, next };
}

/** A refusal by nodes that say this of the permits; null: the node has granted the try, or has failed. */
function refusedWith(refusal: Refusal, ...states: readonly (string | null)[]): Refused {
  const responses = states.map((text, index) => {
    const node = { index, node: `n${index}`, ms: 1 };
    if (text === null) return { ...node, vote: 'granted' as const, detail: 7 };
    const denial = { resource: 0, value: 'x', remaining: 1, permits: new PermitStates(text) };
    return { ...node, vote: 'denied' as const, detail: [denial] };
  });
  return { granted: false, refusal, responses };
}

describe('a try names', () => {
  test('the permit that is given first, and then one at random', () => {
    const { runtime, next } = choiceOf({ first: 2 });
    runtime.chance = 0.99;
    expect([next(), next()]).toEqual([2, 3]);
  });

  test('none that this process holds, unless it holds them all', () => {
    const some = choiceOf({ isHeldHere: (permit) => permit < 3 });
    const all = choiceOf({ isHeldHere: () => true });
    expect([some.next(), all.next()]).toEqual([3, 0]);
  });

  test('the permit for which a node has called, once', () => {
    const { choice, next } = choiceOf();
    choice.called({ permit: 3, node: 1 }, 100);
    expect([next(), next()]).toEqual([3, 0]);
  });

  test('of several for which nodes have called, the one after the other, while they are reserved', async () => {
    const { choice, runtime, next } = choiceOf();
    for (const permit of [3, 1, 2]) choice.called({ permit, node: 1 }, 100);
    expect([next(), next()]).toEqual([3, 1]);
    expect(choice.unanswered).toEqual([{ permit: 2, node: 1 }]);
    await runtime.advance(100);
    expect(choice.unanswered).toEqual([]);
    expect(next()).toBe(0);
  });

  test('the permit that this process gives back, once', () => {
    const { choice, next } = choiceOf();
    choice.released(3);
    expect([next(), next()]).toEqual([3, 0]);
  });

  test('no permit that a process with more permits has given back or was called for', () => {
    const { choice, next } = choiceOf();
    choice.called({ permit: 4, node: 1 }, 100);
    choice.released(4);
    expect(next()).toBe(0);
  });

  test('the same permit again after a split, if no other is free', () => {
    const { choice, next } = choiceOf({ first: 2 });
    next();
    expect(choice.refused(refusedWith('split', null, '0000', '0000'))).toBe(false);
    expect(next()).toBe(2);
  });

  test('another permit after three splits in a row, although it is not known to be free', () => {
    const { choice, next } = choiceOf({ permits: 2, first: 0, quorum: 3 });
    const tried = Array.from({ length: 5 }, () => {
      const permit = next();
      choice.refused(refusedWith('split', null, null, '01', '01'));
      return permit;
    });
    expect(tried).toEqual([0, 0, 0, 1, 1]);
  });

  test('the only permit however often its votes are split', () => {
    const { choice, next } = choiceOf({ permits: 1 });
    const tried = Array.from({ length: 4 }, () => {
      const permit = next();
      choice.refused(refusedWith('split', null, null, '0', '0'));
      return permit;
    });
    expect(tried).toEqual([0, 0, 0, 0]);
  });

  test('keys that are those of the semaphore', () => {
    const { choice } = choiceOf({ first: 2, keyPrefix: 'app:', fenced: false });
    const { keys, lines, queues, counters, permits } = choice.next();
    expect({ keys, lines, queues, counters, permits }).toEqual({
      keys: ['app:{s}:permit:2'],
      lines: ['app:{s}:permits:waiting'],
      queues: ['app:{s}:permits:waiting'],
      counters: [],
      permits: 4,
    });
    expect(choice.resources).toEqual(['{s}:permit:2']);
  });
});

describe('another permit is free', () => {
  test.each([
    { what: 'if a quorum of nodes says so', states: ['0100', '0101'], free: 1 },
    { what: 'one of several at random', states: ['0011', '0111'], free: 3 },
    { what: 'not if a minority says so', states: ['0100', '0010', '0001'], free: null },
    { what: 'not because a node grants the try', states: [null, '0100'], free: null },
    { what: 'not because the one that was tried is', states: ['1000', '1000'], free: null },
    { what: 'not if it is reserved', states: ['0200', '0200'], free: null },
  ])('$what', ({ states, free }) => {
    const { choice, runtime, next } = choiceOf({ first: 0 });
    runtime.chance = 0.99;
    next();
    const refused = refusedWith('held', ...states);
    expect(choice.hasOther(refused)).toBe(free !== null);
    expect(choice.refused(refused)).toBe(free !== null);
    if (free !== null) expect(next()).toBe(free);
  });

  test('although it is reserved, to a caller that was called, while that reservation lasts', async () => {
    const { choice, runtime, next } = choiceOf();
    choice.called({ permit: 0, node: 1 }, 100);
    next();
    const refused = refusedWith('held', '0200', '0100');
    expect([choice.hasOther(refused), choice.marked(['e'])]).toEqual([true, ['*e']]);
    await runtime.advance(100);
    expect([choice.hasOther(refused), choice.marked(['e'])]).toEqual([false, ['e']]);
  });
});
