import { expect, test } from '@jest/globals';
import { majors } from './support/clients.js';
import { CriticalSections } from './support/critical-sections.js';
import { Ground } from './support/ground.js';

const CONTENDERS = 6;
const WORKERS = 3;
const RESOURCES = ['a', 'b'];
const TTL = 5000;

test.each(majors)(
  'critical sections never overlap while minorities are killed and come back, with ioredis $major',
  async ({ major }) => {
    await using ground = await Ground.lay(5);
    const contenders = await Promise.all(
      Array.from({ length: CONTENDERS }, () =>
        ground.redlock(major, { nodeTimeout: 300, retryDelay: 2, retryJitter: 10 }),
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
      const minority = [ground.site(first).server, ground.site(second).server];
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
