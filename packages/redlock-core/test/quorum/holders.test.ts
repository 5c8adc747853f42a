import { expect, test } from '@jest/globals';
import type { KeyHolder } from '../../src/protocol/reading.js';
import { judgeHolders } from '../../src/quorum/holders.js';

const QUORUM = 2;

/** Those that hold a key on one node: `x` holds it alone, `+x` shares it. */
function on(...names: readonly string[]): KeyHolder[] {
  return names.map((name) => ({
    token: name.replace('+', ''),
    ttl: 10,
    mode: name.startsWith('+') ? 'shared' : 'exclusive',
  }));
}

function judged(...answers: readonly ReturnType<typeof on>[]): string {
  const { state, holders } = judgeHolders(answers, QUORUM);
  return [state, ...holders.map(({ token }) => token)].join(' ');
}

test('shared holders are those on a quorum of nodes', () => {
  expect(judged(on('+x', '+y'), on('+y'), on('+z', '+x'))).toBe('shared x y');
});

test('nodes that are shared agree, whoever shares them', () => {
  expect(judged(on('+x'), on('+y'), on())).toBe('shared');
});

test('a shared node and an exclusive one disagree', () => {
  expect(judged(on('+x'), on('y'), on())).toBe('undecided');
});

test('an exclusive holder on a quorum of nodes holds it, also if another node is shared', () => {
  expect(judged(on('x'), on('+y'), on('x'))).toBe('exclusive x');
});
