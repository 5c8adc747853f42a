import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { QuorumError, Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { FaultProxy } from 'test-kit';
import { ioredisClients } from '../libraries/clients.js';
import type { Address } from '../libraries/library.js';
import { medianOf } from '../spread.js';

interface Network {
  readonly servers: readonly Address[];
  /** Each way. */
  readonly delayMs: number;
}

/** Proxies in a separate process, so that their work does not slow the measured one. They last as long as it does. */
export async function delayNetwork({
  servers,
  delayMs,
}: Network): Promise<() => Promise<{ nodes: Address[] }>> {
  const proxies = await Promise.all(servers.map((server) => FaultProxy.start(server)));
  for (const proxy of proxies) proxy.delay(delayMs);
  return () => Promise.resolve({ nodes: proxies.map(({ host, port }) => ({ host, port })) });
}

interface Caller {
  readonly nodes: readonly Address[];
  readonly ttl: number;
  /** Of each node, in ms; null: the core's default. */
  readonly timeout: number | null;
  readonly ms: number;
}

interface CallerOutput {
  /** To each node, in ms, before a site was cut off: medians. */
  readonly roundTrips: readonly number[];
  /** The time of each lock, in ms. */
  readonly acquired: readonly number[];
  /** The time of each attempt without a quorum, in ms. */
  readonly refused: readonly number[];
  /** How often a node was reported as failed. */
  readonly nodeFailures: number;
}

const PINGS = 15;
const WARM_UP = 10;
/** After an attempt without a quorum, in ms. */
const PAUSE = 20;

/** One caller, one lock at a time, a new resource each time, over nodes near and far. */
export async function acquireAfar({
  nodes,
  ttl,
  timeout,
  ms,
}: Caller): Promise<() => Promise<CallerOutput>> {
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
    clients.map(async (client) => {
      const taken: number[] = [];
      for (let count = 0; count < PINGS; count++) {
        const start = performance.now();
        await client.ping();
        taken.push(performance.now() - start);
      }
      return medianOf(taken);
    }),
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
      // Attempts fail at once while nodes are known to be unreachable. Without a pause the process would do nothing else.
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

interface Keeper {
  readonly nodes: readonly Address[];
  readonly ttl: number;
  readonly ms: number;
  /** Taken before it begins, and extended as long as possible. */
  readonly holds: string;
  /** Requested at the beginning; null: nothing. */
  readonly wants: string | null;
}

interface KeeperOutput {
  /** In ms from the beginning; null: not lost. */
  readonly lostAfter: number | null;
  /** In ms from the beginning; null: not granted. */
  readonly gotAfter: number | null;
}

/** Holds one lock and waits for another's. */
export async function keepAfar({
  nodes,
  ttl,
  ms,
  holds,
  wants,
}: Keeper): Promise<() => Promise<KeeperOutput>> {
  const clients = await ioredisClients(nodes);
  const redlock = new Redlock(clients.map((client) => ioredisNode(client)));
  const { signal } = await redlock.acquire(holds, ttl, { autoExtend: true });
  return async () => {
    const start = performance.now();
    const after = (): number => performance.now() - start;
    const [lostAfter, gotAfter] = await Promise.all([
      Promise.race([sleep(ms, null), once(signal, 'abort').then(after)]),
      wants === null ? null : redlock.acquire(wants, ttl, { wait: ms }).then(after, () => null),
    ]);
    return { lostAfter, gotAfter };
  };
}
