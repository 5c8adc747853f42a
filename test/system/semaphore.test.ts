import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { PermitLock } from 'redlock-core';
import { Deployment, majors, pace, until } from 'test-kit';
import { exitCode } from './support/child.js';
import { readyRedlock } from './support/contender.js';
import { untilQueued } from './support/queues.js';

const USER = fileURLToPath(new URL('programs/permit-user.js', import.meta.url));
const TTL = 60_000;
const PERMITS = 3;
const PROCESSES = 3;
const WORKERS = 3;
/** What wakes a waiter is no poll. */
const patient = { wait: 2 * pace.limit, retryDelay: 10 * pace.limit, retryJitter: 0 };

/** Processes that take permits again and again. The first server of the deployment counts who is inside. */
class Users {
  readonly #deployment: Deployment;
  readonly #children: readonly ChildProcess[];

  constructor(deployment: Deployment, permits: number) {
    this.#deployment = deployment;
    const ports = deployment.nodes.map(({ server }) => server.port);
    this.#children = Array.from({ length: PROCESSES }, () => {
      const args = [permits, WORKERS, ...ports].map(String);
      const child = spawn(process.execPath, [USER, ...args], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      deployment.defer(() => child.kill('SIGKILL'));
      return child;
    });
  }

  /** Resolves when permits have been used 50 times more. */
  async progress(when: string): Promise<void> {
    const wanted = (await this.#used()) + 50;
    await until(
      `permits are used 50 times more ${when}`,
      async () => (await this.#used()) >= wanted,
    );
  }

  /** Ends all processes. @returns the most permits that were in use at once */
  async finish(): Promise<number> {
    for (const child of this.#children) child.kill('SIGTERM');
    for (const child of this.#children) expect(await exitCode(child)).toBe(0);
    return this.mostAtOnce();
  }

  async mostAtOnce(): Promise<number> {
    const found = await this.#deployment.node(0).probe.lrange('found', '0', '-1');
    return Math.max(0, ...found.map(Number));
  }

  #used(): Promise<number> {
    return this.#deployment.node(0).probe.llen('found');
  }
}

test('failure 17: no more permits are ever in use than there are, while a node is killed and comes back', async () => {
  await using deployment = await Deployment.start(4);
  const users = new Users(deployment, PERMITS);
  await users.progress('with all nodes');
  const { server, probe } = deployment.node(1);
  await server.kill();
  await users.progress('without a node');
  await server.start();
  await until('the node has locks again', async () => {
    return (await probe.keys('{shared}:permit:?')).length > 0;
  });
  await users.progress('with all nodes again');
  expect(await users.finish()).toBe(PERMITS);
});

test('the count of those in use finds out if there is one permit too many', async () => {
  await using deployment = await Deployment.start(4);
  const users = new Users(deployment, PERMITS + 1);
  await until('too many are in use', async () => (await users.mostAtOnce()) > PERMITS);
  expect(await users.finish()).toBe(PERMITS + 1);
});

test.each(majors)(
  'a process that waits is called by the release of any permit, with ioredis $major',
  async ({ major }) => {
    await using deployment = await Deployment.start(3);
    const holder = (await readyRedlock(deployment, major)).semaphore('seats', PERMITS);
    const locks: PermitLock[] = [];
    for (let count = 0; count < PERMITS; count++) locks.push(await holder.acquire(TTL));
    const waiter = (await readyRedlock(deployment, major, patient)).semaphore('seats', PERMITS);
    for (const lock of locks) {
      const waiting = waiter.acquire(TTL);
      await untilQueued(deployment, '{seats}:permits:waiting', 1);
      await lock.release();
      expect((await waiting).permit).toBe(lock.permit);
    }
  },
);

test('of several processes that wait each gets one of as many permits that are released at once', async () => {
  await using deployment = await Deployment.start(3);
  const holder = (await readyRedlock(deployment, 6)).semaphore('seats', PERMITS);
  const locks: PermitLock[] = [];
  for (let count = 0; count < PERMITS; count++) locks.push(await holder.acquire(TTL));
  const redlocks = await Promise.all(
    Array.from({ length: PERMITS }, () => readyRedlock(deployment, 6, patient)),
  );
  const waiting = redlocks.map((redlock) => redlock.semaphore('seats', PERMITS).acquire(TTL));
  await untilQueued(deployment, '{seats}:permits:waiting', PERMITS);
  await Promise.all(locks.map((lock) => lock.release()));
  const permits = (await Promise.all(waiting)).map(({ permit }) => permit);
  expect(new Set(permits)).toEqual(new Set([0, 1, 2]));
});
