import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { SCRIPTS } from '../../src/protocol/script/index.js';
import { probesOf } from '../../src/doctor/rights.js';
import { CHECKS, judge, termsOf } from '../../src/doctor/diagnose.js';
import { type NodeFacts, serverInfoOf, unknownNode, wordsOf } from '../../src/doctor/facts.js';
import type { DiagnoseOptions, Diagnosis } from '../../src/doctor/index.js';
import { summaries } from './support/fleet.js';

/** Facts of a node; `server` is added to the INFO of its server. */
type Facts = Partial<NodeFacts> & { readonly server?: string };

const INFO =
  'redis_version:7.4.0\nrole:master\naof_enabled:1\nmaxmemory:0\nmaxmemory_policy:noeviction\n';
const NO_AOF = 'aof_enabled:0';

/** The facts of a node without problems, called n1, n2, …, except for what is given. */
function nodeFacts({ server = '', ...facts }: Facts, index: number): NodeFacts {
  const name = `n${index + 1}`;
  return {
    ...unknownNode(memoryNode({ name }), null),
    servers: [serverInfoOf(`${INFO}run_id:id${index}\nuptime_in_seconds:9\n${server}\n`)],
    fsyncs: ['always'],
    offsets: [{ low: -1, high: 1 }],
    roundTrip: 1,
    ...facts,
  };
}

async function diagnosisFor(
  facts: readonly Facts[],
  options: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const terms = termsOf({ ttl: 60_000, ...options });
  const nodes = facts.map(nodeFacts);
  return judge({ nodes, terms });
}

async function findings(
  facts: readonly Facts[],
  options: DiagnoseOptions = {},
): Promise<readonly string[]> {
  return summaries(await diagnosisFor(facts, options));
}

/** Facts of a clock that is so many ms ahead of this machine's. */
function offset(low: number, high: number): Facts {
  return { offsets: [{ low, high }] };
}

test('three nodes without problems give no finding', async () => {
  expect(await findings([{}, {}, {}])).toEqual([]);
});

test.each([
  [1, ['warning FEW_NODES']],
  [2, ['warning FEW_NODES', 'warning EVEN_NODES']],
  [4, ['warning EVEN_NODES']],
])('%d nodes give %j', async (count, expected) => {
  expect(await findings(Array.from({ length: count }, () => ({})))).toEqual(expected);
});

test.each<[string, Facts]>([
  [
    'a server with a run id of zeros',
    { servers: [serverInfoOf(`${INFO}run_id:000\nuptime_in_seconds:9\n`)] },
  ],
  ['a server without an uptime', { servers: [serverInfoOf(`${INFO}run_id:abc\n`)] }],
  ['a server without a run id', { servers: [serverInfoOf(INFO)] }],
  ['a proxy before several servers', { isBalanced: true }],
])('%s has no known identity, which matters less without quarantine', async (_, facts) => {
  expect(await findings([facts, {}, {}])).toEqual(['warning IDENTITY_UNKNOWN n1']);
  expect(await findings([facts, {}, {}], { quarantine: false })).toEqual([
    'info IDENTITY_UNKNOWN n1',
  ]);
});

const DRAGONFLY = 'dragonfly_version:df-v1.30.0\nredis_version:6.0.0';
const LIMIT = 'maxmemory:100000000';

test.each<[string, Facts, string[]]>([
  ['an active replica of KeyDB', { server: 'role:active-replica' }, ['error MULTI_MASTER n1']],
  ['an active-active one', { server: 'module:name=crdt,ver=1' }, ['error MULTI_MASTER n1']],
  ['with another module', { server: 'module:name=search,ver=1' }, []],
  ['Dragonfly', { server: DRAGONFLY }, ['warning UNSUPPORTED_SERVER n1']],
  ['without Lua', { hasLua: false }, ['warning NO_LUA n1']],
  [
    'that evicts any key',
    { server: `maxmemory_policy:allkeys-lru\n${LIMIT}` },
    ['error EVICTION n1'],
  ],
  [
    // Locks have an expiry, so they are what this policy drops first.
    'that evicts keys with an expiry',
    { server: `maxmemory_policy:volatile-ttl\n${LIMIT}` },
    ['error EVICTION n1'],
  ],
  ['without a limit to evict at', { server: 'maxmemory_policy:allkeys-lru' }, ['info EVICTION n1']],
  ['with a limit', { server: LIMIT }, ['info MEMORY_LIMIT n1']],
  ['of Redis 6.0.20', { server: 'redis_version:6.0.20' }, ['error OLD_VERSION n1']],
  ['of Redis 6.2.14', { server: 'redis_version:6.2.14' }, ['info OLD_VERSION n1']],
  ['of Redis 7.0.0', { server: 'redis_version:7.0.0' }, []],
  ['of Redis 10.0.1', { server: 'redis_version:10.0.1' }, []],
])('a server %s has its findings', async (_, facts, expected) => {
  expect(await findings([facts, {}, {}])).toEqual(expected);
});

