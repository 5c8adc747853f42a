/**
 * A worker that is told to stop, as by every deployment. `close()` ends waiting and aborts the signals of `using`
 * routines; each ends its step, its lock is released, and the next process goes on at once, not when a ttl is over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Redlock, RedlockError } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { urls } from './nodes.js';

const timeout = Number(process.env['REDIS_TIMEOUT']) || undefined;
const clients = urls.map((url) => new Redis(url));
for (const client of clients) client.on('error', () => {});
const redlock = new Redlock(clients.map((client) => ioredisNode(client, { timeout })));

/** One mailing after another, each by one process of the fleet, until this one is to stop. */
async function work(): Promise<void> {
  for (let mailing = 1; ; mailing++) {
    try {
      await redlock.using(`mailing:${mailing}`, 30_000, send);
    } catch (error) {
      if (RedlockError.is(error) && error.code === 'CLOSED') return;
      throw error;
    }
  }
}

async function send(signal: AbortSignal): Promise<void> {
  for (let letter = 1; letter <= 50; letter++) {
    // Here nothing is half done.
    if (signal.aborted) {
      console.log(`stops before letter ${letter}`);
      return;
    }
    console.log(`letter ${letter}`);
    await sleep(100);
  }
}

const working = work();

process.once('SIGTERM', () => void stop());

async function stop(): Promise<void> {
  await redlock.close();
  await working;
  // The locks went back through them.
  for (const client of clients) client.disconnect();
}

await working;
