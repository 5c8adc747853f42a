import { expect, test } from '@jest/globals';
import { settle } from '../../support/settle.js';
import { held, TTL, world } from '../../support/world.js';

const BUSY = new Error('BUSY Redis is busy running a script. You can only call SCRIPT KILL');
const LOADING = new Error('LOADING Redis is loading the dataset in memory');
const GIVEN_UP = new Error('Command timed out');

/** One node that answers a release with BUSY. */
async function refusedRelease(resources = ['r']) {
  const all = world(1);
  const locks = await Promise.all(resources.map((name) => all.redlock.acquire(name, TTL)));
  all.a.fail(BUSY, 'release');
  await Promise.all(locks.map((lock) => lock.release()));
  return all;
}

test('a release that the client gave up follows when the node answers again', async () => {
  const { redlock, time, c, lock, holders, everywhere } = await held();
  await time.advance(1);
  c.mode = GIVEN_UP;
  expect(await lock.release()).toBe(true);
  await settle();
  c.mode = 'answer';
  await redlock.acquire('another', TTL);
  await settle();
  expect(c.releases).toBe(2);
  expect(await holders()).toEqual(everywhere(null));
});

test.each([BUSY, LOADING, new Error('NOREPLICAS Not enough good replicas to write.')])(
  'a release that the server refuses is repeated until it is executed: %s',
  async (error) => {
    const { redlock, time, a, holders } = world(1);
    const lock = await redlock.acquire('r', 60_000);
    a.mode = error;
    expect(await lock.release()).toBe(false);
    await time.advance(5000);
    a.mode = 'answer';
    await time.advance(2000);
    expect(await holders()).toEqual([null]);
  },
);

test('refused releases are repeated together, after growing pauses, whatever else is answered', async () => {
  const names = ['one', 'two', 'three'];
  const { redlock, time, a } = await refusedRelease(names);
  const commands = a.commandCount;
  for (let round = 0; round < 50; round++) {
    await redlock.inspect('one');
    await time.advance(100);
  }
  const repeated = a.commandCount - commands - a.inspects;
  expect(repeated).toBeGreaterThan(4);
  expect(repeated).toBeLessThan(12);
  a.mode = 'answer';
  await time.advance(2000);
  for (const name of names) expect(await a.server.holderOf(name)).toBeNull();
});

test('a refused release is not repeated once the key has expired, nor keeps the process alive', async () => {
  const { time, a } = await refusedRelease();
  await time.advance(20);
  expect(time.holding).toEqual([]);
  await time.advance(12_500);
  const sent = a.commandCount;
  await time.advance(60_000);
  expect(a.commandCount).toBe(sent);
  expect(time.pending).toEqual([]);
});
