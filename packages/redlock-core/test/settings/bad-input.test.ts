import { describe, expect, test } from '@jest/globals';
import { rejectionOf, thrownBy } from 'test-kit/rejection';
import { Redlock, type AcquireOptions, type Election, type RedlockOptions } from 'redlock-core';
import { TestNode } from '../support/test-node.js';
import { nodesNamed, redlockOver, threeNodes } from '../support/three-nodes.js';

type Kind = typeof TypeError | typeof RangeError;
type Case = readonly [what: string, value: unknown, kind: Kind, message: string];

function expectExactly(error: unknown, kind: Kind, message: string): void {
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ message });
  expect((error as Error).constructor).toBe(kind);
}

const SIGNAL = { signal: new AbortController().signal };
const NOT_OBJECT = 'options must be an object';
const idle = (): void => {};

const NO_NODE =
  'A node must be made by an adapter, as in ioredisNode(client), not be a client itself';

const NODES: readonly Case[] = [
  ['no iterable', undefined, TypeError, 'nodes must be an iterable of nodes'],
  ['one node', new TestNode('a'), TypeError, 'nodes must be an iterable of nodes'],
  ['null', null, TypeError, 'nodes must be an iterable of nodes'],
  ['no node', [], RangeError, 'A Redlock needs at least one node'],
  ['a hole', [undefined], TypeError, NO_NODE],
  ['text', 'redis://a', TypeError, NO_NODE],
  ['a client', [{ call: () => null, on: () => null }], TypeError, NO_NODE],
  ['a client with call and connect', [{ call: idle, connect: idle, on: idle }], TypeError, NO_NODE],
  ['a promise', [Promise.resolve()], TypeError, 'A node must not be a promise; await it first'],
  [
    'a node without onReady',
    [{ name: 'a', call: idle, connect: idle }],
    TypeError,
    'A node lacks onReady; see RedisNode',
  ],
  ['a node without a name', [new TestNode('')], TypeError, 'The name of a node must not be empty'],
  [
    'a name with a password',
    [new TestNode('redis://bob:secret@a:6379')],
    TypeError,
    'The name of a node is shown in errors, so it must have no credentials',
  ],
  [
    'a name twice',
    [new TestNode('a'), new TestNode('b'), new TestNode('a')],
    RangeError,
    'Two nodes are named "a"; nodes are independent servers, give each its own name',
  ],
  [
    'a timeout of 0',
    [new TestNode('a', { timeout: 0 })],
    RangeError,
    'timeout of node a must be positive and finite, not 0',
  ],
  [
    'a timeout without end',
    [new TestNode('a', { timeout: Infinity })],
    RangeError,
    'timeout of node a must be positive and finite, not Infinity',
  ],
];

const number = (name: string): Case => [
  name,
  { [name]: '5' },
  TypeError,
  `${name} must be a number`,
];
const range = (name: string, value: number, words: string): Case => [
  `${name} ${value}`,
  { [name]: value },
  RangeError,
  `${name} must be ${words}, not ${value}`,
];

/** Of the constructor and of each call that waits. */
const WAYS_TO_WAIT: readonly Case[] = [
  number('wait'),
  range('wait', -1, 'at least 0'),
  range('wait', NaN, 'at least 0'),
  number('retryDelay'),
  range('retryDelay', -1, 'finite and at least 0'),
  range('retryDelay', Infinity, 'finite and at least 0'),
  number('retryJitter'),
  range('retryJitter', NaN, 'finite and at least 0'),
  range('retryJitter', Infinity, 'finite and at least 0'),
];

/** Of the constructor and of each call. */
const WAYS_TO_HOLD: readonly Case[] = [
  ['null', null, TypeError, 'options must be an object'],
  ['a number', 5, TypeError, 'options must be an object'],
  ['an array', [], TypeError, 'options must be an object'],
  number('maxHold'),
  range('maxHold', -1, 'at least 0'),
  ['autoExtend', { autoExtend: 1 }, TypeError, 'autoExtend must be a boolean'],
  ['reentrant', { reentrant: 1 }, TypeError, 'reentrant must be a boolean'],
  ['fencing', { fencing: 1 }, TypeError, 'fencing must be a boolean'],
];

