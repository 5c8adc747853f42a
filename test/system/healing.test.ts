import { describe, expect, test } from '@jest/globals';
import type { Lock } from 'redlock-core';
import { Deployment, isReady, type Major, majors, pace, until } from 'test-kit';
import { readyContender, readyRedlock } from './support/contender.js';

const TTL = 60_000;
const COUNTER_GRACE = 5 * 60_000;

/** A lock taken on nodes 2 to 4 while 0 and 1 are down; they are back, and know nothing of it. */
async function takenWithoutTwo(
  deployment: Deployment,
  major: Major,
  fencing: boolean,
): Promise<Lock> {
  const options = { nodeTimeout: pace.brief, fencing };
  const { redlock, clients } = await readyContender(deployment, major, options);
  const away = deployment.nodes.slice(0, 2);
  const awayClients = clients.slice(0, 2);
  await Promise.all(away.map(({ server }) => server.kill()));
  // Else what was written to them, or waited for them, would reach them when they are back.
  await until('they are missed', () => awayClients.every(({ status }) => status !== 'ready'));
  const failed: string[] = [];
  redlock.on('nodeFailed', ({ node }) => void failed.push(node));
  const lock = await redlock.acquire(['healed', 'other'], TTL);
  await until('both were waited for in vain', () => failed.length === 2);
  await Promise.all(away.map(({ server }) => server.start()));
  await Promise.all(awayClients.map((client) => isReady(client)));
  return lock;
}

describe.each(majors)('with ioredis $major', ({ major }) => {
  test.each([{ fencing: true }, { fencing: false }])(
    'a lock outlives the nodes that it was taken on, fencing $fencing: two that come back are healed, two others go',
    async ({ fencing }) => {
      await using deployment = await Deployment.start(5);
      const lock = await takenWithoutTwo(deployment, major, fencing);
      const healed = deployment.probes.slice(0, 2);
      expect(await deployment.isGone('healed', healed)).toBe(true);

      await lock.extend();
      await until('both are healed', async () => {
        const keys = [
          await deployment.values('healed', healed),
          await deployment.values('other', healed),
        ];
        return keys.flat().every((value) => value === lock.token);
      });
      for (const probe of healed) {
        const counters = ['{healed}:fencing', '{other}:fencing'];
        const counter = fencing ? String(lock.fencingToken) : null;
        expect(await probe.mget(...counters)).toEqual([counter, counter]);
        await expectExpiries(['healed', 'other'], 0);
        if (fencing) await expectExpiries(counters, COUNTER_GRACE);

        async function expectExpiries(keys: readonly string[], grace: number): Promise<void> {
          for (const key of keys) {
            const pttl = await probe.pttl(key);
            expect(pttl).toBeGreaterThan(grace + TTL / 2);
            expect(pttl).toBeLessThanOrEqual(grace + TTL);
          }
        }
      }

      for (const { server } of deployment.nodes.slice(3)) {
        await server.kill();
        // Those that have restarted count for it a while later.
        await until('it is extended without it', () => isExtended(lock));
      }
      expect(lock.signal.aborted).toBe(false);
      expect(await lock.release()).toBe(true);
      await until('all is released', () =>
        deployment.isGone('healed', deployment.probes.slice(0, 3)),
      );
    },
  );

  test('an extension that fails heals nothing', async () => {
    await using deployment = await Deployment.start(5);
    const lock = await takenWithoutTwo(deployment, major, true);
    const monitor = await deployment.monitor(0);
    for (const { proxy } of deployment.nodes.slice(2)) proxy.blackHole();
    await expect(lock.extend()).rejects.toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    await monitor.settle();
    expect(sets(monitor.commands())).toEqual([]);
  });

  test("a node is healed of what is missing, and keeps what is another's", async () => {
    await using deployment = await Deployment.start(5);
    const redlock = await readyRedlock(deployment, major);
    await using lock = await redlock.acquire(['healed', 'other'], TTL);
    await until('all have it', async () => {
      return (await deployment.values('healed')).every((value) => value === lock.token);
    });
    const [partly, foreign] = [deployment.node(0).probe, deployment.node(1).probe];
    await partly.del('other');
    await foreign.del('healed');
    await foreign.set('other', 'theirs', 'PX', TTL);
    await lock.extend(TTL * 2);
    await until('the one is healed', async () => (await partly.get('other')) === lock.token);
    expect(await partly.pttl('healed')).toBeGreaterThan(TTL);
    expect(await partly.pttl('other')).toBeGreaterThan(TTL);
    await lock.extend(TTL * 2);
    expect(await foreign.mget('healed', 'other')).toEqual([null, 'theirs']);
    expect(await foreign.pttl('other')).toBeLessThanOrEqual(TTL);
  });

  test('a node whose counter is above the token is not healed, nor does it count for an extension', async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await readyRedlock(deployment, major);
    const lock = await redlock.acquire('healed', TTL);
    await until('all have it', async () => {
      return (await deployment.values('healed')).every((value) => value === lock.token);
    });
    const { probe } = deployment.node(0);
    await probe.del('healed');
    await probe.set('{healed}:fencing', String(lock.fencingToken + 1));
    await lock.extend();
    await lock.extend();
    expect(await probe.get('healed')).toBeNull();

    await deployment.node(1).probe.set('{healed}:fencing', String(lock.fencingToken + 1));
    await expect(lock.extend()).rejects.toMatchObject({ code: 'QUORUM_UNAVAILABLE' });
    // It is still the holder's, and its expiry was renewed all the same.
    expect(await deployment.node(1).probe.get('healed')).toBe(lock.token);
    expect(lock.signal.aborted).toBe(false);
  });
});

function isExtended(lock: Lock): Promise<boolean> {
  return lock.extend().then(
    () => true,
    () => false,
  );
}

function sets(commands: readonly string[]): string[] {
  return commands.filter((command) => command.startsWith('"set"'));
}
