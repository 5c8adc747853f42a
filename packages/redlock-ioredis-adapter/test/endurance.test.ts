import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type { Redlock } from 'redlock-core';
import { type Client, majors } from './support/clients.js';
import { Ground, type Site } from './support/ground.js';
import { until } from './support/until.js';

const OPERATIONS = 5000;
const WARM_UP = 1000;
const WORKERS = 20;
const TTL = 60_000;
const COUNTERS = new Set(Array.from({ length: WORKERS }, (_, i) => `{worker ${i}}:fencing`));
const MEBIBYTE = 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const SILENT: readonly { how: string; take: (site: Site) => unknown }[] = [
  { how: 'black-holed', take: ({ proxy }) => proxy.blackHole() },
  { how: 'refusing', take: ({ proxy }) => proxy.refuse() },
];

describe.each(majors)('with ioredis $major', ({ major }) => {
  test.each(SILENT)(
    'one of five nodes $how for a long time costs neither speed nor memory',
    async ({ take }) => {
      await using ground = await Ground.lay(5);
      const [first, ...others] = ground.sites;
      if (!first) throw new Error('There are five sites');
      const through = [first.proxy, ...others.map(({ server }) => server)];
      const { redlock, clients } = await ground.readyParty(major, { through, nodeTimeout: 500 });
      const failed = new AbortController();
      redlock.on('nodeFailed', () => failed.abort());
      await cycles(redlock, WARM_UP);
      await take(first);
      // It counts as silent from the first command that times out.
      while (!failed.signal.aborted) await cycles(redlock, WORKERS);
      await cycles(redlock, WARM_UP);
      const heap = heapUsed();
      const commands = inFlight(clients[0]);
      await cycles(redlock, OPERATIONS);
      expect(heapUsed() - heap).toBeLessThan(5 * MEBIBYTE);
      expect(inFlight(clients[0])).toBeLessThanOrEqual(commands);

      await first.proxy.heal();
      await until('nothing is left anywhere but the counters', async () => {
        const left = await Promise.all(ground.probes.map((probe) => probe.keys('*')));
        return left.every((keys) => keys.every((key) => COUNTERS.has(key)));
      });
      await until('the node votes again', async () => {
        const lock = await redlock.acquire('again', TTL);
        const { nodes } = await redlock.inspect('again');
        await lock.release();
        return nodes[0]?.token === lock.token;
      });
    },
  );
});

/** Locks taken and released, by several workers at once. */
async function cycles(redlock: Redlock, count: number): Promise<void> {
  const work = async (_: unknown, worker: number): Promise<void> => {
    for (let i = 0; i < count / WORKERS; i++) {
      const lock = await redlock.acquire(`worker ${worker}`, TTL);
      expect(await lock.release()).toBe(true);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
}

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Commands that a client has not got an answer to, and those that it has not even written. */
function inFlight(client: Client | undefined): number {
  const { commandQueue, offlineQueue } = client as unknown as {
    commandQueue: { length: number };
    offlineQueue: { length: number };
  };
  return commandQueue.length + offlineQueue.length;
}
