import { expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { ioredisNode } from 'redlock-ioredis-adapter';
import {
  Deployment,
  openClient,
  RedisCluster,
  type RedisServer,
  SentinelGroup,
  until,
} from 'test-kit';
import { diagnose } from 'redlock-core/doctor';
import { nodesOf, patient, summaries } from './support/fleet.js';

async function followed(deployment: Deployment, index: number, master: RedisServer): Promise<void> {
  const { probe } = deployment.node(index);
  await probe.replicaof(master.host, master.port);
  await until('it follows', async () => {
    return (await probe.info('replication')).includes('master_link_status:up');
  });
}

test('a replica of another node is found, and so is the master that a replica may replace', async () => {
  await using deployment = await Deployment.start(3);
  await followed(deployment, 2, deployment.node(0).server);
  const nodes = nodesOf(deployment);
  const diagnosis = await diagnose(nodes, patient);
  expect(summaries(diagnosis)).toEqual([
    `error REPLICA_OF_NODE ${nodes[2]?.name}`,
    `warning UNGUARDED_FAILOVER ${nodes[0]?.name}`,
  ]);
  // The proxies hide the address of the master, but not what it replicates.
  expect(diagnosis.findings[0]?.message).toContain(`the data of ${nodes[0]?.name}`);
});

test('a replica of a server that is no node is none either', async () => {
  await using deployment = await Deployment.start(4);
  const { server } = deployment.node(3);
  await followed(deployment, 1, server);
  const nodes = nodesOf(deployment).slice(0, 3);
  const diagnosis = await diagnose(nodes, patient);
  expect(summaries(diagnosis)).toEqual([`error REPLICA ${nodes[1]?.name}`]);
  expect(diagnosis.findings[0]?.message).toContain(`${server.host}:${server.port}`);
});

test('a Sentinel group without min-replicas-to-write is an error, and with it ok, but not without quarantine', async () => {
  await using group = await SentinelGroup.start();
  const client = new Redis({
    sentinels: group.sentinels.map(({ host, port }) => ({ host, port })),
    name: group.name,
  });
  client.on('error', () => {});
  try {
    const nodes = [ioredisNode(client)];
    const before = await diagnose(nodes, patient);
    expect(summaries(before)).toEqual(['error UNGUARDED_FAILOVER group', 'warning FEW_NODES']);
    expect(before.findings[0]?.message).toContain('a Sentinel promotes');
    const master = await group.master();
    await group.probe(master).config('SET', 'min-replicas-to-write', '1');
    expect(summaries(await diagnose(nodes, patient))).toEqual(['warning FEW_NODES']);
    // A replica has what it was sent, whatever the master has on its disk.
    expect(summaries(await diagnose(nodes, { ...patient, quarantine: false }))).toEqual([
      'error LOSSY_FAILOVER group',
      'warning FEW_NODES',
    ]);
  } finally {
    client.disconnect();
  }
});

test('a Redis Cluster is one node; without min-replicas-to-write it is an error, and with it ok; nothing is left on it', async () => {
  await using deployment = await Deployment.start(2);
  const cluster = await deployment.cluster({ replicas: 1 });
  const client = deployment.clusterClient(6, cluster);
  const nodes = [...nodesOf(deployment), ioredisNode(client)];
  const before = await diagnose(nodes, patient);
  expect(summaries(before)).toEqual(['error UNGUARDED_FAILOVER cluster']);
  expect(before.findings[0]?.message).toContain('the Cluster promotes');
  for (const server of cluster.servers) {
    await cluster.probe(server).config('SET', 'min-replicas-to-write', '1');
  }
  expect(summaries(await diagnose(nodes, patient))).toEqual([]);
  for (const server of cluster.servers) expect(await cluster.probe(server).dbsize()).toBe(0);
});

test('a Redis Cluster of which one server is taken for a node', async () => {
  await using deployment = await Deployment.start(2);
  const cluster: RedisCluster = await deployment.cluster();
  const members = cluster.servers.slice(0, 1).map((server) => {
    return ioredisNode(deployment.own(openClient(6, server)), { name: 'member' });
  });
  const found = summaries(await diagnose([...nodesOf(deployment), ...members], patient));
  expect(found).toContain('error CLUSTER_MEMBER member');
  expect(found.filter((each) => each.includes('REFUSED'))).toEqual([]);
});
