import { describe, expect, test } from '@jest/globals';
import { Random } from 'test-kit/random';
import type { Response } from '../../src/node/response.js';
import type { GrantDetail } from '../../src/protocol/reading.js';
import type { Judge } from '../../src/quorum/quorum.js';
import {
  agreementOn,
  judgeConfirm,
  judgeExtend,
  judgeGrant,
  judgeRelease,
  quorumOf,
} from '../../src/quorum/verdict.js';

/** g: granted; x, y: denied, by the holder of that name; f: failed. */
type Letter = 'g' | 'x' | 'y' | 'f';

const LETTERS: readonly Letter[] = ['g', 'x', 'y', 'f'];

function response(letter: Letter, index: number): Response<undefined> {
  const vote = letter === 'f' ? 'failed' : letter === 'g' ? 'granted' : 'denied';
  return { index, node: `n${index}`, ms: 1, vote };
}

function grantBallot(letter: Letter, index: number, counter = 1): Response<GrantDetail> {
  const { detail: _, ...common } = response(letter, index);
  if (letter === 'f') return common;
  return {
    ...common,
    detail: letter === 'g' ? counter : [{ resource: 0, value: letter, remaining: 1000 }],
  };
}

/** Every way in which `nodes` nodes can vote. */
function* allVotes(nodes: number): Generator<readonly Letter[]> {
  for (let code = 0; code < LETTERS.length ** nodes; code++) {
    yield Array.from(
      { length: nodes },
      (_, node) => LETTERS[Math.floor(code / LETTERS.length ** node) % LETTERS.length] ?? 'f',
    );
  }
}

/** The same numbers in every run. */
const random = new Random(1);

/** The first verdict as votes arrive one by one in some order; undefined: none even with all in. */
function firstVerdict<T, D>(judge: Judge<T, D>, responses: readonly Response<T>[]): D | undefined {
  const arriving = random.shuffled(responses);
  for (let count = 1; count <= arriving.length; count++) {
    const verdict = judge(arriving.slice(0, count), responses.length);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function countOf(votes: readonly Letter[], ...letters: readonly Letter[]): number {
  return votes.filter((letter) => letters.includes(letter)).length;
}

/** Design section 2: what an attempt is, seen with all votes in. */
function classOf(votes: readonly Letter[]): string {
  const quorum = quorumOf(votes.length);
  const failed = countOf(votes, 'f');
  if (countOf(votes, 'g') >= quorum) return 'granted';
  if (votes.length - failed < quorum) return 'broken';
  const agreement = Math.max(countOf(votes, 'x'), countOf(votes, 'y'));
  return agreement + failed >= quorum ? 'held' : 'split';
}

/** Votes whose verdict, in some random order of arrival, is not the one expected. */
function mistakes<T>(
  nodes: number,
  ballotOf: (letter: Letter, index: number) => Response<T>,
  judge: Judge<T, unknown>,
  expected: (votes: readonly Letter[]) => unknown,
): string[] {
  const found: string[] = [];
  for (const votes of allVotes(nodes)) {
    const verdict = firstVerdict(
      judge,
      votes.map((letter, index) => ballotOf(letter, index)),
    );
    if (verdict !== expected(votes)) found.push(`${votes.join('')}: ${String(verdict)}`);
  }
  return found;
}

const SIZES = [1, 2, 3, 4, 5, 6, 7];

test('decision: any two quorums share a node', () => {
  expect(SIZES.map(quorumOf)).toEqual([1, 2, 2, 3, 3, 4, 4]);
});

describe.each(SIZES)('with %i nodes, whatever they vote and in whatever order', (nodes) => {
  test('decision: a grant ends, as early as possible, as all votes together would decide', () => {
    expect(mistakes(nodes, grantBallot, judgeGrant, classOf)).toEqual([]);
  });

  test('decision: a write-back ends, as early as possible, as all votes together would decide', () => {
    // y: agreed beforehand; its own answer says nothing.
    const found: string[] = [];
    for (const votes of allVotes(nodes)) {
      const agreed = countOf(votes, 'y');
      const acknowledged = countOf(votes, 'g', 'y');
      const quorum = quorumOf(nodes);
      const answerable = acknowledged + countOf(votes, 'f') >= quorum;
      const refusal = answerable ? 'unanswered' : 'overtaken';
      const expected = acknowledged >= quorum ? 'confirmed' : refusal;
      const verdict =
        agreed >= quorum
          ? 'confirmed'
          : firstVerdict(
              (responses, asked) => judgeConfirm(agreed, quorum, responses, asked),
              votes.filter((letter) => letter !== 'y').map(response),
            );
      if (verdict !== expected) found.push(`${votes.join('')}: ${String(verdict)}`);
    }
    expect(found).toEqual([]);
  });

  test('decision: an extension ends, as early as possible, as all votes together would decide', () => {
    const expected = (votes: readonly Letter[]): string => {
      if (countOf(votes, 'g') >= quorumOf(nodes)) return 'extended';
      return countOf(votes, 'x', 'y') > nodes - quorumOf(nodes) ? 'taken' : 'unreachable';
    };
    expect(mistakes(nodes, response, judgeExtend, expected)).toEqual([]);
  });

  test('decision: a release is confirmed by a quorum and by nothing less', () => {
    const expected = (votes: readonly Letter[]): boolean => countOf(votes, 'g') >= quorumOf(nodes);
    expect(mistakes(nodes, response, judgeRelease, expected)).toEqual([]);
  });
});

test.each([
  ['gg', 3, 'granted'],
  ['xx', 3, 'held'],
  ['fxxx', 5, 'held'],
  ['ff', 3, 'broken'],
  ['f', 2, 'broken'],
  ['ggxy', 5, undefined],
  ['gxy', 4, 'split'],
  ['xyxy', 5, undefined],
  ['x', 2, undefined],
] as const)('decision: %s of %i nodes decide at once: %s', (votes, nodes, verdict) => {
  const responses = Array.from(votes, (letter, index) => grantBallot(letter as Letter, index));
  expect(judgeGrant(responses, nodes)).toBe(verdict);
});

test('decision: one token on different resources is not one holder', () => {
  const denied = (index: number, resource: number): Response<GrantDetail> => ({
    ...grantBallot('x', index),
    detail: [{ resource, value: 'x', remaining: 1000 }],
  });
  expect(judgeGrant([denied(0, 0), denied(1, 0), grantBallot('g', 2)], 3)).toBe('held');
  expect(judgeGrant([denied(0, 0), denied(1, 1), grantBallot('g', 2)], 3)).toBe('split');
});

test('order: the fencing token is the highest counter of those that granted', () => {
  const granted = [5, 9, 9].map((counter, index) => grantBallot('g', index, counter));
  const others = [grantBallot('x', 3), grantBallot('f', 4)];
  expect(agreementOn([...granted, ...others])).toEqual({
    fencingToken: 9,
    agreed: granted.slice(1),
  });
});
