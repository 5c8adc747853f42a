import { describe, expect, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { Deployment, pace } from 'test-kit';
import { diagnose } from '../../src/doctor/index.js';
import { altered, nodesOf, patient, told } from './support/fleet.js';

/** The clock of a process cannot be set, so what the server says of it is changed. */
function withClock(node: RedisNode, seconds: number): RedisNode {
  return altered(node, ([name], reply) => {
    if (name !== 'TIME') return reply;
    const [whole, rest] = reply as [string, string];
    return [String(Number(whole) + seconds), rest];
  });
}

async function diagnosed(offsets: readonly number[], options = {}): Promise<[string[], string[]]> {
  await using deployment = await Deployment.start(offsets.length);
  const nodes = nodesOf(deployment).map((node, i) => withClock(node, offsets[i] ?? 0));
  const diagnosis = await diagnose(nodes, { ...patient, ...options });
  const numbers = told(diagnosis).map((each) =>
    nodes.reduce((text, { name }, i) => text.replace(name, `node ${i + 1}`), each),
  );
  return [numbers, diagnosis.findings.map(({ message }) => message)];
}

describe('clocks', () => {
  test.each([
    [[0, 3600, 0], 'ahead of'],
    [[0, -3600, 0], 'behind'],
  ])('offsets of %j s: the one that is apart is named', async (offsets, how) => {
    const [found, messages] = await diagnosed(offsets);
    expect(found).toEqual(['unsound CLOCKS_APART node 2']);
    expect(messages[0]).toMatch(new RegExp(`^its clock is (3600|3599)\\.\\d s ${how} that of`));
  });

  test('less apart than the quarantine lasts, it costs a round trip only', async () => {
    const [found] = await diagnosed([0, 0, 60]);
    expect(found).toEqual(['warning CLOCKS_APART node 3']);
  });

  test('a quarantine that is no longer than the clocks are apart may give a token that is too low', async () => {
    const [found] = await diagnosed([0, 0, 60], { quarantineTime: 61_000 });
    expect(found).toEqual(['unsound CLOCKS_APART node 3']);
  });

  test('the clock of this machine', async () => {
    const [found] = await diagnosed([60, 60, 60]);
    expect(found).toEqual(['warning OWN_CLOCK']);
  });

  test('without fencing no clock is compared', async () => {
    expect(await diagnosed([0, 3600, 0], { fencing: false })).toMatchObject([[], {}]);
  });
});

/** A set whose last node is a round trip of 200 ms away, with a timeout of its own. */
async function withDistance(timeout: number | undefined, options = {}): Promise<string[]> {
  await using deployment = await Deployment.start(3);
  deployment.node(2).proxy.delay(100);
  const nodes = deployment.nodes.map((_, i) =>
    ioredisNode(deployment.client(6, i), i === 2 ? { name: 'far', timeout } : {}),
  );
  const diagnosis = await diagnose(nodes, { ...patient, timeout: pace.limit, ...options });
  return told(diagnosis);
}

describe('round trips', () => {
  test.each([
    [150, ['warning TOO_SLOW far']],
    [450, ['warning SLOW far']],
    [30_000, []],
  ])('200 ms with a timeout of %d ms: %j', async (timeout, expected) => {
    expect(await withDistance(timeout)).toEqual(expected);
  });

  test('200 ms with the timeout of a short ttl, which a process has until it has measured', async () => {
    expect(await withDistance(undefined, { ttl: 3000 })).toEqual(['warning SLOW far']);
  });

  test('the timeout of the Redlock counts if the node has none', async () => {
    expect(await withDistance(undefined, { nodeTimeout: 150 })).toEqual(['warning TOO_SLOW far']);
  });

  test('a ttl of a few round trips to the quorum is too short', async () => {
    await using deployment = await Deployment.start(3);
    for (const { proxy } of deployment.nodes) proxy.delay(100);
    const nodes = nodesOf(deployment);
    const options = { ttl: 1000, nodeTimeout: 30_000, timeout: pace.limit };
    const diagnosis = await diagnose(nodes, options);
    expect(told(diagnosis)).toEqual(['warning SHORT_TTL']);
  });

  test('nodes that all answer too late leave no quorum', async () => {
    await using deployment = await Deployment.start(1);
    deployment.node(0).proxy.delay(100);
    const nodes = nodesOf(deployment);
    const found = told(await diagnose(nodes, { ...patient, nodeTimeout: 100 }));
    expect(found).toContain('unsound NO_QUORUM');
  });
});
