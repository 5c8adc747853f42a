import { describe, expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { CHECKS } from '../../src/doctor/checks.js';
import { diagnosisOf } from '../../src/doctor/conclusion.js';
import type { Diagnosis, DiagnoseOptions } from '../../src/doctor/index.js';
import { serverFactsIn, type ServerFacts } from '../../src/doctor/facts/info.js';
import { type NodeFacts, unknownNode } from '../../src/doctor/facts/node-facts.js';
import { termsOf } from '../../src/doctor/terms.js';
import { told } from './support/fleet.js';

type Facts = Partial<NodeFacts> & { readonly server?: Partial<ServerFacts> };

const INFO =
  'redis_version:7.4.0\nrole:master\naof_enabled:1\nmaxmemory:0\nmaxmemory_policy:noeviction\n';

/** The facts of a sound node called n1, n2, …, but for what is given. */
function nodeFacts({ server, ...facts }: Facts, index: number): NodeFacts {
  const name = `n${index + 1}`;
  return {
    ...unknownNode(memoryNode({ name }), null),
    servers: [{ ...serverFactsIn(`${INFO}run_id:${index}\n`), ...server }],
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
  const terms = await termsOf([memoryNode({ name: 'any' })], { ttl: 60_000, ...options });
  const nodes = facts.map(nodeFacts);
  return diagnosisOf(CHECKS.flatMap((check) => check({ nodes, terms })));
}

async function findings(
  facts: readonly Facts[],
  options: DiagnoseOptions = {},
): Promise<readonly string[]> {
  return told(await diagnosisFor(facts, options));
}

/** Facts of a clock that is so many ms ahead of this machine's. */
function offset(low: number, high: number): Facts {
  return { offsets: [{ low, high }] };
}

test('three sound nodes give no finding', async () => {
  expect(await findings([{}, {}, {}])).toEqual([]);
});

test.each([
  [1, ['warning FEW_NODES']],
  [2, ['warning FEW_NODES', 'warning EVEN_NODES']],
  [4, ['warning EVEN_NODES']],
])('%d nodes give %j', async (count, expected) => {
  expect(await findings(Array.from({ length: count }, () => ({})))).toEqual(expected);
});

test('a server without a run id, as behind a proxy, is not identified', async () => {
  expect(await findings([{ server: { runId: null } }, {}, {}])).toEqual([
    'warning IDENTITY_UNKNOWN n1',
  ]);
});

describe('persistence', () => {
  const cases = [
    { what: 'no append-only file', facts: { server: { hasAppendOnlyFile: false } } },
    { what: 'appendfsync everysec', facts: { fsyncs: ['everysec'] } },
    { what: 'an unknown appendfsync', facts: { fsyncs: [] } },
  ];
  const levels = [
    { quarantine: true, expected: ['warning NO_PERSISTENCE', 'warning RELAXED_FSYNC', 'note'] },
    { quarantine: false, expected: ['unsound NO_PERSISTENCE', 'unsound RELAXED_FSYNC', 'warning'] },
    { quarantine: 'strict', expected: ['note NO_PERSISTENCE', 'note RELAXED_FSYNC', ''] },
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
});

test.each([
  { evictionPolicy: 'allkeys-lru', maxMemory: 1e8, expected: 'unsound EVICTION' },
  // Locks have an expiry, so they are what this policy drops first.
  { evictionPolicy: 'volatile-ttl', maxMemory: 1e8, expected: 'unsound EVICTION' },
  { evictionPolicy: 'allkeys-lru', maxMemory: 0, expected: 'note EVICTION' },
  { evictionPolicy: 'noeviction', maxMemory: 1e8, expected: 'note MEMORY_LIMIT' },
])('$evictionPolicy with maxmemory $maxMemory gives $expected', async ({ expected, ...server }) => {
  expect(await findings([{ server }, {}, {}])).toEqual([`${expected} n1`]);
});

test.each([
  ['6.0.20', ['unsound OLD_VERSION n1']],
  ['6.2.14', ['note OLD_VERSION n1']],
  ['7.0.0', []],
  ['10.0.1', []],
])('Redis %s gives %j', async (version, expected) => {
  expect(await findings([{ server: { version } }, {}, {}])).toEqual(expected);
});

describe('clocks', () => {
  test.each([
    { offsets: [0, 3_600_000, 0], expected: ['unsound CLOCKS_APART n2'] },
    { offsets: [0, -3_600_000, 0], expected: ['unsound CLOCKS_APART n2'] },
    // Less apart than the quarantine lasts, a clock costs a round trip only.
    { offsets: [0, 0, 50_000], expected: ['warning CLOCKS_APART n3'] },
    { offsets: [0, 0, 59_000], expected: ['unsound CLOCKS_APART n3'] },
    { offsets: [60_000, 60_000, 60_000], expected: ['warning OWN_CLOCK'] },
    // The fastest may be too far from the slowest, and not from the middle one.
    { offsets: [700, 0, -700], expected: ['warning CLOCKS_APART n1'] },
  ])('offsets of $offsets ms give $expected', async ({ offsets, expected }) => {
    expect(await findings(offsets.map((ms) => offset(ms - 1, ms + 1)))).toEqual(expected);
  });

  test('an offset that a slow reply leaves open is no finding; a second in any case is one', async () => {
    expect(await findings([{}, {}, offset(-3000, 1)])).toEqual([]);
    expect(await findings([{}, {}, offset(-3000, -1002)])).toEqual(['warning CLOCKS_APART n3']);
    expect(await findings([{}, {}, offset(1002, 3000)])).toEqual(['warning CLOCKS_APART n3']);
  });

  test('the message says by how much a clock is ahead or behind', async () => {
    for (const [ms, how] of [
      [3_600_000, 'ahead of'],
      [-3_600_000, 'behind'],
    ] as const) {
      const [finding] = (await diagnosisFor([{}, offset(ms - 1, ms + 1), {}])).findings;
      expect(finding?.message).toContain(`its clock is 3600.0 s ${how} that of`);
    }
  });

  test('without fencing no clock is compared', async () => {
    expect(await findings([{}, offset(3_600_000, 3_600_001), {}], { fencing: false })).toEqual([]);
  });
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

test('a ttl of a few round trips to the quorum is too short', async () => {
  const far = { roundTrip: 200 };
  const options = { ttl: 1000, nodeTimeout: 30_000 };
  expect(await findings([far, far, far], options)).toEqual(['warning SHORT_TTL']);
});

test('nodes that all answer too late leave no quorum', async () => {
  const found = await findings([{ roundTrip: 200 }], { nodeTimeout: 100 });
  expect(found).toContain('unsound NO_QUORUM');
});
