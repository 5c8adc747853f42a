import { describe, expect, test } from '@jest/globals';
import { Random } from 'test-kit/random';
import type { Denial, Reading } from '../../src/protocol/replies.js';
import type { Judge, Tally } from '../../src/quorum/ballot.js';
import type { Response } from '../../src/quorum/response.js';
import {
  judgeAcquire,
  judgeExtend,
  judgeRelease,
  judgeWriteBack,
  quorumOf,
} from '../../src/quorum/verdict.js';

/** g: granted; x, y: denied, by the holder of that name; f: failed. */
type Letter = 'g' | 'x' | 'y' | 'f';

const LETTERS: readonly Letter[] = ['g', 'x', 'y', 'f'];

function response(index: number, reading: Reading): Response {
  return { index, node: `n${index}`, reading, duration: 1, connection: 0, sentAt: 0 };
}

function failedVote(index: number): Response {
  const error = { name: 'Error', code: 'TIMEOUT', message: 'no reply' };
  return response(index, { vote: 'failed', error });
}

/** @param value null: another waiter is ahead in the queue */
function denied(index: number, resource: number, value: string | null): Response {
  const common = {
    remaining: 1000,
    rank: value === null ? 1 : 0,
    tokens: [],
    free: [],
    room: false,
  };
  const denial: Denial = { resource, value, ...common };
  return response(index, { vote: 'denied', detail: { time: 0, denials: [denial] } });
}

/** A vote on an acquire. */
function acquired(letter: Letter, index: number): Response {
  if (letter === 'f') return failedVote(index);
  if (letter !== 'g') return denied(index, 0, letter);
  return response(index, { vote: 'granted', detail: { counter: 1 } });
}

/** A vote on an extension or a release. */
function done(letter: Letter, index: number): Response {
  if (letter === 'f') return failedVote(index);
  const vote = letter === 'g' ? 'granted' : 'denied';
  return response(index, { vote, detail: vote === 'denied' ? 'missing' : undefined } as Reading);
}

function tallyOf(responses: readonly Response[], asked: number): Tally {
  const count = (vote: string): number =>
    responses.filter(({ reading }) => reading.vote === vote).length;
  const counts = { granted: count('granted'), denied: count('denied'), failed: count('failed') };
  return { asked, ...counts, responses };
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
function firstVerdict<V>(judge: Judge<V>, responses: readonly Response[]): V | undefined {
  const arriving = random.shuffled(responses);
  for (let count = 1; count <= arriving.length; count++) {
    const verdict = judge(tallyOf(arriving.slice(0, count), responses.length));
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
  if (votes.length - failed < quorum) return 'unavailable';
  const agreement = Math.max(countOf(votes, 'x'), countOf(votes, 'y'));
  return agreement + failed >= quorum ? 'locked' : 'split';
}

/** Votes whose verdict, in some random order of arrival, is not the one expected. */
function mistakes(
  nodes: number,
  voteOf: (letter: Letter, index: number) => Response,
  judge: Judge<unknown>,
  expected: (votes: readonly Letter[]) => unknown,
): string[] {
  const found: string[] = [];
  for (const votes of allVotes(nodes)) {
    const verdict = firstVerdict(
      judge,
      votes.map((letter, index) => voteOf(letter, index)),
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
    expect(mistakes(nodes, acquired, judgeAcquire, classOf)).toEqual([]);
  });

  test('decision: a write-back ends, as early as possible, as all votes together would decide', () => {
    // y: agreed beforehand; its own answer says nothing.
    const found: string[] = [];
    for (const votes of allVotes(nodes)) {
      const agreed = countOf(votes, 'y');
      const acknowledged = countOf(votes, 'g', 'y');
      const quorum = quorumOf(nodes);
      const answerable = acknowledged + countOf(votes, 'f') >= quorum;
      const refusal = answerable ? 'unconfirmed' : 'superseded';
      const expected = acknowledged >= quorum ? 'written' : refusal;
      const verdict =
        agreed >= quorum
          ? 'written'
          : firstVerdict(
              judgeWriteBack(agreed, quorum),
              votes.filter((letter) => letter !== 'y').map(done),
            );
      if (verdict !== expected) found.push(`${votes.join('')}: ${String(verdict)}`);
    }
    expect(found).toEqual([]);
  });

  test('decision: an extension ends, as early as possible, as all votes together would decide', () => {
    const expected = (votes: readonly Letter[]): string => {
      if (countOf(votes, 'g') >= quorumOf(nodes)) return 'extended';
      return countOf(votes, 'x', 'y') > nodes - quorumOf(nodes) ? 'not-held' : 'unreachable';
    };
    expect(mistakes(nodes, done, judgeExtend, expected)).toEqual([]);
  });

  test('decision: a release is confirmed by a quorum and by nothing less', () => {
    const expected = (votes: readonly Letter[]): boolean => countOf(votes, 'g') >= quorumOf(nodes);
    expect(mistakes(nodes, done, judgeRelease, expected)).toEqual([]);
  });
});

test.each([
  ['gg', 3, 'granted'],
  ['xx', 3, 'locked'],
  ['fxxx', 5, 'locked'],
  ['ff', 3, 'unavailable'],
  ['f', 2, 'unavailable'],
  ['ggxy', 5, undefined],
  ['gxy', 4, 'split'],
  ['xyxy', 5, undefined],
  ['x', 2, undefined],
] as const)('decision: %s of %i nodes decide at once: %s', (votes, nodes, verdict) => {
  const responses = Array.from(votes, (letter, index) => acquired(letter as Letter, index));
  expect(judgeAcquire(tallyOf(responses, nodes))).toBe(verdict);
});

/** The first of three nodes denies one resource, the second this one, both for one holder; the third grants. */
function verdictOn(resource: number): unknown {
  return judgeAcquire(tallyOf([denied(0, 0, 'x'), denied(1, resource, 'x'), acquired('g', 2)], 3));
}

test('decision: one token on different resources is not one holder', () => {
  expect(verdictOn(0)).toBe('locked');
  expect(verdictOn(1)).toBe('split');
});

test('decision: where others are ahead in the queue, the votes are not split', () => {
  expect(judgeAcquire(tallyOf([denied(0, 0, null), denied(1, 0, null), acquired('g', 2)], 3))).toBe(
    'locked',
  );
  expect(judgeAcquire(tallyOf([denied(0, 0, null), acquired('g', 1)], 3))).toBeUndefined();
});