const ERROR = { name: 'Error', code: 'OOM', message: 'OOM command not allowed' };

test.each<[string, Facts]>([
  ['cannot be reached', { failure: ERROR }],
  ['refuse writes', { refusal: ERROR }],
  ['run no Lua', { hasLua: false }],
  ['are replicas', { server: 'role:slave' }],
  ['are members of a Cluster', { server: 'cluster_enabled:1' }],
  ['answer too late', { roundTrip: 200, timeout: 100 }],
  ['deny SET', { missing: new Map([['lock', ['+set']]]) }],
  ['deny fencing counters', { missing: new Map([['fencing', ['~{*}:fencing']]]) }],
  ['deny INFO', { missing: new Map([['quarantine', ['+info']]]) }],
])('two of three nodes that %s leave no quorum', async (_, facts) => {
  expect(await findings([facts, facts, {}])).toContain('error NO_QUORUM');
});

test.each<[string, Facts]>([
  ['DEL', { missing: new Map([['lock', ['+del']]]) }],
  ['waiting', { missing: new Map([['waiting', ['+publish']]]) }],
])('nodes that deny %s can vote', async (_, facts) => {
  expect(await findings([facts, facts, {}])).not.toContain('error NO_QUORUM');
});

test('a finding that holds for all nodes is reported once; for some of them, for each', async () => {
  const facts = { server: NO_AOF };
  const { findings: all } = await diagnosisFor([facts, facts, facts]);
  expect(all).toEqual([expect.objectContaining({ code: 'NO_PERSISTENCE', node: null })]);
  expect(await findings([facts, facts, {}])).toEqual([
    'warning NO_PERSISTENCE n1',
    'warning NO_PERSISTENCE n2',
  ]);
});

test('a replica of a node is one also before it has the data of its master', async () => {
  const replica = {
    server: 'role:slave\nmaster_host:10.0.0.1\nmaster_port:6379\nmaster_replid:own',
  };
  const master = { name: '10.0.0.1:6379', server: 'master_replid:other' };
  expect(await findings([master, replica, {}])).toContain('error REPLICA_OF_NODE n2');
  expect(await findings([{}, replica, {}])).toContain('error REPLICA n2');
});

test('a finding about several masters of one Cluster is reported once', async () => {
  const [server] = nodeFacts({ server: NO_AOF }, 0).servers;
  const servers = server ? [server, server] : [];
  expect(await findings([{ servers }, {}, {}])).toEqual(['warning NO_PERSISTENCE n1']);
});

