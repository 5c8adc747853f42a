import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Actor, Deployment, pace, repeatedAfterStall, until } from 'test-kit';
import { expectAfterKill } from './support/killed-holder.js';
import { untilWaiting } from './support/waiters.js';

const TTL = 60_000;
/** Two thirds are left for a stall when it is extended. */
const SHORT = 1200;
/** No poll is due while a test lasts. */
const patient = { pollInterval: 10 * pace.limit };

test(
  'holder-dies: the lock of a killed process that extended it is free after its ttl and not before, without a poll',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await deployment.redlock(patient);
    const holder = await Actor.start(deployment);
    await holder.acquire('process', SHORT, { autoExtend: true });
    const waiting = redlock.acquire('process', TTL);
    await untilWaiting(redlock, 'process', 1);
    const lock = await expectAfterKill(deployment, { resource: 'process', holder, waiting });
    expect(await lock.release()).toBe(true);
  }),
);

test(
  'holder-dies: a candidate leads after the ttl of a leader that was killed, with a higher term',
  repeatedAfterStall(async () => {
    await using deployment = await Deployment.start(3);
    const redlock = await deployment.redlock({ ...patient, owner: 'next' });
    const holder = await Actor.start(deployment);
    const { fencingToken } = await holder.campaign('office', SHORT);
    const election = redlock.election('office', TTL);
    const waiting = election.campaign();
    await untilWaiting(redlock, 'office', 1);
    const leadership = await expectAfterKill(deployment, { resource: 'office', holder, waiting });
    expect(leadership.fencingToken).toBeGreaterThan(fencingToken);
    expect(await election.leader()).toEqual({ owner: 'next', expiresIn: expect.any(Number) });
  }),
);

test('a lock that a process has detached goes on in another, with a new token and a higher fencing token', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await deployment.redlock();
  const former = await Actor.start(deployment);
  const held = await former.acquire('handed', TTL);
  await until('all have it', () => deployment.isHeld('handed', held.token));
  await former.ask('detach', { hold: held.hold });
  expect(await former.leave()).toBe(0);
  const lock = await redlock.adopt('handed', held.token, TTL);
  expect(lock.token).not.toBe(held.token);
  expect(lock.fencingToken).toBeGreaterThan(held.fencingToken);
  await until('all have it', () => deployment.isHeld('handed', lock.token));
  await lock.extend();
  expect(await lock.release()).toBe(true);
  await until('nothing stays', () => deployment.isGone('handed'));
});

test('failure 17: three processes never use more permits than a semaphore has, while a node is killed and restarts', async () => {
  await using deployment = await Deployment.start(3);
  const options = { nodeTimeout: 300, quarantine: false } as const;
  const users = await Promise.all([1, 2, 3].map(() => Actor.start(deployment, { options })));
  let [used, inside, most] = [0, 0, 0];
  const finish = new AbortController();
  const work = async (user: Actor): Promise<void> => {
    while (!finish.signal.aborted) {
      const lock = await user.permit('shared', 2, TTL);
      // The process holds the permit when this message arrives, and until it is asked to release it.
      most = Math.max(most, ++inside);
      await sleep(Math.random() * 10);
      inside--;
      used++;
      await user.release(lock);
    }
  };
  const workers = Promise.all(users.flatMap((user) => [work(user), work(user)]));
  const progress = async (when: string): Promise<void> => {
    const wanted = used + 20;
    await until(`permits are used 20 times more ${when}`, () => used >= wanted);
  };
  await progress('with all nodes');
  const { server } = deployment.node(1);
  await server.kill();
  await progress('without a node');
  await server.start();
  await progress('with all nodes again');
  finish.abort();
  await workers;
  expect(most).toBe(2);
});
