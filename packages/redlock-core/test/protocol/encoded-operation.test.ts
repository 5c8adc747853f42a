import { describe, expect, test } from '@jest/globals';
import { operationsIn } from '../../src/protocol/encoded-operation.js';
import { commandOf, type Wording } from '../support/operations.js';

const ENTRIES = ['0:9000:30:a:called:me', '0:9000:30:b:called:me'];

function decoded(...operations: readonly Wording[]) {
  const command = commandOf(operations);
  return { command, all: [...operationsIn(command)] };
}

describe('a command is read as it was written:', () => {
  test.each<{ wording: Wording; letter: string; helpers: [string[], string[]]; other?: string }>([
    {
      wording: { kind: 'grant', resources: ['a'], token: 't', ttl: 1000 },
      letter: 'g',
      helpers: [[], []],
    },
    {
      wording: { kind: 'grant', resources: ['a', 'b'], token: 't', ttl: 1000, fence: 77 },
      letter: 'g',
      helpers: [['{a}:fencing', '{b}:fencing'], []],
    },
    {
      wording: { kind: 'grant', resources: ['a', 'b'], token: 't', fence: 77, entries: ENTRIES },
      letter: 'q',
      helpers: [
        ['{a}:fencing', '{b}:fencing'],
        ['{a}:waiting', '{b}:waiting'],
      ],
    },
    {
      wording: { kind: 'adopt', resources: ['a'], token: 't', from: 'old' },
      letter: 'a',
      helpers: [[], []],
      other: 'old',
    },
    {
      wording: { kind: 'confirm', resources: ['a'], token: 't', fence: 77 },
      letter: 'c',
      helpers: [['{a}:fencing'], []],
    },
    {
      wording: { kind: 'release', resources: ['a', 'b'], token: 't', entries: ENTRIES },
      letter: 'r',
      helpers: [[], ['{a}:waiting', '{b}:waiting']],
    },
    {
      wording: { kind: 'release', resources: ['a'], token: 't', successor: 's', keepFor: 50 },
      letter: 'k',
      helpers: [[], []],
      other: 's',
    },
    {
      wording: { kind: 'release', resources: ['a'], token: 't', successor: 's' },
      letter: 's',
      helpers: [[], []],
      other: 's',
    },
    {
      wording: { kind: 'inspect', resources: ['a'] },
      letter: 'i',
      helpers: [[], ['{a}:waiting']],
    },
  ])('$letter, $wording.resources', ({ wording, letter, helpers, other = '' }) => {
    const { all } = decoded(wording);
    const { resources, token = '', fence = null, entries = [] } = wording;
    const [counters, queues] = helpers;
    const expected = { letter, keys: resources, counters, queues, token, fence, other, entries };
    expect(all).toEqual([expect.objectContaining(expected)]);
  });
});

test('a grant of a permit has the one queue of the semaphore, an entry or an empty one, and the number of permits', () => {
  const grant: Wording = {
    kind: 'grant',
    resources: ['{s}:permit:3'],
    permits: 9,
    token: 't',
    fence: 77,
  };
  const { all } = decoded({ ...grant, entries: ['*0:9000:30:s:called:me'] }, grant);
  const expected = {
    letter: 'p',
    keys: ['{s}:permit:3'],
    counters: ['{s}:permit:3::fencing'],
    queues: ['{s}:permits:waiting'],
    fence: 77,
  };
  expect(all).toEqual([
    expect.objectContaining({ ...expected, entries: ['*0:9000:30:s:called:me', '9'] }),
    expect.objectContaining({ ...expected, entries: ['', '9'] }),
  ]);
});

test('a release without entries has an empty one for each key', () => {
  const { all } = decoded({ kind: 'release', resources: ['a', 'b'], token: 't' });
  expect(all.map(({ entries }) => entries)).toEqual([['', '']]);
});

test('operations that share a section share its expiries, and their places are told', () => {
  const grant: Wording = { kind: 'grant', resources: ['a'], token: 'one', ttl: 1000, fence: 5 };
  const { all, command } = decoded(
    grant,
    { ...grant, resources: ['b'], token: 'two', fence: 6 },
    { kind: 'release', resources: ['c'], token: 'three' },
    { kind: 'extend', resources: ['d', 'e'], token: 'four', ttl: 2000 },
  );
  expect(all.map(({ letter, keys, token }) => [letter, keys, token])).toEqual([
    ['g', ['a'], 'one'],
    ['g', ['b'], 'two'],
    ['r', ['c'], 'three'],
    ['e', ['d', 'e'], 'four'],
  ]);
  expect(all.map(({ expiriesAt }) => expiriesAt.map((at) => command[at]))).toEqual([
    ['1000', '301000'],
    ['1000', '301000'],
    [],
    ['2000'],
  ]);
  expect(all.map(({ ttl, counterTtl }) => [ttl, counterTtl])).toEqual([
    [1000, 301_000],
    [1000, 301_000],
    [0, 0],
    [2000, 0],
  ]);
});
