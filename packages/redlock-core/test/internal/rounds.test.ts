import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { Rounds } from 'redlock-core/internal';
import type { Vote } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

/** Less 1% and 2 ms. */
const VALIDITY = 9898;
const DRIFT = 0.01;

function rounds() {
  const three = world();
  return { ...three, rounds: new Rounds(three.nodes, three.time) };
}

/** As {@link rounds}, and a token that all nodes have granted. */
async function granted() {
  const three = rounds();
  const { outcome: hold, votes } = await three.rounds.grant('r', TTL, DRIFT);
  if (hold === null) throw new Error('no other client wants it');
  await votes;
  return { ...three, hold };
}

async function votesOf(votes: Promise<readonly Vote[]>): Promise<Vote['result'][]> {
  return (await votes).map(({ result }) => result);
}

test('a grant of rounds has the votes of all nodes in their order, also of those after the decision', async () => {
  const { rounds: over, a, b } = rounds();
  a.hold();
  const seen: [Vote['result'], number][] = [];
  const { outcome, votes } = await over.grant('r', TTL, DRIFT, ({ result }, node) =>
    seen.push([result, node]),
  );
  expect(outcome).toMatchObject({ token: await b.server.holderOf('r') });
  expect(await b.server.counterOf('r')).toBeNull();
  expect(seen).toEqual([
    ['granted', 1],
    ['granted', 2],
  ]);
  a.answer();
  expect((await votes).map(({ node, result }) => [node, result])).toEqual([
    ['a', 'granted'],
    ['b', 'granted'],
    ['c', 'granted'],
  ]);
  expect(seen).toHaveLength(3);
});

test('a grant of rounds that others deny is null, and leaves nothing on the nodes', async () => {
  const { rounds: over, a, b, holders } = rounds();
  for (const { server } of [a, b]) await server.steal('r', 'other');
  const { outcome, votes } = await over.grant('r', TTL, DRIFT);
  expect(outcome).toBeNull();
  expect(await votesOf(votes)).toEqual(['denied', 'denied', 'granted']);
  await settle();
  expect(await holders()).toEqual(['other', 'other', null]);
});

test('arguments: a grant or a hold with bad arguments sends nothing', async () => {
  const { rounds: over, sent } = rounds();
  expect(await rejectionOf(over.grant([], TTL, DRIFT))).toBeInstanceOf(RangeError);
  expect(await rejectionOf(over.grant('r', 2, DRIFT))).toBeInstanceOf(RangeError);
  expect(() => over.hold('r', '', TTL)).toThrow(RangeError);
  expect(() => over.hold('r', 'token', NaN)).toThrow(RangeError);
  expect(sent()).toEqual([0, 0, 0]);
});

test('validity: an extension that is answered after its end is expired, and releases nothing', async () => {
  const { hold, time, nodes, holders, everywhere } = await granted();
  await time.advance(VALIDITY - 100);
  for (const node of nodes) node.hold();
  const extending = hold.extend(TTL, DRIFT);
  await time.advance(100);
  for (const node of nodes) node.answer();
  expect((await extending).outcome).toBe('expired');
  await settle();
  expect(await holders()).toEqual(everywhere(hold.token));
  const { outcome, votes } = await hold.extend(TTL, DRIFT);
  expect(outcome).toBe('expired');
  expect(await votes).toEqual([]);
});

test.each([0, 1, 2, 3, 4, 5])(
  'a release of rounds is sent once to a node whose reply to an extension was read %d promises before',
  async (promises) => {
    const { hold, c } = await granted();
    c.hold();
    await hold.extend(TTL, DRIFT);
    c.answer();
    for (let i = 0; i < promises; i++) await Promise.resolve();
    const { votes } = await hold.release();
    expect(await votesOf(votes)).toEqual(['granted', 'granted', 'granted']);
    expect(c.releases).toBe(1);
  },
);

test('a release of rounds of a token that a majority lacks is taken', async () => {
  const { hold, a, b } = await granted();
  for (const { server } of [a, b]) await server.steal('r', 'other');
  const { outcome, votes } = await hold.release();
  expect(outcome).toBe('taken');
  expect(hold.isTaken).toBe(true);
  expect(await votesOf(votes)).toEqual(['denied', 'denied', 'granted']);
});

async function theirs(validFor = 5000) {
  const three = rounds();
  await three.steal('theirs');
  return { ...three, hold: three.rounds.hold('r', 'theirs', validFor) };
}

test('a token of another process is extended and released with its value kept', async () => {
  const { hold, holders, everywhere } = await theirs();
  expect(hold.remaining()).toBe(5000);
  expect((await hold.extend(TTL, DRIFT)).outcome).toBe('extended');
  expect(hold.remaining()).toBe(VALIDITY);
  expect(await holders()).toEqual(everywhere('theirs'));
  expect((await hold.release()).outcome).toBe('released');
  expect(await holders()).toEqual(everywhere(null));
});

test('a token of another process that is not valid any more is released, and not extended', async () => {
  const { hold } = await theirs(-1);
  expect((await hold.extend(TTL, DRIFT)).outcome).toBe('expired');
  expect((await hold.release()).outcome).toBe('released');
});

test('closing: ends every timer of rounds', async () => {
  const { rounds: over, time, a } = rounds();
  a.hold();
  const { outcome } = await over.grant('r', TTL, DRIFT);
  await outcome?.release();
  await time.advance(TTL);
  a.answer();
  await settle();
  await over.close();
  expect(time.pending).toEqual([]);
});
