/**
 * A long job that stops when its lock is lost. `using` extends the lock for as long as the job
 * takes; should it be lost all the same, `signal` aborts, the job stops between two steps, and
 * another worker goes on from there.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { LockLostError, Redlock } from 'redlock-core';
import { openNodes, urls } from './nodes.js';

const RESOURCE = 'reindex';
const STEPS = 10;

/** The journal of the job, which outlives its workers: a table, in life. */
const done: number[] = [];

/** @returns whether this worker finished the job */
async function reindex(redlock: Redlock, worker: string): Promise<boolean> {
  try {
    await redlock.using(RESOURCE, 3000, async (signal) => {
      while (done.length < STEPS) {
        // Here nothing is half done. From a lost lock on, the next step is another worker's.
        signal.throwIfAborted();
        await step(done.length + 1);
        console.log(`${worker}: step ${done.length} of ${STEPS}`);
      }
    });
    return true;
  } catch (error) {
    if (!LockLostError.is(error)) throw error;
    console.log(`${worker}: stops after step ${done.length}, ${error.reason}`);
    return false;
  }
}

/** Stands for work that must not be cut in two. Give `signal` to what can be: `fetch`, say. */
async function step(number: number): Promise<void> {
  await sleep(300);
  done.push(number);
}

/** Stands for what takes a lock away: an operator's FLUSHALL, nodes that restart without their data. */
async function deleteKeys(): Promise<void> {
  // Where a node is away, at once without it.
  const clients = urls.map((url) => new Redis(url, { retryStrategy: () => null }));
  for (const client of clients) client.on('error', () => {});
  await Promise.allSettled(clients.map((client) => client.del(RESOURCE)));
  for (const client of clients) client.disconnect();
}

// In life these are processes.
await using worker1 = new Redlock(openNodes());
await using worker2 = new Redlock(openNodes());

const first = reindex(worker1, 'worker 1');
while (done.length < 3) await sleep(50);
console.log('the keys of the lock are deleted on all nodes');
await deleteKeys();
assert.equal(await first, false, 'worker 1 should have noticed');
assert(done.length < STEPS, 'worker 1 should have stopped at once');

assert.equal(await reindex(worker2, 'worker 2'), true);
assert.deepEqual(
  done,
  Array.from({ length: STEPS }, (_, index) => index + 1),
);
console.log(`steps done: ${done.join(' ')}`);
