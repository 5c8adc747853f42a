import { setTimeout as sleep } from 'node:timers/promises';
import { QuorumError, Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { medianOf } from '../spread.js';
import { ioredisClients } from '../subjects/ioredis-clients.js';
import type { Address } from '../subject.js';

interface Input {
  readonly nodes: readonly Address[];
  readonly ttl: number;
  /** Of each node, in ms; null: as the core has it. */
  readonly timeout: number | null;
  readonly ms: number;
}

interface Output {
  /** To each node, in ms, before anything was cut off: medians. */
  readonly roundTrips: readonly number[];
  /** What each lock took, in ms. */
  readonly acquired: readonly number[];
  /** What each attempt took that found too few nodes, in ms. */
  readonly refused: readonly number[];
  /** How often a node was reported as failed. */
  readonly nodeFailures: number;
}

const PINGS = 15;
const WARM_UP = 10;
/** After an attempt that found too few nodes, in ms. */
const PAUSE = 20;

/** One caller, one lock at a time, a new resource each time, over nodes near and far. */
export async function acquireAfar({
  nodes,
  ttl,
  timeout,
  ms,
}: Input): Promise<() => Promise<Output>> {
  const clients = await ioredisClients(nodes);
  const redlock = new Redlock(
    clients.map((client) => ioredisNode(client, { timeout: timeout ?? undefined })),
    { wait: 0 },
  );
  let nodeFailures = 0;
  redlock.on('nodeFailed', () => nodeFailures++);
  const acquired: number[] = [];
  const refused: number[] = [];
  const roundTrips = await Promise.all(
    clients.map((client) => medianTime(PINGS, () => client.ping())),
  );
  const cycle = async (name: string): Promise<void> => {
    const start = performance.now();
    try {
      const lock = await redlock.acquire(name, ttl);
      acquired.push(performance.now() - start);
      await lock.release();
    } catch (error) {
      if (!QuorumError.is(error)) throw error;
      refused.push(performance.now() - start);
      // Where nodes are known to be away it is told at once: without a pause that would be all it does.
      await sleep(PAUSE);
    }
  };
  // Scripts are loaded on all nodes, far ones included, and code is compiled before it begins.
  for (let count = 0; count < WARM_UP; count++) await cycle(`${process.pid}:warm-up:${count}`);
  await Promise.all(clients.map((client) => client.ping()));
  return async () => {
    acquired.length = 0;
    refused.length = 0;
    const end = performance.now() + ms;
    for (let count = 0; performance.now() < end; count++) await cycle(`${process.pid}:${count}`);
    return { roundTrips, acquired, refused, nodeFailures };
  };
}

async function medianTime(times: number, work: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let count = 0; count < times; count++) {
    const start = performance.now();
    await work();
    taken.push(performance.now() - start);
  }
  return medianOf(taken);
}
