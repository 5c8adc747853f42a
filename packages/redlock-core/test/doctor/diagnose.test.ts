import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { memoryNode } from 'redlock-core/memory';
import { Deployment, openClient } from 'test-kit';
import { diagnose } from 'redlock-core/doctor';
import { altered, nodesOf, patient, summaries } from './support/fleet.js';

const COMPOSE = new URL('../../../../docker/docker-compose.yml', import.meta.url);

/** The directives with which docker/ starts its servers. */
async function composed(): Promise<Record<string, string>> {
  const [, command = ''] =
    /redis-server (.*?)\$\{REDIS_ARGUMENTS/s.exec(await readFile(COMPOSE, 'utf8')) ?? [];
  const words = Array.from(command.matchAll(/--(\S+) (\S+)/g), ([, name = '', value = '']) => [
    name,
    value.replaceAll("'", ''),
  ]);
  return Object.fromEntries(words);
}

test('with the configuration of docker/, the only finding is that all share a host', async () => {
  const config = await composed();
  expect(config).toMatchObject({ appendonly: 'yes', appendfsync: 'always' });
  await using deployment = await Deployment.start(5, { config });
  const diagnosis = await diagnose(nodesOf(deployment), patient);
  expect(diagnosis).toMatchObject({
    ok: true,
    findings: [{ level: 'info', code: 'SHARED_HOST' }],
  });
});

test('in a set without problems nothing is found or written, and no subscription is left', async () => {
  await using deployment = await Deployment.start(3);
  expect(summaries(await diagnose(nodesOf(deployment), patient))).toEqual([]);
  for (const probe of deployment.probes) {
    expect(await probe.dbsize()).toBe(0);
    expect(await probe.info('persistence')).toMatch(/rdb_changes_since_last_save:0\r/);
    expect(await probe.pubsub('CHANNELS')).toEqual([]);
  }
});

test('the nodes of a set stay open, also those with a client of their own', async () => {
  await using deployment = await Deployment.start(3);
  const nodes = nodesOf(deployment);
  let closed = 0;
  const own = nodes.map((node) =>
    Object.create(node, { close: { value: async () => void closed++ } }),
  );
  await diagnose(own, patient);
  expect(closed).toBe(0);
  expect(nodes.every(({ ready }) => ready)).toBe(true);
});

test('one server behind two addresses is found', async () => {
  await using deployment = await Deployment.start(3);
  const nodes = nodesOf(deployment).slice(0, 2);
  const other = await deployment.proxyTo(0);
  const again = ioredisNode(deployment.own(openClient(6, other)));
  const diagnosis = await diagnose([...nodes, again], patient);
  expect(summaries(diagnosis)).toEqual([`error DUPLICATE_SERVER ${again.name}`]);
  expect(diagnosis.findings[0]?.message).toContain(`the same server as ${nodes[0]?.name}`);
});

test('what servers say of their persistence, memory, clock and distance is read', async () => {
  await using deployment = await Deployment.start(5);
  const [none, relaxed, full, evicting] = deployment.probes;
  await none?.config('SET', 'appendonly', 'no');
  await relaxed?.config('SET', 'appendfsync', 'everysec');
  await full?.config('SET', 'maxmemory', '1');
  await evicting?.config('SET', 'maxmemory', '100mb');
  await evicting?.config('SET', 'maxmemory-policy', 'volatile-lru');
  deployment.node(4).proxy.delay(100);
  const nodes = nodesOf(deployment);
  const [a, b, c, d, e] = nodes.map(({ name }) => name);
  const late = altered(nodes.at(-1), ([command], reply) => {
    if (command !== 'TIME') return reply;
    const [seconds, rest] = reply as [string, string];
    return [String(Number(seconds) - 3600), rest];
  });
  const diagnosis = await diagnose([...nodes.slice(0, 4), late], { ...patient, nodeTimeout: 150 });
  expect(summaries(diagnosis)).toEqual([
    `error EVICTION ${d}`,
    `error NODE_CLOCK_SKEW ${e}`,
    `warning REFUSED ${c}`,
    `warning NO_PERSISTENCE ${a}`,
    `warning RELAXED_FSYNC ${b}`,
    `warning MEMORY_LIMIT ${c}`,
    `warning TOO_SLOW ${e}`,
  ]);
  const found = new Map(diagnosis.findings.map(({ code, ...finding }) => [code, finding]));
  expect(found.get('REFUSED')?.message).toContain('OOM');
  expect(found.get('NO_PERSISTENCE')?.fix).toContain('appendfsync always');
});

test('a user without CONFIG GET gets an info, once for all nodes', async () => {
  await using deployment = await Deployment.start(3);
  for (const probe of deployment.probes) {
    await probe.call('ACL', 'SETUSER', 'locker', 'on', '>pw', '~*', '&*', '+@all', '-config');
  }
  const nodes = nodesOf(deployment, { username: 'locker', password: 'pw' });
  expect(summaries(await diagnose(nodes, patient))).toEqual(['info UNKNOWN_FSYNC']);
});

test.each([
  [{ ttl: 0 }, /ttl must be/],
  [{ ttl: 1.5 }, /ttl must be/],
  [{ timeout: -1 }, /timeout must be/],
  [{ quarantine: 'maybe' }, /quarantine must be/],
  [{ keyprefix: 'locks:' }, /keyPrefix/],
])('arguments: the options %j are refused', async (options, expected) => {
  const nodes = [memoryNode({ name: 'a' })];
  await expect(diagnose(nodes, options as never)).rejects.toThrow(expected);
});

test('arguments: no nodes, and one name twice, are refused', async () => {
  await expect(diagnose([])).rejects.toThrow(Error);
  const twice = [memoryNode({ name: 'a' }), memoryNode({ name: 'a' })];
  await expect(diagnose(twice)).rejects.toThrow(/a/);
});
