import { describe, expect, test } from '@jest/globals';
import { Deployment, isReady, majors, rejectionOf } from 'test-kit';
import Redlock, { type Client } from '../src/index.js';
import RedlockV4 from '../src/v4.js';
import { TTL } from './support/redlocks.js';

describe.each(majors)('a Redis Cluster with ioredis $major is one vote', ({ major }) => {
  test('of the interface of redlock 5', async () => {
    await using deployment = await Deployment.start(2);
    const cluster = await deployment.cluster();
    const clients = [
      deployment.clusterClient(major, cluster),
      deployment.client(major, 0),
      deployment.client(major, 1),
    ];
    await Promise.all(clients.map((client) => isReady(client)));
    const redlock = new Redlock(clients as Client[]);
    const lock = await redlock.acquire(['{order}:1', '{order}:2'], TTL);
    const [stats] = await Promise.all(lock.attempts);
    expect(stats).toMatchObject({ membershipSize: 3, quorumSize: 2 });
    expect(stats?.votesFor.size).toBe(3);
    const master = await cluster.masterOf('{order}:1');
    expect(await cluster.probe(master).get('{order}:1')).toBe(lock.value);
    const extended = await lock.extend(2 * TTL);
    const { attempts } = await extended.release();
    const [released] = await Promise.all(attempts);
    expect(released?.votesFor.size).toBe(3);
    expect(await cluster.probe(master).exists('{order}:1')).toBe(0);
    expect(await rejectionOf(redlock.acquire(['a', 'b', 'c'], TTL))).toMatchObject({
      name: 'RangeError',
      message: expect.stringContaining('give them a hash tag in common'),
    });
    await redlock.quit();
  });

  test('of the interface of redlock 4', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster();
    const client = deployment.clusterClient(major, cluster);
    await isReady(client);
    const redlock = new RedlockV4([client]);
    const lock = await redlock.lock('r', TTL);
    const probe = cluster.probe(await cluster.masterOf('r'));
    expect(await probe.get('r')).toBe(lock.value);
    await lock.extend(2 * TTL);
    await lock.unlock();
    expect(await probe.exists('r')).toBe(0);
    await redlock.quit();
  });
});