const OPTIONS: readonly Case[] = [
  ...WAYS_TO_WAIT,
  ...WAYS_TO_HOLD,
  ['keyPrefix', { keyPrefix: 5 }, TypeError, 'keyPrefix must be a string'],
  [
    'half a character in keyPrefix',
    { keyPrefix: '\ud800' },
    RangeError,
    'keyPrefix must be well-formed Unicode, without lone surrogates',
  ],
  number('driftFactor'),
  range('driftFactor', -0.1, 'at least 0 and below 1'),
  range('driftFactor', 1, 'at least 0 and below 1'),
  range('driftFactor', NaN, 'at least 0 and below 1'),
  number('nodeTimeout'),
  range('nodeTimeout', 0, 'positive and finite'),
  range('nodeTimeout', Infinity, 'positive and finite'),
  number('quarantineTime'),
  range('quarantineTime', 0, 'a positive safe integer (ms)'),
  range('quarantineTime', 0.5, 'a positive safe integer (ms)'),
  range('quarantineTime', Infinity, 'a positive safe integer (ms)'),
  ['quarantine', { quarantine: 'on' }, TypeError, "quarantine must be a boolean or 'strict'"],
  ['owner', { owner: 7 }, TypeError, 'owner must be a string'],
  ...['', 'a:b', 'é', 'a\nb', 'x'.repeat(41)].map((owner): Case => [
    `owner ${JSON.stringify(owner)}`,
    { owner },
    RangeError,
    `owner must have 1 to 40 characters from space to ~, and no colon, not ${JSON.stringify(owner)}`,
  ]),
  ...['reserved', 'shared'].map((owner): Case => [
    `owner ${owner}`,
    { owner },
    RangeError,
    `owner must not be "${owner}", which nodes use themselves`,
  ]),
];

describe('new Redlock throws', () => {
  test.each(NODES)('for nodes that are %s', (_, nodes, kind, message) => {
    expectExactly(
      thrownBy(() => new Redlock(nodes as TestNode[])),
      kind,
      message,
    );
  });

  test.each(OPTIONS)('for options with %s', (_, options, kind, message) => {
    expectExactly(
      thrownBy(() => new Redlock(nodesNamed(3), options as RedlockOptions)),
      kind,
      message,
    );
  });
});

const helper = (resource: string): string =>
  `The resource ${JSON.stringify(resource)} would be the name of a helper key; choose another name`;

const RESOURCES: readonly Case[] = [
  ['missing', undefined, TypeError, 'resources must be a string or an array of strings'],
  [
    'half a character',
    'x\ud800',
    RangeError,
    'A resource must be well-formed Unicode, without lone surrogates',
  ],
  ['a set', new Set(['r']), TypeError, 'resources must be a string or an array of strings'],
  ['an empty list', [], RangeError, 'resources must name at least one resource'],
  [
    'more than 1,000',
    Array.from({ length: 1001 }, (_, index) => `r${index}`),
    RangeError,
    'resources must name at most 1000 resources, not 1001',
  ],
  ['a list with a number', ['r', 5], TypeError, 'A resource must be a string, not number'],
  ['a list with null', [null], TypeError, 'A resource must be a string, not null'],
  ['empty', '', RangeError, 'A resource must not be an empty string'],
  ['a list with an empty one', ['r', ''], RangeError, 'A resource must not be an empty string'],
  ['a helper key', '{r}:fencing', RangeError, helper('{r}:fencing')],
  ['a helper key of a tagged key', ['x', 'a{b}c::fencing'], RangeError, helper('a{b}c::fencing')],
  ['the helper key of a queue', '{r}:waiting', RangeError, helper('{r}:waiting')],
  ['the helper key of shared holders', '{r}:shared', RangeError, helper('{r}:shared')],
];

