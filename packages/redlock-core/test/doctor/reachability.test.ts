import { describe, expect, test } from '@jest/globals';
import { ioredisNode, ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { Deployment, isReady } from 'test-kit';
import { diagnose } from 'redlock-core/doctor';
import { brief, nodesOf, summaries } from './support/fleet.js';

const PASSWORD = 'open-sesame-42';
const WRONG = 'swordfish-17';

test('a server that is away leaves a quorum, and is a warning; too many leave none', async () => {
  await using deployment = await Deployment.start(3);
  await deployment.node(0).server.kill();
  const nodes = nodesOf(deployment);
  const [first, second] = nodes.map(({ name }) => `warning UNREACHABLE ${name}`);
  expect(summaries(await diagnose(nodes, brief))).toEqual([first]);
  await deployment.node(1).server.kill();
  const diagnosis = await diagnose(nodes, brief);
  expect(diagnosis.ok).toBe(false);
  expect(summaries(diagnosis)).toEqual(['error NO_QUORUM', first, second]);
});

test('a server that falls silent on an open connection', async () => {
  await using deployment = await Deployment.start(3);
  const clients = deployment.nodes.map((_, index) => deployment.client(6, index));
  await Promise.all(clients.map((client) => isReady(client)));
  deployment.node(2).proxy.blackHole();
  const nodes = clients.map((client) => ioredisNode(client));
  const diagnosis = await diagnose(nodes, brief);
  expect(summaries(diagnosis)).toEqual([`warning UNREACHABLE ${nodes[2]?.name}`]);
  expect(diagnosis.findings[0]?.message).toContain(`no reply within ${brief.timeout} ms`);
});

describe.each([
  ['a wrong password', `:${WRONG}@`],
  ['a wrong password of a user', `locker:${WRONG}@`],
  ['no password', ''],
])('%s', (_, credentials) => {
  test('is found, and shown nowhere', async () => {
    await using deployment = await Deployment.start(3, {
      config: { requirepass: PASSWORD, user: `locker on >${PASSWORD} ~* &* +@all` },
      password: PASSWORD,
    });
    const nodes = deployment.nodes.map(({ proxy: { host, port } }, index) => {
      const given = index === 0 ? credentials : `:${PASSWORD}@`;
      return ioredisNodeFromUrl(`redis://${given}${host}:${port}`);
    });
    const diagnosis = await diagnose(nodes, brief);
    await Promise.all(nodes.map(async (node) => node.close?.()));
    expect(summaries(diagnosis)).toEqual([`warning WRONG_PASSWORD ${nodes[0]?.name}`]);
    expect(JSON.stringify(diagnosis)).not.toMatch(new RegExp(`${PASSWORD}|${WRONG}|locker`));
  });
});

test('a user who may not use the database of the client', async () => {
  await using deployment = await Deployment.start(3);
  await Promise.all(
    deployment.probes.map((probe) =>
      probe.call('ACL', 'SETUSER', 'locker', 'on', '>pw', '~*', '&*', '+@all', '-select'),
    ),
  );
  const login = { username: 'locker', password: 'pw' };
  const nodes = deployment.nodes.map((_, index) =>
    ioredisNode(deployment.client(6, index, { ...login, db: index })),
  );
  const diagnosis = await diagnose(nodes, brief);
  expect(summaries(diagnosis)).toEqual([
    'error NO_QUORUM',
    `warning MISSING_PERMISSION_LOCK ${nodes[1]?.name}`,
    `warning MISSING_PERMISSION_LOCK ${nodes[2]?.name}`,
  ]);
  expect(diagnosis.findings[1]?.fix).toContain('+select');
});

test('a server without TLS that is asked for it', async () => {
  await using deployment = await Deployment.start(3);
  const nodes = deployment.nodes.map(({ proxy: { host, port } }, index) =>
    ioredisNodeFromUrl(`${index === 0 ? 'rediss' : 'redis'}://${host}:${port}`),
  );
  const diagnosis = await diagnose(nodes, brief);
  await Promise.all(nodes.map(async (node) => node.close?.()));
  expect(summaries(diagnosis)).toEqual([`warning UNREACHABLE ${nodes[0]?.name}`]);
  expect(diagnosis.findings[0]?.fix).toContain('redis:// for one without');
});
