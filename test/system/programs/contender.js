// A program of its own, over the built packages: takes one lock again and again until SIGTERM, and
// writes down each fencing token while it holds the lock.
// Arguments: the version of ioredis, by how many ms its clock is ahead, the port of the server that
// keeps the record, the ports of the nodes.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis as Redis6 } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { LockLostError, Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';

const [major, ahead, ...ports] = process.argv.slice(2).map(Number);
const now = Date.now;
Date.now = () => now() + ahead;

const Redis = major === 5 ? Redis5 : Redis6;
const clients = ports.map((port) => new Redis({ port }).on('error', () => {}));
const [record, ...nodes] = clients;
const redlock = new Redlock(
  nodes.map((client) => ioredisNode(client)),
  { wait: 120_000, nodeTimeout: 300, retryDelay: 2, retryJitter: 10 },
);

const end = new AbortController();
process.once('SIGTERM', () => end.abort());

while (!end.signal.aborted) {
  try {
    await redlock.using('shared', 5000, (_signal, { fencingToken }) =>
      record.rpush('tokens', `${fencingToken} ${process.pid}`),
    );
  } catch (error) {
    // While no node was there the release was not carried out, or came too late: nothing else is lost.
    if (!LockLostError.is(error)) throw error;
  }
  await sleep(Math.random() * 5);
}
await redlock.close();
for (const client of clients) client.disconnect();
