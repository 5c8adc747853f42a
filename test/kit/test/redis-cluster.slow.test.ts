import { expect, test } from '@jest/globals';
import { pace, RedisCluster } from '../src/index.js';

test('a cluster has three masters that share out the slots, and each its replica', async () => {
  await using cluster = await RedisCluster.start({ replicas: 1 });
  const masters = await Promise.all(['a', 'b', 'c'].map((key) => cluster.masterOf(key)));
  expect(new Set(masters)).toEqual(new Set(cluster.servers.slice(0, 3)));
  const replicas = await Promise.all(masters.map((master) => cluster.replicaOf(master)));
  expect(new Set(replicas)).toEqual(new Set(cluster.servers.slice(3)));
  const master = await cluster.masterOf('a');
  await cluster.probe(master).set('a', 'kept');
  await cluster.probe(master).wait(1, pace.limit);

  const planned = await cluster.replicaOf(master);
  await cluster.failOver(planned);
  expect(await cluster.masterOf('a')).toBe(planned);
  expect(await cluster.probe(planned).get('a')).toBe('kept');
  expect(await cluster.replicaOf(planned)).toBe(master);

  await cluster.probe(planned).wait(1, pace.limit);
  expect(await cluster.failMaster(planned)).toBe(master);
  expect(await cluster.probe(master).get('a')).toBe('kept');
});

test('a slot moves from one master to another with its keys', async () => {
  await using cluster = await RedisCluster.start();
  const from = cluster.probe(await cluster.masterOf('key'));
  const to = await cluster.strangerTo('key');
  await from.set('key', 'value');
  const migration = await cluster.migrate('key', to);
  expect(await from.get('key')).toBe('value');
  await migration.moveKeys();
  await expect(from.get('key')).rejects.toThrow('ASK');
  await migration.finish();
  await expect(from.get('key')).rejects.toThrow('MOVED');
  expect(await cluster.masterOf('key')).toBe(to);
  expect(await cluster.probe(to).get('key')).toBe('value');
});
