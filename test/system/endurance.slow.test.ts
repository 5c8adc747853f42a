import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import type { Redlock } from 'redlock-core';
import { type Client, Deployment, pace, type ProxiedNode, until } from 'test-kit';

/** In one period, of which there are some: what is kept for each operation makes the heap grow in all of them. */
const OPERATIONS = 3000;
const PERIODS = 4;
/** Of the heap in one period, in bytes. A lock takes some 800. */
const GROWTH = 250 * OPERATIONS;
const WARM_UP = 1000;
/** At most so many commands ioredis sends by itself on a new connection. */
const OWN_COMMANDS = 5;
const WORKERS = 20;
const TTL = 60_000;
const COUNTERS = new Set(Array.from({ length: WORKERS }, (_, i) => `{worker ${i}}:fencing`));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const SILENT: readonly { how: string; take: (node: ProxiedNode) => unknown }[] = [
  { how: 'black-holed', take: ({ proxy }) => proxy.blackHole() },
  { how: 'refusing', take: ({ proxy }) => proxy.refuse() },
];

test.each(SILENT)(
  'one of five nodes $how for a long time costs neither speed nor memory',
  async ({ take }) => {
    await using deployment = await Deployment.start(5);
    const [first, ...others] = deployment.nodes;
    if (!first) throw new Error('There are five nodes');
    const through = [first.proxy, ...others.map(({ server }) => server)];
    const { redlock, clients } = await deployment.contender({
      through,
      hastyAt: [0],
    });
    await cycles(redlock, WARM_UP);
    await take(first);
    // It counts as silent from the first command that times out.
    let commands = Infinity;
    await until('no more comes in flight', async () => {
      const before = inFlight(clients[0]);
      await sleep(2 * pace.hasty);
      await cycles(redlock, WARM_UP);
      commands = inFlight(clients[0]);
      return commands <= before;
    });
    const growths: number[] = [];
    while (!growths.some((growth) => growth < GROWTH) && growths.length < PERIODS) {
      const heap = await settledHeap();
      await cycles(redlock, OPERATIONS);
      growths.push((await settledHeap()) - heap);
    }
    expect(Math.min(...growths)).toBeLessThan(GROWTH);
    // A connection that is silent for long is replaced, and the client begins with some commands of its own.
    expect(inFlight(clients[0])).toBeLessThanOrEqual(commands + OWN_COMMANDS);

    await first.proxy.heal();
    await until('nothing is left anywhere but the counters', async () => {
      const left = await Promise.all(deployment.probes.map((probe) => probe.keys('*')));
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

/** In bytes, once it shrinks no more: late replies are in, and garbage is out. */
async function settledHeap(): Promise<number> {
  let used = Infinity;
  for (;;) {
    await sleep(20);
    collectGarbage();
    const { heapUsed } = process.memoryUsage();
    if (heapUsed >= used) return used;
    used = heapUsed;
  }
}

/** Commands that a client has not got an answer to, and those that it has not even written. */
function inFlight(client: Client | undefined): number {
  const { commandQueue, offlineQueue } = client as unknown as {
    commandQueue: { length: number };
    offlineQueue: { length: number };
  };
  return commandQueue.length + offlineQueue.length;
}
