import { expect, test } from '@jest/globals';
import { rejectionOf, thrownBy } from 'test-kit/rejection';
import { Redlock, type RedlockOptions, type ReleaseOptions } from 'redlock-core';
import { nodeOptionsOf, type NodeOptions } from 'redlock-core/adapter';
import { memoryNode } from 'redlock-core/memory';
import {
  badNumbers,
  classAndMessage,
  expectRefusal,
  type BadArgument,
} from '../support/refusal.js';
import { held, nodesNamed, TTL, world } from '../support/world.js';

const NOT_OBJECT = 'TypeError: options must be an object';

const WAITING: readonly BadArgument[] = [
  ...badNumbers('wait', 'at least 0', -1, NaN),
  ...badNumbers('pollInterval', 'finite and at least 0', -1, Infinity),
];

const HOLDING: readonly BadArgument[] = [
  ...[null, 5, []].map((value): BadArgument => [JSON.stringify(value), value, NOT_OBJECT]),
  ...badNumbers('maxHold', 'at least 0', -1),
  ...['autoExtend', 'reentrant', 'fencing'].map((name): BadArgument => [
    name,
    { [name]: 1 },
    `TypeError: ${name} must be a boolean`,
  ]),
];

const OWNER = 'owner must have 1 to 40 characters from space to ~, and no colon';

const OF_REDLOCK: readonly BadArgument[] = [
  ['keyPrefix', { keyPrefix: 5 }, 'TypeError: keyPrefix must be a string'],
  [
    'half a character in keyPrefix',
    { keyPrefix: '\ud800' },
    'RangeError: keyPrefix must be well-formed Unicode, without lone surrogates',
  ],
  ...badNumbers('driftFactor', 'at least 0 and below 1', -0.1, 1, NaN),
  ...badNumbers('nodeTimeout', 'positive and finite', 0, Infinity),
  ...badNumbers('quarantineTime', 'a positive safe integer (ms)', 0, 0.5, Infinity),
  ['quarantine', { quarantine: 'on' }, "TypeError: quarantine must be a boolean or 'strict'"],
  ['owner', { owner: 7 }, 'TypeError: owner must be a string'],
  ...['', 'a:b', 'é', 'a\nb', 'x'.repeat(41)].map((owner): BadArgument => [
    `owner ${JSON.stringify(owner)}`,
    { owner },
    `RangeError: ${OWNER}, not ${JSON.stringify(owner)}`,
  ]),
  ...['awaited', 'shared'].map((owner): BadArgument => [
    `owner ${owner}`,
    { owner },
    `RangeError: owner must not be "${owner}", which nodes use themselves`,
  ]),
];

const OF_CALL: readonly BadArgument[] = [
  ...HOLDING,
  ['signal', { signal: {} }, 'TypeError: signal must be an AbortSignal'],
];

const OF_ADOPTION = OF_CALL.filter(([name]) => name !== 'reentrant');

const KNOWN_WAITING =
  'wait, pollInterval, signal, autoExtend, maxHold, reentrant, fencing, mode, onVotes, steal';
const KNOWN_TRYING = 'signal, autoExtend, maxHold, reentrant, fencing, mode, onVotes, steal';
const KNOWN_ADOPTING = 'signal, autoExtend, maxHold, fencing, mode';
const KNOWN_REDLOCK =
  'wait, pollInterval, autoExtend, maxHold, reentrant, fencing, onVotes, ' +
  'keyPrefix, driftFactor, nodeTimeout, quarantine, quarantineTime, owner';
const KNOWN_CAMPAIGN = 'wait, signal, pollInterval, maxHold';

/** An option that does not exist, though its value is undefined, and what the error proposes. */
const unknown = (name: string, instead: string): BadArgument => [
  `${name}, which does not exist`,
  { [name]: undefined },
  `TypeError: There is no option "${name}". ${instead}`,
];

const UNKNOWN_TO_REDLOCK: readonly BadArgument[] = [
  unknown('keyPrefx', 'Did you mean keyPrefix?'),
  unknown('quarantinetime', 'Did you mean quarantineTime?'),
  unknown('retryCount', `Known options: ${KNOWN_REDLOCK}.`),
  unknown('signal', `Known options: ${KNOWN_REDLOCK}.`),
  unknown('toString', `Known options: ${KNOWN_REDLOCK}.`),
];

test.each([...WAITING, ...HOLDING, ...OF_REDLOCK, ...UNKNOWN_TO_REDLOCK])(
  'arguments: new Redlock refuses the option %s',
  (_, options, error) => {
    const make = () => new Redlock(nodesNamed(3), options as RedlockOptions);
    expect(classAndMessage(thrownBy(make))).toBe(error);
  },
);

const unknownTo = (known: string): BadArgument[] => [
  unknown('reentant', 'Did you mean reentrant?'),
  unknown('fencin', 'Did you mean fencing?'),
  unknown('driftFactor', `Known options: ${known}.`),
];

