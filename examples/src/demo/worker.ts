/** A worker process. Its parent forks it with an order as the only argument, and later says stop. */
import { Redis } from 'ioredis';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { Shift } from './shift.js';
import type { WorkerReport } from './worker-report.js';

export interface WorkerOrder {
  readonly worker: string;
  readonly folder: string;
  /** Of the nodes, on this machine; null: without a lock. */
  readonly ports: readonly number[] | null;
}

const { worker, folder, ports } = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
const stop = new AbortController();
process.once('message', () => stop.abort());
process.once('disconnect', () => stop.abort());
// Ctrl+C in a terminal reaches the whole process group; the parent says when to stop.
process.on('SIGINT', () => {});

const clients = (ports ?? []).map(connect);
const redlock =
  ports === null
    ? null
    : new Redlock(
        clients.map((client) => ioredisNode(client)),
        // The servers write every change to disk before they answer, so a restart forgets nothing.
        { quarantine: false },
      );
try {
  await new Shift({ worker, folder, redlock, stop: stop.signal, report }).work();
} finally {
  await redlock?.close();
  for (const client of clients) client.disconnect();
}
await allReported();
// A client of ioredis that is told to disconnect while its node is away keeps a process for two
// seconds more.
process.exit();

/** One client for each node, as any service has them. */
function connect(port: number): Redis {
  // A node that is back should vote again soon.
  const client = new Redis({ port, retryStrategy: (times) => Math.min(times * 50, 300) });
  // Redlock says what a missing node means; ioredis would print each failed attempt to connect.
  client.on('error', () => {});
  return client;
}

function report(message: WorkerReport): void {
  if (process.connected) process.send?.(message);
}

/** Messages arrive in order, so when an empty one is written all others are. */
async function allReported(): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => process.send?.(null, () => resolve()));
}
