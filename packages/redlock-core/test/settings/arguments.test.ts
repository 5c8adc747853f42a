import { describe, expect, test } from '@jest/globals';
import { rejectionOf, thrownBy } from 'test-kit/rejection';
import { Redlock, type AcquireOptions } from 'redlock-core';
import { classAndMessage, expectRefusal, type BadArgument } from '../support/refusal.js';
import { TestNode } from '../support/test-node.js';
import { world } from '../support/world.js';

const idle = (): void => {};
const NOT_ITERABLE = 'TypeError: nodes must be an iterable of nodes';
const NO_NODE =
  'TypeError: A node must be made by an adapter, as in ioredisNode(client), not be a client itself';
const TWICE =
  'RangeError: Two nodes are named "a"; nodes are independent servers, give each its own name';

const NODES: readonly BadArgument[] = [
  ['no iterable', undefined, NOT_ITERABLE],
  ['one node', new TestNode('a'), NOT_ITERABLE],
  ['null', null, NOT_ITERABLE],
  ['an empty list', [], 'RangeError: A Redlock needs at least one node'],
  ['a hole', [undefined], NO_NODE],
  ['text', 'redis://a', NO_NODE],
  ['a client', [{ call: () => null, on: () => null }], NO_NODE],
  ['a client with call and connect', [{ call: idle, connect: idle, on: idle }], NO_NODE],
  ['a promise', [Promise.resolve()], 'TypeError: A node must not be a promise; await it first'],
  [
    'a node without onReady',
    [{ name: 'a', call: idle, connect: idle }],
    'TypeError: A node lacks onReady: its adapter must implement it. See RedisNode.',
  ],
  ['a nameless node', [new TestNode('')], 'TypeError: The name of a node must not be empty'],
  [
    'a name with a password',
    [new TestNode('redis://bob:secret@a:6379')],
    'TypeError: The name of a node is shown in errors, so it must have no credentials',
  ],
  ['two nodes of one name', ['a', 'b', 'a'].map((name) => new TestNode(name)), TWICE],
  ...[0, Infinity].map((timeout): BadArgument => [
    `a node with timeout ${timeout}`,
    [new TestNode('a', { timeout })],
    `RangeError: timeout of node a must be positive and finite, not ${timeout}`,
  ]),
];

test.each(NODES)('arguments: new Redlock refuses nodes that are %s', (_, nodes, error) => {
  expect(classAndMessage(thrownBy(() => new Redlock(nodes as TestNode[])))).toBe(error);
});

const helper = (resource: string): string =>
  `RangeError: The resource ${JSON.stringify(resource)} would be the name of a helper key; ` +
  'choose another name';
const EMPTY = 'RangeError: A resource must not be an empty string';
const NO_LIST = 'TypeError: resources must be a string or an array of strings';

const PERMIT = '{seats}:permit:0';
const PERMIT_NAME = `RangeError: The resource "${PERMIT}" would be the permit of a semaphore; use semaphore(), or choose another name`;

const RESOURCES: readonly BadArgument[] = [
  ['missing', undefined, NO_LIST],
  ['a set', new Set(['r']), NO_LIST],
  [
    'half a character',
    'x\ud800',
    'RangeError: A resource must be well-formed Unicode, without lone surrogates',
  ],
  ['an empty list', [], 'RangeError: resources must name at least one resource'],
  [
    'more than 1,000',
    Array.from({ length: 1001 }, (_, index) => `r${index}`),
    'RangeError: resources must name at most 1000 resources, not 1001',
  ],
  ['a list with a number', ['r', 5], 'TypeError: A resource must be a string, not number'],
  ['a list with null', [null], 'TypeError: A resource must be a string, not null'],
  ['empty', '', EMPTY],
  ['a list with an empty one', ['r', ''], EMPTY],
  ['a counter', '{r}:fencing', helper('{r}:fencing')],
  ['the counter of a tagged key', ['x', 'a{b}c::fencing'], helper('a{b}c::fencing')],
  ['a queue', '{r}:waiting', helper('{r}:waiting')],
  ['the queue of a semaphore', '{s}:permits:waiting', helper('{s}:permits:waiting')],
  ['that of a tagged one', 'a{b}::permits:waiting', helper('a{b}::permits:waiting')],
  ['shared holders', '{r}:shared', helper('{r}:shared')],
  ['a permit', ['r', PERMIT], PERMIT_NAME],
];

