import { expect, test } from '@jest/globals';
import type { Which } from '../support/command.js';
import { settle } from '../support/settle.js';
import { DOWN } from '../support/test-node.js';
import { TTL, world } from '../support/world.js';

const READONLY = new Error("READONLY You can't write against a read only replica.");
const OOM = new Error("OOM command not allowed when used memory > 'maxmemory'.");
/** As Redis 7.2 says it, and Redis 7.0, of a command inside a script. */
const NOPERM = [
  'NOPERM ACL failure in script: this user has no permissions to run a command',
  "ERR The user executing the script can't run this command or subcommand script: 258, on @user_script:112.",
];

const failed = (error: Error, code: string) => [
  'nodeFailed',
  { node: 'c', error: { name: 'Error', code, message: error.message } },
];
const recovered = ['nodeRecovered', { node: 'c' }];

const WRITES: Which = ({ verb }) => verb === 'acquire' || verb === 'extend';
/** The repair of a key that the node lacks. */
const REPAIRS: Which = ({ verb, creates }) => verb === 'extend' && creates;
const CREATES: Which = ({ creates }) => creates;

/** Three nodes, a lock, and the events about nodes since the last look. */
async function withLock({ missingOnC = false } = {}) {
  const all = world();
  const { redlock, time, seen, c } = all;
  if (missingOnC) c.fail(READONLY, 'acquire');
  const lock = await redlock.acquire('held', 60_000);
  await settle();
  let looked = 0;
  const events = (): unknown[] => {
    const news = seen.slice(looked).filter(([event]) => event.startsWith('node'));
    looked = seen.length;
    return news;
  };
  /** Everything is done with the nodes, three times. */
  const cycle = async (): Promise<void> => {
    for (const resource of ['one', 'two', 'three']) {
      await redlock.inspect(resource);
      const other = await redlock.acquire(resource, TTL);
      await other.extend();
      await lock.extend();
      await other.release();
      // Pending releases are tried again.
      await time.advance(2000);
    }
  };
  return { ...all, lock, events, cycle };
}

test.each<[string, Error, string, Which]>([
  ['is down', DOWN, 'CONNECTION', () => true],
  ['refuses writes', READONLY, 'READONLY', WRITES],
  ['has no memory left, but still extends', OOM, 'OOM', CREATES],
  ['may not extend (Redis 7.2)', new Error(NOPERM[0]), 'NOPERM', 'extend'],
  ['may not extend (Redis 7.0)', new Error(NOPERM[1]), 'NOPERM', 'extend'],
])(
  'telemetry: a node that %s has failed once and recovered once, however often it is asked',
  async (_, error, code, which) => {
    const { c, events, cycle } = await withLock();
    await cycle();
    expect(events()).toEqual([]);
    for (let time = 0; time < 2; time++) {
      c.fail(error, which);
      await cycle();
      expect(events()).toEqual([failed(error, code)]);
      c.mode = 'answer';
      await cycle();
      expect(events()).toEqual([recovered]);
    }
  },
);

test('telemetry: a node that refuses only releases has not failed', async () => {
  const { c, events, cycle } = await withLock();
  await cycle();
  c.fail(new Error(NOPERM[0]), 'release');
  await cycle();
  expect(events()).toEqual([]);
});

test('telemetry: a node that is unresponsive or unreachable after the decision has failed', async () => {
  const { redlock, names, seen, b, c, time } = world();
  c.mode = 'hold';
  await redlock.acquire('r', TTL);
  await time.advance(500);
  expect(seen.at(-1)).toMatchObject(['nodeFailed', { node: 'c', error: { code: 'TIMEOUT' } }]);
  c.answer();
  await settle();
  b.ready = false;
  await redlock.acquire('s', TTL);
  await time.advance(2000);
  expect(seen.at(-1)).toMatchObject([
    'nodeFailed',
    { node: 'b', error: { code: 'NOT_CONNECTED' } },
  ]);
  expect(names().filter((name) => name === 'nodeRecovered')).toHaveLength(1);
});

test('telemetry: a node that comes back read-only and without its data has not recovered', async () => {
  const { lock, servers, c, events } = await withLock();
  c.fail(DOWN);
  await lock.extend();
  await settle();
  await servers[2]?.steal('held');
  c.fail(READONLY, REPAIRS);
  await lock.extend();
  await settle();
  expect(events()).toEqual([failed(DOWN, 'CONNECTION')]);
});

test.each(['extended', 'repaired'])(
  'telemetry: a node recovers when a lock is %s there, though none is acquired',
  async (how) => {
    const { lock, c, events } = await withLock({ missingOnC: how === 'repaired' });
    if (how === 'extended') {
      c.fail(READONLY, 'extend');
      await lock.extend();
      await settle();
    }
    expect(events()).toEqual([failed(READONLY, 'READONLY')]);
    c.mode = 'answer';
    await lock.extend();
    await settle();
    expect(events()).toEqual([recovered]);
  },
);
