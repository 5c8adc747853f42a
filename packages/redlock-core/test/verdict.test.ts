import { describe, expect, test } from '@jest/globals';
import type { Ballot } from '../src/ballot.js';
import type { Denial } from '../src/operation.js';
import { judgeExtend, judgeGrant, judgeRelease, quorumOf } from '../src/verdict.js';

/** g: granted; x, y: denied, by the holder of that name; f: failed. */
type Letter = 'g' | 'x' | 'y' | 'f';
type GrantBallot = Ballot<readonly Denial[]>;

const LETTERS: readonly Letter[] = ['g', 'x', 'y', 'f'];

function ballot(letter: Letter, index: number): GrantBallot {
  const common = { index, node: `n${index}`, ms: 1 };
  if (letter === 'f') return { ...common, vote: 'failed' };
  if (letter === 'g') return { ...common, vote: 'granted', detail: [] };
  return { ...common, vote: 'denied', detail: [{ resource: 0, value: letter }] };
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
function* randoms(): Generator<number, never> {
  for (let seed = 1; ;) {
    seed = (seed * 48_271) % 2_147_483_647;
    yield seed / 2_147_483_647;
  }
}

const chance = randoms();

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: chance.next().value }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/** The first verdict as votes arrive one by one in some order; undefined: none even with all in. */
function firstVerdict<D>(
  judge: (ballots: readonly GrantBallot[], nodes: number) => D | undefined,
  votes: readonly Letter[],
): D | undefined {
  const arriving = shuffled(votes.map(ballot));
  for (let count = 1; count <= arriving.length; count++) {
    const verdict = judge(arriving.slice(0, count), votes.length);
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
function mistakes(
  nodes: number,
  judge: (ballots: readonly GrantBallot[], nodes: number) => unknown,
  expected: (votes: readonly Letter[]) => unknown,
): string[] {
  const found: string[] = [];
  for (const votes of allVotes(nodes)) {
    const verdict = firstVerdict(judge, votes);
    if (verdict !== expected(votes)) found.push(`${votes.join('')}: ${String(verdict)}`);
  }
  return found;
}

const SIZES = [1, 2, 3, 4, 5, 6, 7];

test('any two quorums share a node', () => {
  expect(SIZES.map(quorumOf)).toEqual([1, 2, 2, 3, 3, 4, 4]);
});

describe.each(SIZES)('with %i nodes, whatever they vote and in whatever order', (nodes) => {
  test('a grant ends, and early as all votes together would have it', () => {
    expect(mistakes(nodes, judgeGrant, classOf)).toEqual([]);
  });

  test('an extension ends, and early as all votes together would have it', () => {
    const expected = (votes: readonly Letter[]): string => {
      if (countOf(votes, 'g') >= quorumOf(nodes)) return 'extended';
      return countOf(votes, 'x', 'y') > nodes - quorumOf(nodes) ? 'taken' : 'unreachable';
    };
    expect(mistakes(nodes, judgeExtend, expected)).toEqual([]);
  });

  test('a release is confirmed by a quorum and by nothing less', () => {
    const expected = (votes: readonly Letter[]): boolean => countOf(votes, 'g') >= quorumOf(nodes);
    expect(mistakes(nodes, judgeRelease, expected)).toEqual([]);
  });
});

describe('a grant is decided without the nodes that are still out', () => {
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
  ] as const)('%s of %i nodes: %s', (votes, nodes, verdict) => {
    const ballots = Array.from(votes, (letter, index) => ballot(letter as Letter, index));
    expect(judgeGrant(ballots, nodes)).toBe(verdict);
  });
});

test('one value in the way of different resources is not one holder', () => {
  const denied = (index: number, resource: number): GrantBallot => ({
    ...ballot('x', index),
    detail: [{ resource, value: 'x' }],
  });
  expect(judgeGrant([denied(0, 0), denied(1, 0), ballot('g', 2)], 3)).toBe('held');
  expect(judgeGrant([denied(0, 0), denied(1, 1), ballot('g', 2)], 3)).toBe('split');
});
