/** A client process. Its parent forks it with an order as the only argument, and later says stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { QuorumError, Redlock, ResourceLockedError } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { Random } from 'test-kit/random';
import { Holds } from './holds.js';
import { updateLedger } from './ledger-task.js';
import { Parent } from './parent.js';
import { useRecord } from './record-task.js';
import type { Variant } from './variant.js';
import type { Work } from './work.js';
import type { Workplace } from './workplace.js';

export interface ClientOrder {
  readonly ports: readonly number[];
  readonly options: Variant['options'];
  readonly work: Work;
  readonly seed: number;
}

const WAIT = 3000;
/** In ms, at most: between two locks of a task. */
const BREAK = 20;

const { ports, options, work, seed } = JSON.parse(process.argv[2] ?? '') as ClientOrder;
const stop = new AbortController();
const parent = new Parent(() => stop.abort());
// Ctrl+C in a terminal reaches the whole process group; the parent says when to stop.
process.on('SIGINT', () => {});

const clients = ports.map((port) => {
  const client = new Redis({ port, retryStrategy: (times) => Math.min(times * 50, 300) });
  client.on('error', () => {});
  return client;
});
const redlock = new Redlock(
  clients.map((client, index) => ioredisNode(client, { name: `node-${index + 1}` })),
  { wait: WAIT, ...options },
);
redlock.on('nodeQuarantined', () => parent.tell({ kind: 'quarantined' }));
const holds = new Holds(redlock, parent);

await Promise.all(Array.from({ length: work.tasks }, (_, index) => runTask(index)));
await redlock.close();
process.exit();

async function runTask(index: number): Promise<void> {
  const random = new Random(seed, index);
  const workplace: Workplace = {
    redlock,
    holds,
    parent,
    random,
    tasks: work.tasks,
    stop: stop.signal,
  };
  while (!stop.signal.aborted) {
    try {
      if (work.subject === 'ledger') await updateLedger(workplace);
      else await useRecord(workplace, work.careless);
    } catch (error) {
      if (error === stop.signal.reason) break;
      // Busy, or too many nodes away for now. Anything else is a fault.
      if (!ResourceLockedError.is(error) && !QuorumError.is(error)) throw error;
      parent.tell({ kind: 'setback', code: error.code });
    }
    await sleep(random.between(0, BREAK));
  }
}
