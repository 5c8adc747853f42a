import { describe, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Vote } from 'redlock-core';
import { roundsOverThree } from '../support/rounds-over.js';
import { settle } from '../support/settle.js';

const TTL = 10_000;
const DRIFT = 0.01;

describe('a grant', () => {
  test('has the votes of all nodes in their order, also of those that vote after the decision', async () => {
    const { rounds, a, b, c } = roundsOverThree();
    a.mode = 'hold';
    const told: [Vote['vote'], number][] = [];
    const { outcome, votes } = await rounds.grant('r', TTL, DRIFT, ({ vote }, node) =>
      told.push([vote, node]),
    );
    expect(outcome).toMatchObject({ token: await b.server.holderOf('r') });
    expect(told).toEqual([
      ['granted', 1],
      ['granted', 2],
    ]);
    a.answer();
    expect((await votes).map(({ node, vote }) => [node, vote])).toEqual([
      ['a', 'granted'],
      ['b', 'granted'],
      ['c', 'granted'],
    ]);
    expect(told).toHaveLength(3);
    expect(c.latest('grant').fence).toBeNull();
  });

  test('has the failure of a node that never answers, after its time', async () => {
    const { rounds, runtime, a } = roundsOverThree();
    a.mode = 'hold';
    const { votes } = await rounds.grant('r', TTL, DRIFT);
    await runtime.advance(TTL);
    expect(await votes).toMatchObject([
      { node: 'a', vote: 'failed', error: { code: 'TIMEOUT' } },
      { vote: 'granted' },
      { vote: 'granted' },
    ]);
  });

  test('that others deny is null, and leaves nothing on the nodes', async () => {
    const { rounds, a, b, c } = roundsOverThree();
    await a.server.steal('r', 'other');
    await b.server.steal('r', 'other');
    const { outcome, votes } = await rounds.grant('r', TTL, DRIFT);
    expect(outcome).toBeNull();
    expect((await votes).map(({ vote }) => vote)).toEqual(['denied', 'denied', 'granted']);
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
  });

  test('is tried again after a split vote', async () => {
    const { rounds, runtime, a, b, c } = roundsOverThree();
    await a.server.steal('r', 'other');
    await b.server.steal('r', 'another');
    let asked = 0;
    c.mode = (command) => {
      if (command.operations[0]?.kind === 'grant' && asked++ === 0) {
        void a.server.steal('r').then(() => command.reply());
      } else command.reply();
    };
    const granting = rounds.grant('r', TTL, DRIFT);
    await runtime.advance(1000);
    const { outcome, votes } = await granting;
    expect(outcome).not.toBeNull();
    expect((await votes).map(({ vote }) => vote)).toEqual(['granted', 'denied', 'granted']);
  });

  test('of bad arguments is refused before anything is sent', async () => {
    const { rounds, nodes } = roundsOverThree();
    expect(await rejectionOf(rounds.grant([], TTL, DRIFT))).toBeInstanceOf(RangeError);
    expect(await rejectionOf(rounds.grant('r', 2, DRIFT))).toBeInstanceOf(RangeError);
    expect(() => rounds.hold('r', '', TTL)).toThrow(RangeError);
    expect(() => rounds.hold('r', 'token', NaN)).toThrow(RangeError);
    expect(nodes.flatMap(({ commands }) => commands)).toEqual([]);
  });
});

test('closing ends every timer', async () => {
  const { rounds, runtime, a } = roundsOverThree();
  a.mode = 'hold';
  const { outcome } = await rounds.grant('r', TTL, DRIFT);
  await outcome?.release();
  await runtime.advance(TTL);
  a.answer();
  await settle();
  await rounds.close();
  expect(runtime.pending).toEqual([]);
});