const TTLS: readonly BadArgument[] = [
  ['missing', undefined, 'TypeError: ttl must be a number'],
  ['text', '1000', 'TypeError: ttl must be a number'],
  ...[0, -1, 0.5, NaN, Infinity, 2 ** 53].map((ttl): BadArgument => [
    String(ttl),
    ttl,
    `RangeError: ttl must be a positive safe integer (ms), not ${ttl}`,
  ]),
  ['no longer than its drift', 2, 'RangeError: ttl must exceed its own drift of 2.02 ms, not 2'],
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
  ['using', (redlock, resources, ttl) => redlock.using(resources, ttl, () => null)],
];

describe.each(CALLS)('%s', (_name, call) => {
  test.each(RESOURCES)('arguments: resources that are %s are refused', async (_, bad, error) => {
    await expectRefusal((redlock) => call(redlock, bad as string[], 1000), error);
  });

  test.each(TTLS)('arguments: a ttl that is %s is refused', async (_, ttl, error) => {
    await expectRefusal((redlock) => call(redlock, 'r', ttl as number), error);
  });
});

const NO_ROUTINE = 'TypeError: routine must be a function';
const NO_TOKEN = 'TypeError: token must be a string';
const NO_RESOURCE = 'RangeError: resources must name at least one resource';
const NO_SIGNAL = 'TypeError: signal must be an AbortSignal';
const NO_OPTIONS = 'TypeError: options must be an object';
const SEMAPHORE = 'The name of a semaphore must';
const STEAL = { steal: true };
const SIGNAL = { signal: new AbortController().signal };

const EMPTY_TOKEN = 'RangeError: token must not be an empty string';
const TTL_0 = 'RangeError: ttl must be a positive safe integer (ms), not 0';
const WAIT_BELOW_0 = 'RangeError: wait must be at least 0, not -1';
const NO_TIMEOUT = 'TypeError: There is no option "timeout". Known options: wait.';
const NO_BOOLEAN = 'TypeError: release must be a boolean';
const NO_RELASE = 'TypeError: There is no option "relase". Did you mean release?';
const STEAL_TWO = 'RangeError: steal takes one resource, not 2. Steal them one by one.';
const STEAL_SHARED =
  "RangeError: steal cannot be combined with mode: 'shared'. Leave one of them out.";
const STEAL_REENTRANT =
  'RangeError: steal cannot be combined with reentrant: true. Leave one of them out.';
const NO_PERMITS = 'TypeError: permits must be a number';

type AnyCall = (...args: readonly unknown[]) => unknown;

/** A call of a method with any arguments. */
function calling(method: keyof Redlock, ...args: readonly unknown[]) {
  return (redlock: Redlock): unknown => (redlock[method] as AnyCall).call(redlock, ...args);
}

function elected(method: 'lead' | 'observe', ...args: readonly unknown[]) {
  return (redlock: Redlock): unknown => {
    const election = redlock.election('e', 10_000);
    return (election[method].bind(election) as AnyCall)(...args);
  };
}

