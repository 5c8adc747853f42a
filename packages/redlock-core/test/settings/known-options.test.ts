import { describe, expect, test } from '@jest/globals';
import { rejectionOf, thrownBy } from 'test-kit/rejection';
import { Redlock, type RedlockOptions, type ReleaseOptions } from 'redlock-core';
import { nodeOptionsOf, type NodeOptions } from 'redlock-core/adapter';
import { memoryNode } from 'redlock-core/memory';
import { nodesNamed, threeNodes } from '../support/three-nodes.js';

const TTL = 10_000;

const OF_ACQUIRE =
  'wait, retryDelay, retryJitter, signal, autoExtend, maxHold, reentrant, fencing, mode';
const OF_TRY_ACQUIRE = 'signal, autoExtend, maxHold, reentrant, fencing, mode';
const OF_REDLOCK =
  'wait, retryDelay, retryJitter, autoExtend, maxHold, reentrant, fencing, mode, ' +
  'keyPrefix, driftFactor, nodeTimeout, quarantine, quarantineTime, owner';
const OF_CAMPAIGN = 'wait, signal, retryDelay, retryJitter, maxHold';

function expectUnknown(error: unknown, name: string, instead: string): void {
  expect(error).toBeInstanceOf(TypeError);
  expect(error).toMatchObject({ message: `There is no option "${name}"; ${instead}` });
}

test.each([
  ['keyPrefx', 'did you mean keyPrefix?'],
  ['quarantinetime', 'did you mean quarantineTime?'],
  ['retryCount', `the nearest of ${OF_REDLOCK} is retryDelay`],
  ['signal', `the nearest of ${OF_REDLOCK} is owner`],
  ['toString', `the nearest of ${OF_REDLOCK} is fencing`],
])('new Redlock throws for the unknown option %s', (name, instead) => {
  const options = { wait: 100, [name]: undefined } as RedlockOptions;
  expectUnknown(
    thrownBy(() => new Redlock(nodesNamed(3), options)),
    name,
    instead,
  );
});

type Options = Record<string, unknown>;
type Call = (redlock: Redlock, options: Options) => Promise<unknown>;

const CALLS: readonly (readonly [name: string, call: Call, known: string])[] = [
  ['acquire', (redlock, options) => redlock.acquire('r', TTL, options), OF_ACQUIRE],
  ['tryAcquire', (redlock, options) => redlock.tryAcquire('r', TTL, options), OF_TRY_ACQUIRE],
  ['using', (redlock, options) => redlock.using('r', TTL, options, () => null), OF_ACQUIRE],
  ['adopt', (redlock, options) => redlock.adopt('r', 'token', TTL, options), OF_ACQUIRE],
];

test.each([
  ['autoExtend', `the nearest of ${OF_CAMPAIGN} is maxHold`],
  ['maxhold', 'did you mean maxHold?'],
])('a campaign rejects for the unknown option %s', async (name, instead) => {
  const { redlock } = threeNodes();
  const options = { [name]: true } as object;
  expectUnknown(await rejectionOf(redlock.election('e', TTL).campaign(options)), name, instead);
});

describe.each(CALLS)('%s rejects, before a node hears of it,', (_, call, known) => {
  test.each([
    ['reentant', 'did you mean reentrant?'],
    ['fencin', 'did you mean fencing?'],
    ['driftFactor', `the nearest of ${known} is reentrant`],
  ])('for the unknown option %s, even if that is undefined', async (name, instead) => {
    const { redlock, nodes } = threeNodes();
    for (const value of [5, undefined]) {
      const error = await rejectionOf(call(redlock, { fencing: true, [name]: value }));
      expectUnknown(error, name, instead);
    }
    for (const node of nodes) expect(node).toMatchObject({ commands: [], connects: 0 });
  });
});

test('tryAcquire ignores the options for waiting, whatever they are', async () => {
  const { redlock, runtime } = threeNodes();
  const options: object = { wait: 'long', retryDelay: -1, retryJitter: null };
  const start = runtime.now();
  expect(await redlock.tryAcquire('r', TTL, options)).not.toBeNull();
  expect(await redlock.tryAcquire('r', TTL, options)).toBeNull();
  expect(runtime.now()).toBe(start);
});

describe('release rejects, and the lock is held as before,', () => {
  test.each([
    [5000, 'The options of release must be an object; write { keepFor: 5000 }'],
    [null, 'The options of release must be an object; write { keepFor: ms }'],
    ['5000', 'The options of release must be an object; write { keepFor: ms }'],
    [[], 'The options of release must be an object; write { keepFor: ms }'],
    [{ keepfor: 5000 }, 'There is no option "keepfor"; did you mean keepFor?'],
    [{ ttl: 5000 }, 'There is no option "ttl"; did you mean keepFor?'],
    [{ ttl: undefined }, 'There is no option "ttl"; did you mean keepFor?'],
  ])('for %j', async (given, message) => {
    const { redlock, a } = threeNodes();
    const lock = await redlock.acquire('r', TTL);
    const error = await rejectionOf(lock.release(given as ReleaseOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message });
    expect(a.kinds).toEqual(['grant']);
    expect(lock.remaining()).toBeGreaterThan(0);
    expect(await lock.release({ keepFor: undefined })).toBe(true);
  });
});

/** As of an adapter with an option of its own. */
function withDatabase(given: NodeOptions & { database?: number }) {
  return nodeOptionsOf(given, ['database']);
}

describe('an adapter throws for an option that it does not know:', () => {
  test.each([
    ['timout', 'did you mean timeout?'],
    ['nodeTimeout', 'the nearest of name, timeout is timeout'],
    ['host', 'the nearest of name, timeout is name'],
  ])('%s', (name, instead) => {
    const options = { name: 'a', [name]: undefined };
    expectUnknown(
      thrownBy(() => nodeOptionsOf(options)),
      name,
      instead,
    );
    expectUnknown(
      thrownBy(() => memoryNode(options)),
      name,
      instead,
    );
  });

  test('it may have options of its own', () => {
    expect(withDatabase({ database: 3 }).database).toBe(3);
    expectUnknown(
      thrownBy(() => withDatabase({ databse: 3 } as object)),
      'databse',
      'did you mean database?',
    );
  });
});