test('the commands that are tried are those of the scripts, and those around them', () => {
  const used = SCRIPTS.flatMap(({ source }) =>
    Array.from(source.matchAll(/\b(?:p?call|try)\('([a-z]+)'/g), ([, name = '']) =>
      name.toUpperCase(),
    ),
  );
  const around = ['EVAL', 'EVALSHA', 'INFO', 'PING', 'CLUSTER', 'ASKING'];
  const terms = { keyPrefix: '', fencing: true, quarantine: true };
  const tried = probesOf(terms, { cluster: true, keyPrefix: '' }).map(
    ({ command: [name] }) => name,
  );
  expect(used).toContain('PUBLISH');
  expect(new Set(tried)).toEqual(new Set([...used, ...around]));
});

test.each([
  ['a list', ['appendfsync', 'always']],
  ['an object', { appendfsync: 'always' }],
  ['a Map', new Map([['appendfsync', 'always']])],
  ['pairs', [{ key: 'appendfsync', value: 'always' }]],
])('a reply that names values may be %s', (_, reply) => {
  expect(wordsOf(reply)).toEqual(['appendfsync', 'always']);
});

test('a reply that names values may have numbers, or be empty', () => {
  expect(wordsOf(['__sentinel__:hello', 3])).toEqual(['__sentinel__:hello', '3']);
  expect(wordsOf([])).toEqual([]);
});

const cases = [
  { what: 'no append-only file', facts: { server: NO_AOF } },
  { what: 'appendfsync everysec', facts: { fsyncs: ['everysec'] } },
  { what: 'an unknown appendfsync', facts: { fsyncs: [] } },
];
const levels = [
  { quarantine: true, expected: ['warning NO_PERSISTENCE', 'warning RELAXED_FSYNC', 'info'] },
  { quarantine: false, expected: ['error NO_PERSISTENCE', 'error RELAXED_FSYNC', 'warning'] },
  { quarantine: 'strict', expected: ['info NO_PERSISTENCE', 'info RELAXED_FSYNC', ''] },
] as const;

test.each(
  levels.flatMap(({ quarantine, expected: [file, fsync, unknown] }) =>
    cases.map(({ what, facts }, index) => {
      const expected = [file, fsync, unknown && `${unknown} UNKNOWN_FSYNC`][index] ?? '';
      return { what, quarantine, facts, expected };
    }),
  ),
)(
  '$what with quarantine $quarantine gives "$expected"',
  async ({ facts, quarantine, expected }) => {
    const found = await findings([{}, facts, {}], { quarantine });
    expect(found).toEqual(expected === '' ? [] : [`${expected} n2`]);
  },
);

test.each([
  { offsets: [0, 3_600_000, 0], expected: ['error NODE_CLOCK_SKEW n2'] },
  { offsets: [0, -3_600_000, 0], expected: ['error NODE_CLOCK_SKEW n2'] },
  // Less apart than the quarantine lasts, a clock costs a round trip only.
  { offsets: [0, 0, 50_000], expected: ['warning NODE_CLOCK_SKEW n3'] },
  { offsets: [0, 0, 59_000], expected: ['error NODE_CLOCK_SKEW n3'] },
  { offsets: [60_000, 60_000, 60_000], expected: ['warning CLIENT_CLOCK_SKEW'] },
  // The fastest may be too far from the slowest, and not from the middle one.
  { offsets: [700, 0, -700], expected: ['warning NODE_CLOCK_SKEW n1'] },
])('offsets of $offsets ms give $expected', async ({ offsets, expected }) => {
  expect(await findings(offsets.map((ms) => offset(ms - 1, ms + 1)))).toEqual(expected);
});

test('an offset that a slow reply leaves open is no finding; a second in any case is one', async () => {
  expect(await findings([{}, {}, offset(-3000, 1)])).toEqual([]);
  expect(await findings([{}, {}, offset(-3000, -1002)])).toEqual(['warning NODE_CLOCK_SKEW n3']);
  expect(await findings([{}, {}, offset(1002, 3000)])).toEqual(['warning NODE_CLOCK_SKEW n3']);
});

test('the message says by how much a clock is ahead or behind', async () => {
  for (const [ms, how] of [
    [3_600_000, 'ahead of'],
    [-3_600_000, 'behind'],
  ] as const) {
    const [finding] = (await diagnosisFor([{}, offset(ms - 1, ms + 1), {}])).findings;
    expect(finding?.message).toContain(`the clock is 3600.0 s ${how} that of`);
  }
});

test('without fencing no clock is compared', async () => {
  expect(await findings([{}, offset(3_600_000, 3_600_001), {}], { fencing: false })).toEqual([]);
});

test.each([
  { timeout: 150, options: {}, expected: ['warning TOO_SLOW n3'] },
  { timeout: 450, options: {}, expected: ['warning SLOW n3'] },
  { timeout: 30_000, options: {}, expected: [] },
  // A process has the timeout of a short ttl until it has measured.
  { timeout: undefined, options: { ttl: 3000 }, expected: ['warning SLOW n3'] },
  { timeout: undefined, options: { nodeTimeout: 150 }, expected: ['warning TOO_SLOW n3'] },
])(
  'a round trip of 200 ms with a timeout of $timeout and $options gives $expected',
  async ({ timeout, options, expected }) => {
    expect(await findings([{}, {}, { timeout, roundTrip: 200 }], options)).toEqual(expected);
  },
);

test('TOO_SLOW and SLOW begin with what happens to votes, so their messages differ from the start', async () => {
  const messages = await Promise.all(
    [
      { timeout: 150, ttl: 60_000 },
      { timeout: 450, ttl: 60_000 },
      { timeout: undefined, ttl: 3000 },
    ].map(async ({ timeout, ttl }) => {
      const { findings: all } = await diagnosisFor([{}, {}, { timeout, roundTrip: 200 }], { ttl });
      return all[0]?.message;
    }),
  );
  expect(messages).toEqual([
    expect.stringMatching(/^no vote counts: .* 200 ms, .* 150 ms/),
    expect.stringMatching(/^late votes do not count: .* 200 ms, .* 450 ms/),
    expect.stringMatching(/^the first vote of each process is late: .* 200 ms, .* 3000 ms/),
  ]);
});

test('a ttl of a few round trips to the quorum is too short', async () => {
  const far = { roundTrip: 200 };
  const options = { ttl: 1000, nodeTimeout: 30_000 };
  expect(await findings([far, far, far], options)).toEqual(['warning SHORT_TTL']);
});

test('docs/cli.md explains every code of a finding, and no other', async () => {
  const page = await readFile(new URL('../../../../docs/cli.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| `([A-Z_]+)` +\| (?!the environment)/gm);
  expect(Array.from(rows, ([, code]) => code).toSorted()).toEqual(Object.keys(CHECKS).toSorted());
});