test.each<readonly [string, (redlock: Redlock) => unknown, string]>([
  ['using without a routine', calling('using', 'r', 1000), NO_ROUTINE],
  ['using with text as its routine', calling('using', 'r', 1000, 'work'), NO_ROUTINE],
  ['using with options alone', calling('using', 'r', 1000, { wait: 0 }), NO_ROUTINE],
  ['using with null as its routine', calling('using', 'r', 1000, { wait: 0 }, null), NO_ROUTINE],
  ['adopt without a token', calling('adopt', 'r', undefined, 1000), NO_TOKEN],
  ['adopt with a number for a token', calling('adopt', 'r', 5, 1000), NO_TOKEN],
  ['adopt with an empty token', calling('adopt', 'r', '', 1000), EMPTY_TOKEN],
  ['adopt without resources', calling('adopt', [], 'token', 1000), NO_RESOURCE],
  ['adopt of a permit', calling('adopt', PERMIT, 'token', 1000), PERMIT_NAME],
  ['adopt without a ttl', calling('adopt', 'r', 'token'), 'TypeError: ttl must be a number'],
  ['adopt with null for options', calling('adopt', 'r', 'token', 1000, null), NO_OPTIONS],
  ['inspect without a resource', calling('inspect'), 'TypeError: resource must be a string'],
  ['inspect of a list', calling('inspect', ['r']), 'TypeError: resource must be a string'],
  ['inspect of an empty name', calling('inspect', ''), EMPTY],
  ['inspect of a counter', calling('inspect', '{r}:fencing'), helper('{r}:fencing')],
  ['an election of a list', calling('election', ['r'], 10_000), 'TypeError: name must be a string'],
  ['an election without a name', calling('election', '', 10_000), EMPTY],
  ['an election of a counter', calling('election', '{r}:fencing', 10_000), helper('{r}:fencing')],
  ['an election of a permit', calling('election', PERMIT, 10_000), PERMIT_NAME],
  ['an election without a ttl', calling('election', 'r'), 'TypeError: ttl must be a number'],
  ['an election with ttl 0', calling('election', 'r', 0), TTL_0],
  ['lead without a routine', elected('lead', null, SIGNAL), NO_ROUTINE],
  ['lead without options', elected('lead', idle), NO_OPTIONS],
  ['lead without a signal', elected('lead', idle, {}), NO_SIGNAL],
  ['observe without options', elected('observe'), NO_OPTIONS],
  ['observe without a signal', elected('observe', {}), NO_SIGNAL],
  ['connect with wait -1', calling('connect', { wait: -1 }), WAIT_BELOW_0],
  ['connect with wait "1"', calling('connect', { wait: '1' }), 'TypeError: wait must be a number'],
  ['connect with a number', calling('connect', 5000), NO_OPTIONS],
  ['connect with an unknown option', calling('connect', { timeout: 1 }), NO_TIMEOUT],
  ['close with true', calling('close', true), NO_OPTIONS],
  ['close with release 1', calling('close', { release: 1 }), NO_BOOLEAN],
  ['close with an unknown option', calling('close', { relase: true }), NO_RELASE],
  ['steal of two resources', calling('acquire', ['r', 's'], 1000, STEAL), STEAL_TWO],
  ['steal with shared', calling('acquire', 'r', 1000, { ...STEAL, mode: 'shared' }), STEAL_SHARED],
  [
    'steal with reentrant',
    calling('acquire', 'r', 1000, { ...STEAL, reentrant: true }),
    STEAL_REENTRANT,
  ],
  ['a semaphore named 7', calling('semaphore', 7, 3), `TypeError: ${SEMAPHORE} be a string`],
  [
    'a nameless semaphore',
    calling('semaphore', '', 3),
    `RangeError: ${SEMAPHORE} not be an empty string`,
  ],
  [
    'a semaphore named by half a character',
    calling('semaphore', '\ud800', 3),
    `RangeError: ${SEMAPHORE} be well-formed Unicode, without lone surrogates`,
  ],
  ['a semaphore of "3" permits', calling('semaphore', 's', '3'), NO_PERMITS],
  ...[0, 1001, 1.5].map(
    (permits) =>
      [
        `a semaphore of ${permits} permits`,
        calling('semaphore', 's', permits),
        `RangeError: permits must be a whole number from 1 to 1000, not ${permits}`,
      ] as const,
  ),
])('arguments: %s is refused', async (_, call, error) => {
  await expectRefusal(call, error);
});

test.each(TTLS.filter(([, ttl]) => ttl !== undefined))(
  'arguments: extend refuses a ttl that is %s, and the lock keeps its own',
  async (_, ttl, message) => {
    const { redlock, runtime, a } = world();
    const lock = await redlock.acquire('r', 10_000);
    expect(classAndMessage(await rejectionOf(lock.extend(ttl as number)))).toBe(message);
    expect(a.commands).toHaveLength(1);
    await runtime.advance(1000);
    await lock.extend();
    expect(lock.remaining()).toBe(10_000 - 102);
  },
);

const EVENTS =
  'there are acquired, extended, released, lost, contended, nodeFailed, nodeRecovered, ' +
  'nodeQuarantined, nodeTrusted, warning';

test.each([
  ['an unknown event', 'aquired', idle, `There is no event "aquired"; ${EVENTS}`],
  ['an inherited name', 'toString', idle, `There is no event "toString"; ${EVENTS}`],
  ['no listener', 'lost', undefined, 'A listener must be a function'],
  ['an object as listener', 'lost', { handleEvent: idle }, 'A listener must be a function'],
])('arguments: on refuses %s', (_, event, listener, message) => {
  const { redlock } = world();
  const adding = () => (redlock.on.bind(redlock) as AnyCall)(event, listener);
  expect(classAndMessage(thrownBy(adding))).toBe(`TypeError: ${message}`);
});

test('arguments: unusual names and undefined options are accepted', async () => {
  const { redlock } = world(3, { keyPrefix: '', wait: undefined, nodeTimeout: undefined });
  for (const resource of ['r:fencing', '{}:fencing', ':fencing', ' ', 'a}b', '__proto__']) {
    const lock = await redlock.acquire(resource, 3, { wait: Infinity, signal: undefined });
    expect(lock.resources).toEqual([resource]);
    expect(await lock.release()).toBe(true);
  }
});

test('arguments: a resource that is a helper key only with the key prefix is refused', async () => {
  const over = world(3, { keyPrefix: '{app}' });
  await expectRefusal((redlock) => redlock.acquire(':fencing', 1000), helper(':fencing'), over);
});
