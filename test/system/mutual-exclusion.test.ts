import { expect, test } from '@jest/globals';
import { Deployment, majors } from 'test-kit';
import { readyRedlock } from './support/contender.js';
import { CriticalSections } from './support/critical-sections.js';

const CONTENDERS = 6;
const WORKERS = 3;
const RESOURCES = ['a', 'b'];
const TTL = 5000;

test.each(majors)(
  'critical sections never overlap while minorities are killed and come back, with ioredis $major',
  async ({ major }) => {
    await using deployment = await Deployment.start(5);
    const contenders = await Promise.all(
      Array.from({ length: CONTENDERS }, () =>
        readyRedlock(deployment, major, { nodeTimeout: 300, retryDelay: 2, retryJitter: 10 }),
      ),
    );
    const sections = new CriticalSections(contenders, {
      resources: RESOURCES,
      workers: WORKERS,
      ttl: TTL,
    });
    for (const [first, second] of [
      [0, 1],
      [2, 3],
      [4, 0],
    ] as const) {
      const minority = [deployment.node(first).server, deployment.node(second).server];
      await Promise.all(minority.map((server) => server.kill()));
      await sections.progress(`without ${first} and ${second}`);
      await Promise.all(minority.map((server) => server.start()));
      await sections.progress(`with ${first} and ${second} again`);
    }
    await sections.finish();
    expect(sections.overlaps).toEqual([]);
    expect(sections.done).toBeGreaterThan(100);
  },
);

test.each([
  { first: 5, second: 6 },
  { first: 6, second: 5 },
] as const)(
  'a lock taken through ioredis $first excludes one through ioredis $second',
  async (pair) => {
    await using deployment = await Deployment.start(3);
    const holder = await readyRedlock(deployment, pair.first);
    const other = await readyRedlock(deployment, pair.second);
    const lock = await holder.acquire('mixed', TTL);
    expect(await other.tryAcquire('mixed', TTL)).toBeNull();
    await lock.release();
    const next = await other.acquire('mixed', TTL);
    expect(await next.release()).toBe(true);
  },
);
