// A program of its own, over the built packages: takes permits of one semaphore again and again until SIGTERM. While it
// holds one, it counts itself on a server that has nothing to do with the nodes, and writes down how many it has found.
// Arguments: how many permits there are, how many workers, the port of the server that counts, the ports of the nodes.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';

const [permits, workers, ...ports] = process.argv.slice(2).map(Number);
const clients = ports.map((port) => new Redis({ port }).on('error', () => {}));
const [counter, ...nodes] = clients;
const redlock = new Redlock(
  nodes.map((client) => ioredisNode(client)),
  { wait: Infinity, nodeTimeout: 300 },
);
const semaphore = redlock.semaphore('shared', permits);

const end = new AbortController();
process.once('SIGTERM', () => end.abort());

async function work() {
  while (!end.signal.aborted) {
    await semaphore.using(60_000, async () => {
      const inside = await counter.incr('inside');
      await sleep(Math.random() * 10);
      // Whoever gets the permit next finds this one gone: the server has answered before the release is sent.
      await counter.decr('inside');
      await counter.rpush('found', `${inside}`);
    });
  }
}

await Promise.all(Array.from({ length: workers }, work));
await redlock.close();
for (const client of clients) client.disconnect();