const TTLS: readonly Case[] = [
  ['missing', undefined, TypeError, 'ttl must be a number'],
  ['text', '1000', TypeError, 'ttl must be a number'],
  ...[0, -1, 0.5, NaN, Infinity, 2 ** 53].map((ttl): Case => [
    String(ttl),
    ttl,
    RangeError,
    `ttl must be a positive safe integer (ms), not ${ttl}`,
  ]),
  ['no longer than its drift', 2, RangeError, 'ttl must exceed its own drift of 2.02 ms, not 2'],
];

const CALL_OPTIONS: readonly Case[] = [
  ...WAYS_TO_HOLD,
  ['signal', { signal: {} }, TypeError, 'signal must be an AbortSignal'],
];

type Call = (
  redlock: Redlock,
  resources: string | string[],
  ttl: number,
  options?: AcquireOptions,
) => Promise<unknown>;

const CALLS: readonly (readonly [string, Call])[] = [
  ['acquire', (redlock, ...args) => redlock.acquire(...args)],
  ['tryAcquire', (redlock, ...args) => redlock.tryAcquire(...args)],
  [
    'using',
    (redlock, resources, ttl, options) =>
      options === undefined
        ? redlock.using(resources, ttl, () => null)
        : redlock.using(resources, ttl, options, () => null),
  ],
];

describe.each(CALLS)('%s rejects, before a node hears of it,', (_call, call) => {
  async function expectRejection(
    args: readonly unknown[],
    kind: Kind,
    message: string,
  ): Promise<void> {
    const { redlock, nodes } = threeNodes();
    const [resources, ttl, options] = args as [string, number, AcquireOptions?];
    expectExactly(await rejectionOf(call(redlock, resources, ttl, options)), kind, message);
    for (const node of nodes) expect(node).toMatchObject({ commands: [], connects: 0 });
  }

  test.each(RESOURCES)('for resources that are %s', async (_, resources, kind, message) => {
    await expectRejection([resources, 1000], kind, message);
  });

  test.each(TTLS)('for a ttl that is %s', async (_, ttl, kind, message) => {
    await expectRejection(['r', ttl], kind, message);
  });

  test.each(CALL_OPTIONS)('for options with %s', async (_, options, kind, message) => {
    await expectRejection(['r', 1000, options], kind, message);
  });
});

function withCluster(options?: RedlockOptions, keyPrefix?: string) {
  const cluster = new TestNode('b', { cluster: true, ...(keyPrefix && { keyPrefix }) });
  return redlockOver([new TestNode('a'), cluster, new TestNode('c')], options);
}

describe.each(CALLS.filter(([name]) => name !== 'tryAcquire'))(
  '%s, which waits, rejects before a node hears of it',
  (_call, call) => {
    test.each(WAYS_TO_WAIT)('for options with %s', async (_, options, kind, message) => {
      const { redlock, nodes } = threeNodes();
      const error = await rejectionOf(call(redlock, 'r', 1000, options as AcquireOptions));
      expectExactly(error, kind, message);
      for (const node of nodes) expect(node).toMatchObject({ commands: [], connects: 0 });
    });
  },
);

