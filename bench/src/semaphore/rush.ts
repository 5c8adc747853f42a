import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock, type RedisNode } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { medianOf } from '../spread.js';
import { NODES, TTL } from '../deployment.js';

export const CONTENDERS = 100;
export const PERMITS = 5;

/** A network with so many ms each way, at random. Its mean, there and back, is a round trip. */
const SHORTEST = 50;
const LONGEST = 150;
const ROUND_TRIP = SHORTEST + LONGEST;

/**
 * Lets many processes want a permit at the same moment.
 * @returns how many round trips it takes until all permits are held; the median of several runs
 */
export async function measureRush(runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await rush());
  return medianOf(times) / ROUND_TRIP;
}

async function rush(): Promise<number> {
  const servers = Array.from({ length: NODES }, (_, index) => memoryNode({ name: `n${index}` }));
  const redlocks = Array.from({ length: CONTENDERS }, () => new Redlock(servers.map(afar)));
  const start = performance.now();
  const done = new AbortController();
  let held = 0;
  let time = Infinity;
  const acquire = async (redlock: Redlock): Promise<void> => {
    await redlock
      .semaphore('seats', PERMITS)
      .acquire(TTL, { wait: Infinity, signal: done.signal })
      .catch((reason: unknown) => {
        if (!done.signal.aborted) throw reason;
      });
    if (done.signal.aborted || ++held < PERMITS) return;
    time = performance.now() - start;
    done.abort();
  };
  await Promise.all(redlocks.map(acquire));
  await Promise.all(redlocks.map((redlock) => redlock.close()));
  return time;
}

/** A node that is a network away. Commands and replies arrive in order. */
function afar(server: RedisNode): RedisNode {
  let there = Promise.resolve();
  let back = Promise.resolve();
  return {
    ...server,
    call: async (args) => {
      there = Promise.all([there, delay()]).then(() => {});
      await there;
      const reply = server.call(args);
      back = Promise.all([back, delay()]).then(() => {});
      await back;
      return reply;
    },
  };
}

function delay(): Promise<void> {
  return sleep(SHORTEST + Math.random() * (LONGEST - SHORTEST));
}
