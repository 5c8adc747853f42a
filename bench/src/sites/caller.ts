import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { QuorumError, Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { medianOf } from '../figure.js';
import { type Address, disconnectAll, ioredisClients } from '../libraries/clients.js';

const PINGS = 15;
const WARM_UP = 10;
/** After an attempt without a quorum, in ms: such attempts fail at once while nodes are known to be silent. */
const PAUSE = 20;

/** What the caller of a site has measured, in ms. */
export interface Calls {
  readonly acquired: readonly number[];
  /** The time of each attempt without a quorum. */
  readonly refused: readonly number[];
  /** How often a node was reported as failed. */
  readonly nodeFailures: number;
}

/** The client of one site, over nodes near and far. */
export class Caller {
  /** To each node, in ms. */
  readonly roundTrips: readonly number[];
  readonly #clients: readonly Redis[];
  readonly #redlock: Redlock;
  readonly #ttl: number;
  #locks = 0;

  private constructor(
    clients: readonly Redis[],
    redlock: Redlock,
    ttl: number,
    roundTrips: readonly number[],
  ) {
    this.#clients = clients;
    this.#redlock = redlock;
    this.#ttl = ttl;
    this.roundTrips = roundTrips;
  }

  /** @param timeout of each node, in ms; null: the core's default */
  static async open(
    nodes: readonly Address[],
    ttl: number,
    timeout: number | null = null,
  ): Promise<Caller> {
    const clients = await ioredisClients(nodes);
    const redlock = new Redlock(
      clients.map((client) => ioredisNode(client, { timeout: timeout ?? undefined })),
    );
    const roundTrips = await Promise.all(clients.map((client) => roundTripOf(client)));
    return new Caller(clients, redlock, ttl, roundTrips);
  }

  /** Scripts are loaded on all nodes, far ones included, and code is compiled. */
  async warmUp(): Promise<void> {
    for (let count = 0; count < WARM_UP; count++) await this.#lock([], []);
    await Promise.all(this.#clients.map((client) => client.ping()));
  }

  /** One lock at a time, a new resource each time. */
  async work(ms: number): Promise<Calls> {
    const acquired: number[] = [];
    const refused: number[] = [];
    let nodeFailures = 0;
    this.#redlock.on('nodeFailed', () => nodeFailures++);
    const end = performance.now() + ms;
    while (performance.now() < end) await this.#lock(acquired, refused);
    return { acquired, refused, nodeFailures };
  }

  /** Holds a lock as long as it can. @returns a promise of the time until its loss; null if it was not lost */
  async hold(resource: string): Promise<(ms: number) => Promise<number | null>> {
    const { signal } = await this.#redlock.acquire(resource, this.#ttl, { autoExtend: true });
    return async (ms) => {
      const start = performance.now();
      const lost = once(signal, 'abort').then(() => performance.now() - start);
      return Promise.race([sleep(ms, null), lost]);
    };
  }

  /** @returns how long it waited; null if it gave up */
  async waitFor(resource: string, ms: number): Promise<number | null> {
    const start = performance.now();
    const lock = await this.#redlock.acquire(resource, this.#ttl, { wait: ms }).catch(() => null);
    return lock && performance.now() - start;
  }

  /** After the sites are restored: otherwise a release would wait for silent nodes. */
  close(): void {
    disconnectAll(this.#clients);
  }

  async #lock(acquired: number[], refused: number[]): Promise<void> {
    const resource = `${process.pid}:${Math.random()}:${this.#locks++}`;
    const start = performance.now();
    try {
      const lock = await this.#redlock.acquire(resource, this.#ttl, { wait: 0 });
      acquired.push(performance.now() - start);
      await lock.release();
    } catch (error) {
      if (!QuorumError.is(error)) throw error;
      refused.push(performance.now() - start);
      await sleep(PAUSE);
    }
  }
}

async function roundTripOf(client: Redis): Promise<number> {
  const taken: number[] = [];
  for (let count = 0; count < PINGS; count++) {
    const start = performance.now();
    await client.ping();
    taken.push(performance.now() - start);
  }
  return medianOf(taken);
}