describe.each(CALLS)('with a Cluster among the nodes %s', (_call, call) => {
  test.each([
    ['a}b', ['x', 'a}b'], ''],
    ['{}b', ['{}b'], ''],
    ['app}:r', ['r'], 'app}:'],
  ])(
    'rejects, before a node hears of it, for the key %s, whose counter cannot share its slot',
    async (key, resources, keyPrefix) => {
      const { redlock, nodes } = withCluster({ keyPrefix });
      expectExactly(
        await rejectionOf(call(redlock, resources, 1000)),
        RangeError,
        `The key "${key}" has a } but no hash tag, so on a Cluster its fencing counter cannot ` +
          'share its slot; choose another name, add a hash tag, or set fencing: false',
      );
      for (const node of nodes) expect(node).toMatchObject({ commands: [], connects: 0 });
    },
  );

  test.each([{ fencing: true }, { fencing: false }])(
    'rejects, before a node hears of it, for resources in different slots with %j',
    async (options) => {
      const { redlock, nodes } = withCluster(options);
      expectExactly(
        await rejectionOf(call(redlock, ['{shop}:1', 'stock', '{shop}:2'], 1000)),
        RangeError,
        'The resources "{shop}:1", "stock", "{shop}:2" are in different slots of the Cluster b; ' +
          'give them a hash tag in common, as in "{order-1}:stock" and "{order-1}:payment", or ' +
          'lock them one by one',
      );
      for (const node of nodes) expect(node).toMatchObject({ commands: [], connects: 0 });
    },
  );

  test.each([
    ['that share a hash tag', ['{shop}:1', '{shop}:2', 'shop'], undefined, undefined],
    ['under a prefix with a hash tag', ['a', 'b'], '{app}:', undefined],
    ['under a prefix of the client that has one', ['a', 'b'], undefined, '{app}:'],
    // CLUSTER KEYSLOT says 3902 of both.
    ['whose slots happen to be the same', ['stock', 'r6681'], undefined, undefined],
  ])('takes resources %s', async (_, resources, keyPrefix, clientPrefix) => {
    const { redlock, nodes } = withCluster(keyPrefix ? { keyPrefix } : {}, clientPrefix);
    await call(redlock, resources, 1000);
    for (const node of nodes) expect(node.kinds).toContain('grant');
  });

  test('rejects, before a node hears of it, under a prefix of the client without a hash tag', async () => {
    const { redlock, nodes } = withCluster({}, 'app:');
    expectExactly(
      await rejectionOf(call(redlock, 'stock', 1000)),
      RangeError,
      'The client of the Cluster b puts a prefix of its own before the key "stock", so its fencing ' +
        'counter cannot share its slot; use the keyPrefix of Redlock instead, put a hash tag in the ' +
        'prefix, or set fencing: false',
    );
    for (const node of nodes) expect(node).toMatchObject({ commands: [], connects: 0 });
  });

  test.each([
    ['a}b without fencing', 'a}b', undefined, { fencing: false }],
    ['a}b without fencing as default', 'a}b', { fencing: false }, undefined],
    ['a hash tag', '}{a}b}', undefined, undefined],
    ['a hash tag in the prefix', 'a}b', { keyPrefix: '{app}' }, undefined],
    ['a brace that opens only', 'a{b', undefined, undefined],
  ])('takes %s', async (_, resource, options, callOptions) => {
    const { redlock, nodes } = withCluster(options);
    await call(redlock, resource, 1000, callOptions);
    for (const node of nodes) expect(node.kinds).toContain('grant');
  });
});

test.each([[[]], [[undefined]], [['work']], [[{ wait: 0 }]], [[{ wait: 0 }, null]]])(
  'using rejects for what is no routine: %j',
  async (rest) => {
    const { redlock, nodes } = threeNodes();
    const using = redlock.using.bind(redlock) as (...args: unknown[]) => Promise<unknown>;
    expectExactly(
      await rejectionOf(using('r', 1000, ...rest)),
      TypeError,
      'routine must be a function',
    );
    for (const node of nodes) expect(node.commands).toEqual([]);
  },
);

test.each([
  ['missing', undefined, TypeError, 'resource must be a string'],
  ['a list', ['r'], TypeError, 'resource must be a string'],
  ['empty', '', RangeError, 'A resource must not be an empty string'],
  ['a helper key', '{r}:fencing', RangeError, helper('{r}:fencing')],
] as Case[])('inspect rejects for a resource that is %s', async (_, resource, kind, message) => {
  const { redlock, nodes } = threeNodes();
  expectExactly(await rejectionOf(redlock.inspect(resource as string)), kind, message);
  for (const node of nodes) expect(node.commands).toEqual([]);
});

