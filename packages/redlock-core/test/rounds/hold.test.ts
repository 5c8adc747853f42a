import { describe, expect, test } from '@jest/globals';
import { roundsOverThree } from '../support/rounds-over.js';
import { settle } from '../support/settle.js';

const TTL = 10_000;
/** Less 1% and 2 ms. */
const VALIDITY = 9898;
const DRIFT = 0.01;

async function granted() {
  const three = roundsOverThree();
  const { outcome: hold, votes } = await three.rounds.grant('r', TTL, DRIFT);
  if (hold === null) throw new Error('nobody else wants it');
  await votes;
  return { ...three, hold };
}

describe('an extension', () => {
  test('prolongs validity, keeps the token, and has the votes of all nodes', async () => {
    const { hold, runtime, nodes } = await granted();
    await runtime.advance(5000);
    expect(hold.remaining()).toBe(VALIDITY - 5000);
    const { outcome, votes } = await hold.extend(TTL, DRIFT);
    expect(outcome).toBe('extended');
    expect(await votes).toHaveLength(3);
    expect(hold.remaining()).toBe(VALIDITY);
    for (const { server } of nodes) expect(await server.holderOf('r')).toBe(hold.token);
  });

  test('to a shorter ttl leaves the validity that there is', async () => {
    const { hold } = await granted();
    expect((await hold.extend(1000, DRIFT)).outcome).toBe('extended');
    expect(hold.remaining()).toBe(VALIDITY);
  });

  test('puts the key back on a node that lacks it', async () => {
    const { hold, c } = await granted();
    await c.server.steal('r');
    await hold.extend(TTL, DRIFT);
    await settle();
    expect(await c.server.holderOf('r')).toBe(hold.token);
  });

  test('of a token that a majority lacks is taken, and frees what is left', async () => {
    const { hold, a, b, c } = await granted();
    await a.server.steal('r', 'other');
    await b.server.steal('r', 'other');
    expect((await hold.extend(TTL, DRIFT)).outcome).toBe('taken');
    expect(hold.remaining()).toBe(0);
    await settle();
    expect(await c.server.holderOf('r')).toBeNull();
    expect(await a.server.holderOf('r')).toBe('other');
  });

  test('that too few nodes answer changes nothing', async () => {
    const { hold, runtime, a, b } = await granted();
    a.mode = b.mode = new Error('ERR no');
    expect((await hold.extend(TTL, DRIFT)).outcome).toBe('unreachable');
    await runtime.advance(1000);
    expect(hold.remaining()).toBe(VALIDITY - 1000);
  });

  test('that is answered after the end of validity is expired, and frees what it has prolonged', async () => {
    const { hold, runtime, nodes } = await granted();
    await runtime.advance(VALIDITY - 100);
    for (const node of nodes) node.mode = 'hold';
    const extending = hold.extend(TTL, DRIFT);
    await runtime.advance(100);
    for (const node of nodes) node.answer();
    expect((await extending).outcome).toBe('expired');
    await settle();
    for (const { server } of nodes) expect(await server.holderOf('r')).toBeNull();
  });

  test('after the end of validity sends nothing', async () => {
    const { hold, runtime, a } = await granted();
    await runtime.advance(VALIDITY);
    const { outcome, votes } = await hold.extend(TTL, DRIFT);
    expect(outcome).toBe('expired');
    expect(await votes).toEqual([]);
    expect(a.kinds).not.toContain('extend');
  });
});

describe('a release', () => {
  test('confirms that the token was held, and has the votes of all nodes', async () => {
    const { hold, nodes } = await granted();
    const { outcome, votes } = await hold.release();
    expect(outcome).toBe('released');
    expect((await votes).map(({ vote }) => vote)).toEqual(['granted', 'granted', 'granted']);
    for (const { server } of nodes) expect(await server.holderOf('r')).toBeNull();
    expect(hold.remaining()).toBe(0);
  });

  test('that too few nodes answered is confirmed by those that answer another time', async () => {
    const { hold, b, c } = await granted();
    b.mode = c.mode = new Error('ERR no');
    expect((await hold.release()).outcome).toBe('unreachable');
    b.mode = 'answer';
    const { outcome, votes } = await hold.release();
    expect(outcome).toBe('released');
    expect((await votes).map(({ vote }) => vote)).toEqual(['granted', 'granted', 'failed']);
  });

  test('that was owed is confirmed when it has been paid', async () => {
    const { hold, runtime, b, c } = await granted();
    for (const node of [b, c]) node.disconnect();
    const releasing = hold.release();
    await runtime.advance(1000);
    expect((await releasing).outcome).toBe('unreachable');
    b.connected();
    await settle();
    expect(await b.server.holderOf('r')).toBeNull();
    const { outcome, votes } = await hold.release();
    expect(outcome).toBe('released');
    expect((await votes).map(({ vote }) => vote)).toEqual(['granted', 'granted', 'failed']);
  });

  test('that the client sent again on another connection is confirmed by the next one', async () => {
    const { hold, runtime, b, c } = await granted();
    c.disconnect();
    b.mode = 'hold';
    const releasing = hold.release();
    await runtime.advance(1000);
    expect((await releasing).outcome).toBe('unreachable');
    b.connected();
    b.answer();
    await settle();
    expect((await hold.release()).outcome).toBe('released');
  });

  test('of a token that a majority lacks is taken', async () => {
    const { hold, a, b } = await granted();
    await a.server.steal('r', 'other');
    await b.server.steal('r', 'other');
    const { outcome, votes } = await hold.release();
    expect(outcome).toBe('taken');
    expect(hold.isTaken).toBe(true);
    expect((await votes).map(({ vote }) => vote)).toEqual(['denied', 'denied', 'granted']);
  });
});

describe('a token of another process', () => {
  test('is extended and released with its value kept', async () => {
    const { rounds, nodes } = roundsOverThree();
    for (const { server } of nodes) await server.steal('r', 'theirs');
    const hold = rounds.hold('r', 'theirs', 5000);
    expect(hold.remaining()).toBe(5000);
    expect((await hold.extend(TTL, DRIFT)).outcome).toBe('extended');
    expect(hold.remaining()).toBe(VALIDITY);
    for (const { server } of nodes) expect(await server.holderOf('r')).toBe('theirs');
    expect((await hold.release()).outcome).toBe('released');
    for (const { server } of nodes) expect(await server.holderOf('r')).toBeNull();
  });

  test('that is not valid any more is released all the same, and not extended', async () => {
    const { rounds, nodes } = roundsOverThree();
    for (const { server } of nodes) await server.steal('r', 'theirs');
    const hold = rounds.hold('r', 'theirs', -1);
    expect((await hold.extend(TTL, DRIFT)).outcome).toBe('expired');
    expect((await hold.release()).outcome).toBe('released');
  });

  test('is extended, and released, when the connections are there', async () => {
    const { rounds, nodes } = roundsOverThree();
    for (const node of nodes) {
      node.ready = false;
      await node.server.steal('r', 'theirs');
    }
    const hold = rounds.hold('r', 'theirs', 5000);
    const extending = hold.extend(TTL, DRIFT);
    await settle();
    for (const node of nodes) node.connected();
    expect((await extending).outcome).toBe('extended');
    for (const node of nodes) node.ready = false;
    const releasing = hold.release();
    await settle();
    for (const node of nodes) node.connected();
    expect((await releasing).outcome).toBe('released');
    for (const { server } of nodes) expect(await server.holderOf('r')).toBeNull();
  });
});
