import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type Lock, QuorumError } from 'redlock-core';
import { Deployment, isReady, pace, rejectionOf, repeatedAfterStall, until } from 'test-kit';
import { commandsAt } from './support/traffic.js';

const TTL = 60_000;

test('failure 4: a client that re-sends a grant whose reply was lost is granted its own token', async () => {
  await using deployment = await Deployment.start(1);
  // With quarantine, a grant that was sent again does not count: see failure 27.
  const redlock = await deployment.redlock({ quarantine: false });
  const lost = deployment.node(0).proxy.dropReply({ match: (request) => request.includes('mine') });
  const monitor = await deployment.monitor(0);
  const lock = await redlock.acquire('mine', TTL, { wait: 0 });
  await lost;
  expect((await commandsAt(monitor)).filter((command) => command.includes('mine'))).toHaveLength(2);
  expect(await deployment.values('mine')).toEqual([lock.token]);
  expect(await lock.release()).toBe(true);
});

test.each([
  { where: 'all nodes', count: 3 },
  { where: 'one node', count: 1 },
])(
  'failure 5: a grant whose reply was lost on $where is gone after they are reachable again',
  async ({ count }) => {
    await using deployment = await Deployment.start(3);
    const redlock = await deployment.redlock({ nodeTimeout: pace.brief });
    const nodes = deployment.nodes.slice(0, count);
    const lost = deployment.loseReplies('ghost', nodes);
    const lock = await redlock.tryAcquire('ghost', TTL).catch((error: unknown) => error);
    await lost;
    if (count === 3) expect(lock).toBeInstanceOf(QuorumError);
    else expect(await (lock as Lock).release()).toBe(true);
    const ghosts = await deployment.values(
      'ghost',
      nodes.map(({ probe }) => probe),
    );
    expect(ghosts).not.toContain(null);

    await Promise.all(nodes.map(({ proxy }) => proxy.heal()));
    await until('the ghost is gone', () => deployment.isGone('ghost'));
  },
);

test(
  'failure 14: nothing is sent after a release',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(1);
    const redlock = await deployment.redlock();
    const extended = new Promise((resolve) => redlock.on('extended', resolve));
    const lock = await redlock.acquire('done', 600, { autoExtend: true });
    await extended;
    expect(await lock.release()).toBe(true);
    const monitor = await deployment.monitor(0);
    // The next extension would have been due after 200.
    await sleep(400);
    await monitor.settle();
    expect(monitor.commands()).toEqual([]);
  }),
);

test.each([{ others: 'a majority is held by another client' }, { others: 'all nodes are silent' }])(
  'failure 20: an attempt that its caller cancels while $others leaves no key',
  async ({ others }) => {
    await using deployment = await Deployment.start(3);
    const redlock = await deployment.redlock({ nodeTimeout: pace.hasty });
    const silent = others === 'all nodes are silent';
    const [own, held] = [deployment.probes.slice(0, silent ? 3 : 1), deployment.probes.slice(1)];
    const canceller = new AbortController();
    const { signal } = canceller;
    redlock.on('contended', () => canceller.abort());
    if (silent) for (const { proxy } of deployment.nodes) proxy.blackHole();
    else for (const probe of held) await probe.set('job', 'other', 'PX', TTL);
    const refused = rejectionOf(redlock.acquire('job', TTL, { signal }));
    // Once the command is written.
    if (silent) await setImmediate();
    if (silent) await setImmediate();
    if (silent) canceller.abort();
    expect(await refused).toBe(signal.reason);

    await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
    // The counter stays: the node has executed the grant.
    if (silent) await until('the grants came through', () => counted(deployment, 'job'));
    await until('nothing stays', () => deployment.isGone('job', own));
    if (!silent) expect(await deployment.values('job', held)).toEqual(['other', 'other']);
  },
);

test('failure 25: a stopped server that executes a buffered grant when it resumes executes its release, too', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock({ nodeTimeout: pace.hasty });
  const stopped = deployment.nodes.slice(0, 2);
  await Promise.all(stopped.map(({ server }) => server.pause()));
  const error = await rejectionOf(redlock.acquire('buffered', TTL, { wait: 0 }));
  expect(error).toBeInstanceOf(QuorumError);

  await Promise.all(stopped.map(({ server }) => server.resume()));
  await until('the servers have executed the grant', () => counted(deployment, 'buffered'));
  await until('it is released', () => deployment.isGone('buffered'));
});

test('failure 27: a grant that its client sends again to a server that restarted empty does not count', async () => {
  await using deployment = await Deployment.start(3);
  const holder = await deployment.redlock();
  await using lock = await holder.acquire('forgotten', TTL);
  await until('all have it', () => deployment.isHeld('forgotten', lock.token));

  const { redlock: other, clients } = await deployment.contender();
  const lost = deployment.loseReplies('forgotten');
  const attempt = rejectionOf(other.acquire('forgotten', TTL, { wait: 0 }));
  await lost;
  await Promise.all(deployment.nodes.map(({ server }) => server.start({ empty: true })));
  await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
  // Two failures decide.
  const { votes } = (await attempt) as QuorumError;
  expect(votes.map(({ error }) => error?.code)).toEqual(['RECONNECTED', 'RECONNECTED']);
  await Promise.all(clients.map((client) => isReady(client)));
  await until('nothing of it stays', () => deployment.isGone('forgotten'));
});

/** Whether every server has executed a grant of the resource. */
async function counted(deployment: Deployment, resource: string): Promise<boolean> {
  const counters = await deployment.values(`{${resource}}:fencing`);
  return counters.every((counter) => counter !== null);
}