test.each(TTLS.filter(([, ttl]) => ttl !== undefined))(
  'extend rejects for a ttl that is %s, and the lock lives on as it was',
  async (_, ttl, kind, message) => {
    const { redlock, a } = threeNodes();
    const lock = await redlock.acquire('r', 10_000);
    expectExactly(await rejectionOf(lock.extend(ttl as number)), kind, message);
    expect(a.kinds).toEqual(['grant']);
    await lock.extend();
    expect(a.latest('extend').ttl).toBe(10_000);
  },
);

const EVENTS =
  'there are acquired, extended, released, lost, contended, nodeFailed, nodeRecovered, nodeQuarantined, nodeTrusted, warning';

test.each([
  ['an unknown event', 'aquired', () => {}, `There is no event "aquired"; ${EVENTS}`],
  ['an inherited name', 'toString', () => {}, `There is no event "toString"; ${EVENTS}`],
  ['no listener', 'lost', undefined, 'A listener must be a function'],
  ['no function', 'lost', { handleEvent: () => {} }, 'A listener must be a function'],
])('on throws for %s', (_, event, listener, message) => {
  const { redlock } = threeNodes();
  const on = redlock.on.bind(redlock) as (...args: unknown[]) => unknown;
  expectExactly(
    thrownBy(() => on(event, listener)),
    TypeError,
    message,
  );
});

test('what looks like a mistake and is none', async () => {
  const { redlock } = threeNodes({ keyPrefix: '', wait: undefined, nodeTimeout: undefined });
  for (const resource of ['r:fencing', '{}:fencing', ':fencing', ' ', 'a}b', '__proto__']) {
    const lock = await redlock.acquire(resource, 3, { wait: Infinity, signal: undefined });
    expect(lock.resources).toEqual([resource]);
    expect(await lock.release()).toBe(true);
  }
});

test('a key prefix can make a helper key of a resource', async () => {
  const { redlock } = threeNodes({ keyPrefix: '{app}' });
  const error = await rejectionOf(redlock.acquire(':fencing', 1000));
  expectExactly(error, RangeError, helper(':fencing'));
});

describe('election throws', () => {
  test.each([
    ['a name that is a list', [['r'], 10_000], TypeError, 'name must be a string'],
    ['a name that is empty', ['', 10_000], RangeError, 'A resource must not be an empty string'],
    ['a name of a helper key', ['{r}:fencing', 10_000], RangeError, helper('{r}:fencing')],
    ['a ttl that is missing', ['r'], TypeError, 'ttl must be a number'],
    ['a ttl of 0', ['r', 0], RangeError, 'ttl must be a positive safe integer (ms), not 0'],
  ] as const)('for %s', (_, args, kind, message) => {
    const { redlock } = threeNodes();
    expectExactly(
      thrownBy(() => redlock.election(...(args as unknown as [string, number]))),
      kind,
      message,
    );
  });
});

describe('an election refuses, before a node hears of it,', () => {
  const NO_SIGNAL = 'signal must be an AbortSignal';
  const CALLS_OF_ELECTION: readonly (readonly [string, (e: Election) => unknown, Kind, string])[] =
    [
      ['a routine', (e) => e.lead(null as never, SIGNAL), TypeError, 'routine must be a function'],
      ['to lead without options', (e) => e.lead(idle, undefined as never), TypeError, NOT_OBJECT],
      ['to lead without a signal', (e) => e.lead(idle, {} as never), TypeError, NO_SIGNAL],
      ['to observe without options', (e) => e.observe(undefined as never), TypeError, NOT_OBJECT],
      ['to observe without a signal', (e) => e.observe({} as never), TypeError, NO_SIGNAL],
      ['to campaign by null', (e) => e.campaign(null as never), TypeError, NOT_OBJECT],
      ['a wait', (e) => e.campaign({ wait: -1 }), RangeError, 'wait must be at least 0, not -1'],
    ];

  test.each(CALLS_OF_ELECTION)('%s', async (_, call, kind, message) => {
    const { redlock, nodes } = threeNodes();
    const election = redlock.election('e', 10_000);
    expectExactly(await rejectionOf((async () => call(election))()), kind, message);
    for (const node of nodes) expect(node).toMatchObject({ commands: [], connects: 0 });
  });
});
