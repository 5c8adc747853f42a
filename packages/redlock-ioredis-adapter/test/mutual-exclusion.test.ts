import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { LockLostError } from 'redlock-core';
import { majors } from './support/clients.js';
import { Ground } from './support/ground.js';
import { until } from './support/until.js';

const CONTENDERS = 6;
const WORKERS = 3;
const RESOURCES = ['a', 'b'];
const TTL = 5000;

test.each(majors)(
  'critical sections never overlap while minorities are killed and come back, with ioredis $major',
  async ({ major }) => {
    await using ground = await Ground.lay(5);
    const inside = new Map<string, number>();
    const done: string[] = [];
    const overlaps: string[] = [];
    const finish = new AbortController();

    const enter = async (resource: string): Promise<void> => {
      const others = inside.get(resource) ?? 0;
      inside.set(resource, others + 1);
      if (others > 0) overlaps.push(resource);
      await sleep(Math.random() * 3);
      inside.set(resource, (inside.get(resource) ?? 0) - 1);
      done.push(resource);
    };
    const work = async (redlock: Awaited<ReturnType<Ground['redlock']>>): Promise<void> => {
      for (let i = 0; !finish.signal.aborted; i++) {
        const resource = RESOURCES[i % RESOURCES.length] ?? '';
        try {
          await redlock.using(resource, TTL, { wait: 20_000 }, () => enter(resource));
        } catch (error) {
          // With a holder stopped for that long, only its own trust is gone.
          if (!LockLostError.is(error)) throw error;
        }
      }
    };

    const contenders = await Promise.all(
      Array.from({ length: CONTENDERS }, () =>
        ground.redlock(major, { nodeTimeout: 300, retryDelay: 2, retryJitter: 10 }),
      ),
    );
    const workers = contenders.flatMap((redlock) =>
      Array.from({ length: WORKERS }, () => work(redlock)),
    );
    const all = Promise.all(workers);
    all.catch(() => finish.abort());
    for (const [first, second] of [
      [0, 1],
      [2, 3],
      [4, 0],
    ] as const) {
      const minority = [ground.site(first).server, ground.site(second).server];
      await Promise.all(minority.map((server) => server.kill()));
      await progress(`without ${first} and ${second}`);
      await Promise.all(minority.map((server) => server.start()));
      await progress(`with ${first} and ${second} again`);
    }
    finish.abort();
    await all;
    expect(overlaps).toEqual([]);
    expect(done.length).toBeGreaterThan(100);

    async function progress(when: string): Promise<void> {
      const wanted = done.length + 25;
      await until(`25 more sections ${when}`, () => done.length >= wanted || aborted(), 20_000);
    }
    function aborted(): boolean {
      return finish.signal.aborted;
    }
  },
);

test.each([
  { first: 5, second: 6 },
  { first: 6, second: 5 },
] as const)(
  'a lock taken through ioredis $first excludes one through ioredis $second',
  async (pair) => {
    await using ground = await Ground.lay(3);
    const holder = await ground.redlock(pair.first);
    const other = await ground.redlock(pair.second);
    const lock = await holder.acquire('mixed', TTL);
    expect(await other.tryAcquire('mixed', TTL)).toBeNull();
    await lock.release();
    const next = await other.acquire('mixed', TTL);
    expect(await next.release()).toBe(true);
  },
);
