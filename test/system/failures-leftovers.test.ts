import { describe, expect, test } from '@jest/globals';
import { QuorumError, Redlock } from 'redlock-core';
import { Deployment, majors, pace, rejectionOf, until } from 'test-kit';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { openContender, readyRedlock } from './support/contender.js';

const TTL = 60_000;

describe.each(majors)('with ioredis $major at its default settings', ({ major }) => {
  test('failure 4: a client that re-sends a grant whose reply was lost is granted its own token', async () => {
    await using deployment = await Deployment.start(1);
    const { proxy } = deployment.node(0);
    // Otherwise what was sent again does not count: see failure 27.
    const redlock = await readyRedlock(deployment, major, { quarantine: false });
    const monitor = await deployment.monitor(0);
    const dropped = proxy.dropReply({ match: (request) => request.includes('mine') });
    const lock = await redlock.acquire('mine', TTL, { wait: 0 });
    await dropped;
    await monitor.settle();
    expect(sets(monitor.commands(), 'mine')).toBe(2);
    expect(await deployment.values('mine')).toEqual([lock.token]);
    expect(await lock.release()).toBe(true);
  });

  test('failure 5: a grant whose reply is lost and whose release cannot be sent is gone when the node is back', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.brief });
    const monitor = await deployment.monitor(0);
    const lost = deployment.loseReplies('ghost');
    const refused = rejectionOf(redlock.acquire('ghost', TTL, { wait: 0 }));
    await lost;
    expect(await refused).toBeInstanceOf(QuorumError);
    expect(await deployment.values('ghost')).not.toContain(null);

    await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
    await until('the ghost is gone', () => deployment.isGone('ghost'));
    await monitor.settle();
    // The client has re-sent the grant, and the key is gone all the same.
    expect(sets(monitor.commands(), 'ghost')).toBe(2);
  });

  test('failure 5: a grant of a lock that was released meanwhile leaves nothing on the node that was away', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const { proxy } = deployment.node(2);
    const lost = proxy.dropReply({ match: (request) => request.includes('ghost') });
    const lock = await redlock.acquire('ghost', TTL);
    await lost;
    proxy.refuse();
    expect(await lock.release()).toBe(true);
    expect(await deployment.values('ghost')).toEqual([null, null, lock.token]);

    await proxy.heal();
    await until('the ghost is gone', () => deployment.isGone('ghost'));
  });

  test('failure 5: a node that was down from the start is sent no grant when it comes up', async () => {
    await using deployment = await Deployment.start(1);
    const { proxy } = deployment.node(0);
    proxy.refuse();
    const { redlock, clients } = openContender(deployment, major, { nodeTimeout: pace.hasty });
    const monitor = await deployment.monitor(0);
    const error = await rejectionOf(redlock.acquire('late', TTL, { wait: 0 }));
    const message = expect.stringMatching(/^not connected within/);
    expect(error).toMatchObject({ votes: [{ vote: 'failed', error: { message } }] });

    await proxy.heal();
    await until('the client is connected', () => clients.every(({ status }) => status === 'ready'));
    await monitor.settle();
    expect(monitor.commands().filter((command) => command.includes('late'))).toEqual([]);
  });

  test('failure 20: cancelling a caller that waits for a holder strands none of its grants', async () => {
    await using deployment = await Deployment.start(5);
    for (const probe of deployment.probes.slice(0, 3)) await probe.set('job', 'other', 'PX', TTL);
    const redlock = await readyRedlock(deployment, major);
    const canceller = new AbortController();
    redlock.on('contended', () => canceller.abort(new Error('no longer wanted')));
    const error = await rejectionOf(redlock.acquire('job', TTL, { signal: canceller.signal }));
    expect(error).toBe(canceller.signal.reason);
    await until('our grants are gone', () => deployment.isGone('job', deployment.probes.slice(3)));
    expect(await deployment.values('job', deployment.probes.slice(0, 3))).toEqual(
      Array(3).fill('other'),
    );
  });

  test('failure 20: cancelling while the nodes are silent strands nothing on them when they are back', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
    const monitor = await deployment.monitor(0);
    for (const { proxy } of deployment.nodes) proxy.blackHole();
    const canceller = new AbortController();
    const refused = rejectionOf(redlock.acquire('job', TTL, { signal: canceller.signal }));
    canceller.abort();
    expect(await refused).toBe(canceller.signal.reason);

    await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
    await until('the grant has come through', () => sets(monitor.commands(), 'job') > 0);
    await until('it is released', () => deployment.isGone('job'));
  });

  test('failure 20: an abort that loses the race against the grants releases the lock', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const canceller = new AbortController();
    redlock.on('acquired', () => canceller.abort());
    const refused = rejectionOf(redlock.acquire('job', TTL, { signal: canceller.signal }));
    expect(await refused).toBe(canceller.signal.reason);
    await until('the lock is released', () => deployment.isGone('job'));
  });

  test('failure 25: a stopped server that runs a buffered grant when it wakes runs its release, too', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major, { nodeTimeout: pace.hasty });
    const stopped = deployment.nodes.slice(0, 2);
    await Promise.all(stopped.map(({ server }) => server.pause()));
    const error = await rejectionOf(redlock.acquire('buffered', TTL, { wait: 0 }));
    expect(error).toBeInstanceOf(QuorumError);

    await Promise.all(stopped.map(({ server }) => server.resume()));
    const monitored = stopped.map(async ({ probe }) => {
      await until('the server has run the grant', async () => {
        const stats = await probe.info('commandstats');
        return stats.includes('cmdstat_set:');
      });
    });
    await Promise.all(monitored);
    await until('it is released', () => deployment.isGone('buffered'));
  });

  test('failure 25: a released lock leaves nothing on a server that was stopped since before it was granted', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const { server, probe } = deployment.node(2);
    await server.pause();
    const lock = await redlock.acquire('buffered', TTL);
    expect(await lock.release()).toBe(true);

    await server.resume();
    await until('the server has run the grant', async () => {
      return (await probe.info('commandstats')).includes('cmdstat_set:');
    });
    await until('it is released', () => deployment.isGone('buffered'));
  });
});

test('failure 5: a client that re-sends nothing leaves no ghost, either', async () => {
  await using deployment = await Deployment.start(3);
  const nodes = deployment.urls.map((url) => ioredisNodeFromUrl(url));
  await using redlock = new Redlock(nodes, { nodeTimeout: pace.brief });
  for (const node of nodes) node.connect();
  await until('all are connected', () => nodes.every(({ ready }) => ready));
  const lost = deployment.loseReplies('ghost');
  const refused = rejectionOf(redlock.acquire('ghost', TTL, { wait: 0 }));
  await lost;
  expect(await refused).toBeInstanceOf(QuorumError);
  // Two failures decide, so the third node may still have been sent its release.
  const ghosts = (await deployment.values('ghost')).filter((value) => value !== null);
  expect(ghosts.length).toBeGreaterThanOrEqual(2);

  await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
  await until('the ghost is gone', () => deployment.isGone('ghost'));
});

/** How often a server has set a key. */
function sets(commands: readonly string[], key: string): number {
  return commands.filter((command) => command.startsWith(`"set" "${key}"`)).length;
}
