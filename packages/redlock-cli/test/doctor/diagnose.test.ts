import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { memoryNode } from 'redlock-core/memory';
import { Deployment, majors, openClient } from 'test-kit';
import { diagnose } from '../../src/doctor/index.js';
import { nodesOf, patient, told, withFirst } from './support/fleet.js';

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

describe('a sound set', () => {
  test('with the configuration of docker/, nothing but a note is told', async () => {
    const config = await composed();
    expect(config).toMatchObject({ appendonly: 'yes', appendfsync: 'always' });
    await using deployment = await Deployment.start(5, { config });
    const diagnosis = await diagnose(nodesOf(deployment), patient);
    expect(diagnosis).toMatchObject({
      sound: true,
      findings: [{ level: 'note', code: 'ONE_HOST' }],
    });
  });

  test.each(majors)('is sound for ioredis $major', async ({ major }) => {
    await using deployment = await Deployment.start(3);
    const nodes = deployment.nodes.map((_, i) => ioredisNode(deployment.client(major, i)));
    expect(told(await diagnose(nodes, patient))).toEqual([]);
  });

  test('nothing is written to it, and no subscription is left', async () => {
    await using deployment = await Deployment.start(3);
    await diagnose(nodesOf(deployment), patient);
    for (const probe of deployment.probes) {
      expect(await probe.dbsize()).toBe(0);
      expect(await probe.info('persistence')).toMatch(/rdb_changes_since_last_save:0\r/);
      expect(await probe.pubsub('CHANNELS')).toEqual([]);
    }
  });

  test('its nodes stay open, also those with a client of their own', async () => {
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
});

describe('the number of nodes', () => {
  test.each([
    [1, ['warning FEW_NODES']],
    [2, ['warning FEW_NODES', 'warning EVEN_NODES']],
    [4, ['warning EVEN_NODES']],
  ])('%d nodes: %j', async (count, expected) => {
    await using deployment = await Deployment.start(count);
    expect(told(await diagnose(nodesOf(deployment), patient))).toEqual(expected);
  });
});

describe('nodes that are not servers of their own', () => {
  test('one server behind two addresses is found', async () => {
    await using deployment = await Deployment.start(3);
    const nodes = nodesOf(deployment).slice(0, 2);
    const other = await deployment.proxyTo(0);
    const again = ioredisNode(deployment.own(openClient(6, other)));
    const diagnosis = await diagnose([...nodes, again], patient);
    expect(told(diagnosis)).toEqual([`unsound SAME_SERVER ${again.name}`]);
    expect(diagnosis.findings[0]?.message).toContain(`the same server as ${nodes[0]?.name}`);
  });

  test('nodes on one host are a note', async () => {
    await using deployment = await Deployment.start(3);
    const { findings } = await diagnose(nodesOf(deployment), patient);
    expect(findings).toMatchObject([{ level: 'note', code: 'ONE_HOST', node: null }]);
  });

  test('a server that does not say who it is, as behind a proxy', async () => {
    await using deployment = await Deployment.start(3);
    const nodes = withFirst(nodesOf(deployment), ([name], reply) =>
      name === 'INFO' ? String(reply).replaceAll(/^run_id:.*$/gm, '') : reply,
    );
    const diagnosis = await diagnose(nodes, patient);
    expect(told(diagnosis)).toEqual([`warning UNIDENTIFIED ${nodes[0]?.name}`]);
  });
});

describe('servers that forget', () => {
  const quarantines = [
    [true, 'warning'],
    [false, 'unsound'],
    ['strict', 'note'],
  ] as const;

  test.each(quarantines)('no append-only file, quarantine %s: %s', async (quarantine, level) => {
    await using deployment = await Deployment.start(3);
    await deployment.node(1).probe.config('SET', 'appendonly', 'no');
    const nodes = nodesOf(deployment);
    const diagnosis = await diagnose(nodes, { ...patient, quarantine });
    expect(told(diagnosis)).toEqual([`${level} NO_PERSISTENCE ${nodes[1]?.name}`]);
    expect(diagnosis.findings[0]?.remedy).toContain('appendfsync always');
  });

  test.each(quarantines)('appendfsync everysec, quarantine %s: %s', async (quarantine, level) => {
    await using deployment = await Deployment.start(3);
    await deployment.node(1).probe.config('SET', 'appendfsync', 'everysec');
    const nodes = nodesOf(deployment);
    const diagnosis = await diagnose(nodes, { ...patient, quarantine });
    expect(told(diagnosis)).toEqual([`${level} RELAXED_FSYNC ${nodes[1]?.name}`]);
  });

  test.each([
    [true, ['note']],
    [false, ['warning']],
    ['strict', []],
  ] as const)(
    'a user who may not ask for appendfsync, quarantine %s: %j',
    async (quarantine, levels) => {
      await using deployment = await Deployment.start(3);
      for (const probe of deployment.probes) {
        await probe.call('ACL', 'SETUSER', 'locker', 'on', '>pw', '~*', '&*', '+@all', '-config');
      }
      const nodes = nodesOf(deployment, { username: 'locker', password: 'pw' });
      const diagnosis = await diagnose(nodes, { ...patient, quarantine });
      expect(told(diagnosis)).toEqual(
        nodes.flatMap(({ name }) => levels.map((level) => `${level} UNKNOWN_FSYNC ${name}`)),
      );
    },
  );
});

describe('memory', () => {
  test.each([
    ['allkeys-lru', '100mb', 'unsound EVICTION'],
    // Locks have an expiry, so they are what this policy drops first.
    ['volatile-ttl', '100mb', 'unsound EVICTION'],
    ['allkeys-lru', '0', 'note EVICTION'],
    ['noeviction', '100mb', 'note MEMORY_LIMIT'],
  ])('maxmemory-policy %s with maxmemory %s: %s', async (policy, limit, expected) => {
    await using deployment = await Deployment.start(3);
    const { probe } = deployment.node(2);
    await probe.config('SET', 'maxmemory-policy', policy);
    await probe.config('SET', 'maxmemory', limit);
    const nodes = nodesOf(deployment);
    expect(told(await diagnose(nodes, patient))).toEqual([`${expected} ${nodes[2]?.name}`]);
  });

  test('a server that is full refuses locks', async () => {
    await using deployment = await Deployment.start(3);
    const { probe } = deployment.node(0);
    await probe.config('SET', 'maxmemory', '1');
    const nodes = nodesOf(deployment);
    const diagnosis = await diagnose(nodes, patient);
    expect(told(diagnosis)).toEqual([
      `warning MEMORY_LIMIT ${nodes[0]?.name}`,
      `warning REFUSED ${nodes[0]?.name}`,
    ]);
    expect(diagnosis.findings.find(({ code }) => code === 'REFUSED')?.message).toContain('OOM');
  });
});

describe('versions', () => {
  test.each([
    ['6.0.20', 'unsound OLD_VERSION'],
    ['6.2.14', 'note OLD_VERSION'],
    ['7.0.0', ''],
    ['7.2.4', ''],
    ['10.0.1', ''],
  ])('Redis %s: %s', async (version, expected) => {
    await using deployment = await Deployment.start(3);
    const nodes = withFirst(nodesOf(deployment), ([name], reply) =>
      name === 'INFO'
        ? String(reply).replace(/^redis_version:.*$/m, `redis_version:${version}`)
        : reply,
    );
    const diagnosis = await diagnose(nodes, patient);
    expect(told(diagnosis)).toEqual(expected ? [`${expected} ${nodes[0]?.name}`] : []);
  });
});

describe('arguments', () => {
  test.each([
    [{ ttl: 0 }, /ttl must be/],
    [{ ttl: 1.5 }, /ttl must be/],
    [{ timeout: -1 }, /timeout must be/],
    [{ quarantine: 'maybe' }, /quarantine must be/],
    [{ keyprefix: 'locks:' }, /keyPrefix/],
  ])('%j is refused', async (options, expected) => {
    const nodes = [memoryNode({ name: 'a' })];
    await expect(diagnose(nodes, options as never)).rejects.toThrow(expected);
  });

  test('no nodes, and one name twice, are refused', async () => {
    await expect(diagnose([])).rejects.toThrow(Error);
    const twice = [memoryNode({ name: 'a' }), memoryNode({ name: 'a' })];
    await expect(diagnose(twice)).rejects.toThrow(/a/);
  });
});
