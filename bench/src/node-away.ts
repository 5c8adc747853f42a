import { Redis } from 'ioredis';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { FaultProxy, startServers, type RedisServer } from 'testbed';
import { timeInterleaved } from './interleaved.js';
import { table } from './table.js';

const TTL = 10_000;

/** Five healthy nodes beside four and one that is black-holed, and four and one that is dead. */
export async function nodeAway(operations: number): Promise<string> {
  const five = await startServers(5);
  const [spare] = await startServers(1);
  if (!spare) throw new Error('no server was started');
  const proxy = await FaultProxy.start(spare);
  const four = five.slice(1);
  const healthy = new Contender('healthy', five);
  const blackHoled = new Contender('black-holed', [proxy, ...four]);
  const dead = new Contender('dead', [spare, ...four]);
  const contenders = [healthy, blackHoled, dead];
  for (const contender of contenders) await contender.lockOnce(-1);

  proxy.blackHole();
  await spare.kill();
  const memory = new MemoryCurve(blackHoled);
  const times = await timeInterleaved(
    {
      'five healthy': (operation) => healthy.lockOnce(operation),
      'one black-holed': (operation) => {
        if (operation % 1000 === 0) memory.look(operation);
        return blackHoled.lockOnce(operation);
      },
      'one dead': (operation) => dead.lockOnce(operation),
    },
    operations,
  );
  for (const contender of contenders) await contender.close();
  await proxy.close();
  await Promise.all([spare, ...five].map((server) => server.close()));
  return `${table('One node of five away', times, 'five healthy')}\n${memory.toString()}`;
}

class Contender {
  readonly #clients: readonly Redis[];
  readonly #redlock: Redlock;

  constructor(
    readonly name: string,
    nodes: readonly Pick<RedisServer, 'host' | 'port'>[],
  ) {
    this.#clients = nodes.map(({ host, port }) => {
      const client = new Redis({ host, port });
      client.on('error', () => {});
      return client;
    });
    this.#redlock = new Redlock(this.#clients.map((client) => ioredisNode(client)));
  }

  async lockOnce(operation: number): Promise<void> {
    const lock = await this.#redlock.acquire(`${this.name}:${operation}`, TTL);
    await lock.release();
  }

  /** Commands that the first client has written or queued, and not had answered. */
  get unanswered(): number {
    const queues = this.#clients[0] as unknown as Record<
      'commandQueue' | 'offlineQueue',
      { length: number }
    >;
    return queues.commandQueue.length + queues.offlineQueue.length;
  }

  async close(): Promise<void> {
    await this.#redlock.close();
    for (const client of this.#clients) client.disconnect();
  }
}

/** Commands in flight to the silent node and the heap, as the operations go by. */
class MemoryCurve {
  readonly #contender: Contender;
  readonly #rows: string[] = [];

  constructor(contender: Contender) {
    this.#contender = contender;
  }

  look(operation: number): void {
    if (operation < 0 || (operation > 1000 && operation % 5000 !== 0)) return;
    globalThis.gc?.();
    const heap = (process.memoryUsage().heapUsed / 2 ** 20).toFixed(1);
    this.#rows.push(`| ${operation} | ${this.#contender.unanswered} | ${heap} |`);
  }

  toString(): string {
    return [
      '| operations | in flight to the black-holed node | heap MiB |',
      '|-:|-:|-:|',
      ...this.#rows,
      '',
    ].join('\n');
  }
}