type Call = (redlock: Redlock, options: object) => Promise<unknown>;

const CALLS: readonly (readonly [name: string, call: Call, bad: readonly BadArgument[]])[] = [
  [
    'acquire',
    (redlock, options) => redlock.acquire('r', TTL, options),
    [...OF_CALL, ...WAITING, ...unknownTo(KNOWN_WAITING)],
  ],
  [
    'tryAcquire',
    (redlock, options) => redlock.tryAcquire('r', TTL, options),
    [...OF_CALL, ...unknownTo(KNOWN_TRYING)],
  ],
  [
    'using',
    (redlock, options) => redlock.using('r', TTL, options, () => null),
    [...OF_CALL, ...WAITING, ...unknownTo(KNOWN_WAITING)],
  ],
  [
    'adopt',
    (redlock, options) => redlock.adopt('r', 'token', TTL, options),
    [
      ...OF_ADOPTION,
      unknown('fencin', 'Did you mean fencing?'),
      unknown('wait', `Known options: ${KNOWN_ADOPTING}.`),
      unknown('reentrant', `Known options: ${KNOWN_ADOPTING}.`),
    ],
  ],
  [
    'campaign',
    (redlock, options) => redlock.election('e', TTL).campaign(options),
    [
      ['null', null, NOT_OBJECT],
      ['wait -1', { wait: -1 }, 'RangeError: wait must be at least 0, not -1'],
      unknown('autoExtend', `Known options: ${KNOWN_CAMPAIGN}.`),
      unknown('maxhold', 'Did you mean maxHold?'),
    ],
  ],
];

test.each(
  CALLS.flatMap(([name, call, bad]) =>
    bad.map(([what, options, error]) => ({ name, what, call, options, error })),
  ),
)('arguments: $name refuses the option $what', async ({ call, options, error }) => {
  await expectRefusal((redlock) => call(redlock, options as object), error);
});

test('arguments: tryAcquire ignores the options for waiting, whatever they are', async () => {
  const { redlock, runtime } = world();
  const options: object = { wait: 'long', pollInterval: -1 };
  const start = runtime.now();
  expect(await redlock.tryAcquire('r', TTL, options)).not.toBeNull();
  expect(await redlock.tryAcquire('r', TTL, options)).toBeNull();
  expect(runtime.now()).toBe(start);
});

const KEEP_FOR = 'keepFor must be a positive safe integer (ms)';

test.each<BadArgument>([
  ['5000', 5000, 'TypeError: The options of release must be an object; write { keepFor: 5000 }'],
  ...[null, '5000', []].map((options): BadArgument => [
    JSON.stringify(options),
    options,
    'TypeError: The options of release must be an object; write { keepFor: ms }',
  ]),
  unknown('keepfor', 'Did you mean keepFor?'),
  unknown('ttl', 'Known options: keepFor.'),
  ...[0, -1, 1.5, NaN, Infinity, 2 ** 53].map((keepFor): BadArgument => [
    `keepFor ${keepFor}`,
    { keepFor },
    `RangeError: ${KEEP_FOR}, not ${keepFor}`,
  ]),
  ...['100', null].map((keepFor): BadArgument => [
    `keepFor ${JSON.stringify(keepFor)}`,
    { keepFor },
    'TypeError: keepFor must be a number',
  ]),
])('arguments: release refuses %s, and the lock is held as before', async (_, given, message) => {
  const { lock, holders, everywhere } = await held('r', { autoExtend: true });
  const error = await rejectionOf(lock.release(given as ReleaseOptions));
  expect(classAndMessage(error)).toBe(message);
  expect(await holders()).toEqual(everywhere(lock.token));
  expect(lock.remaining()).toBeGreaterThan(0);
  expect(await lock.release({ keepFor: undefined })).toBe(true);
});

test.each([
  ['timout', 'Did you mean timeout?'],
  ['nodeTimeout', 'Known options: name, timeout.'],
  ['host', 'Known options: name, timeout.'],
])('arguments: an adapter refuses the unknown option %s', (name, instead) => {
  const options = { name: 'a', [name]: undefined };
  for (const make of [() => nodeOptionsOf(options), () => memoryNode(options)]) {
    expect(classAndMessage(thrownBy(make))).toBe(
      `TypeError: There is no option "${name}". ${instead}`,
    );
  }
});

function withDatabase(given: NodeOptions & { database?: number }) {
  return nodeOptionsOf(given, ['database']);
}

test('arguments: an adapter may have its own options, whose misspelling is refused too', () => {
  expect(withDatabase({ database: 3 }).database).toBe(3);
  expect(classAndMessage(thrownBy(() => withDatabase({ databse: 3 } as object)))).toBe(
    'TypeError: There is no option "databse". Did you mean database?',
  );
});
