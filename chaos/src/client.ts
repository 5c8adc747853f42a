/** A client process. Its parent forks it with an order as the only argument, and later says stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Lock, QuorumError, Redlock, ResourceLockedError } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { Random } from 'testbed/random';
import { machineNow } from './machine-clock.js';
import type { Access, Message, Reply } from './message.js';
import { TTL, type Variant } from './variant.js';

export interface ClientOrder {
  readonly ports: readonly number[];
  readonly options: Variant['options'];
  readonly seed: number;
}

const WAIT = 3000;
/** In ms, at most: between read and write, and between two locks. */
const WORK = 20;
const BREAK = 20;

const order = JSON.parse(process.argv[2] ?? '') as ClientOrder;
const random = new Random(order.seed);
const stop = new AbortController();
const replies: ((reply: Reply) => void)[] = [];
process.on('message', (message: 'stop' | Reply) => {
  if (message === 'stop') stop.abort();
  else replies.shift()?.(message);
});
process.once('disconnect', () => process.exit());
// Ctrl+C in a terminal reaches the whole process group; the parent says when to stop.
process.on('SIGINT', () => {});

const clients = order.ports.map((port) => {
  const client = new Redis({ port, retryStrategy: (times) => Math.min(times * 50, 300) });
  client.on('error', () => {});
  return client;
});
const redlock = new Redlock(
  clients.map((client, index) => ioredisNode(client, { name: `node-${index + 1}` })),
  { wait: WAIT, ...order.options },
);
let holds = 0;
const held = new Map<Lock, number>();
redlock.on('extended', ({ lock }) => {
  const hold = held.get(lock);
  if (hold !== undefined) tell({ kind: 'extended', hold, ...beliefIn(lock) });
});
redlock.on('nodeQuarantined', () => tell({ kind: 'quarantined' }));
redlock.on('lost', ({ lock }) => {
  const hold = held.get(lock);
  if (hold !== undefined) tell({ kind: 'ended', hold, at: machineNow() });
});

while (!stop.signal.aborted) {
  try {
    await updateUnderLock();
  } catch (error) {
    if (error === stop.signal.reason) break;
    // Busy, or too many nodes away for now. Anything else is a fault.
    if (!ResourceLockedError.is(error) && !QuorumError.is(error)) throw error;
    tell({ kind: 'setback', code: error.code });
  }
  await sleep(random.between(0, BREAK));
}
await redlock.close();
process.exit();

async function updateUnderLock(): Promise<void> {
  const autoExtend = random.chance(0.5);
  const lock = await redlock.acquire('ledger', TTL, { autoExtend, signal: stop.signal });
  const hold = ++holds;
  held.set(lock, hold);
  tell({ kind: 'granted', hold, token: lock.fencingToken, ...beliefIn(lock) });
  try {
    const { admitted, balance } = await access({ kind: 'read', hold, token: lock.fencingToken });
    if (!admitted) return;
    await sleep(workTime(autoExtend));
    // It does not look at the lock's signal: a pause can come after any look. The ledger refuses it.
    await access({ kind: 'write', hold, token: lock.fencingToken, balance: balance + 1 });
  } finally {
    // Told before anything is sent to a node, so that a successor's grant is told of later.
    await told({ kind: 'ended', hold, at: machineNow() });
    held.delete(lock);
    await lock.release();
  }
}

/** Mostly short; sometimes most of the ttl; with automatic extension also longer than it. */
function workTime(autoExtend: boolean): number {
  if (!random.chance(0.05)) return random.between(0, WORK);
  return TTL * (autoExtend ? random.between(0.5, 1.5) : random.between(0.3, 0.8));
}

/** The clock is read first: a pause between the two makes the belief shorter, never longer. */
function beliefIn(lock: Lock): { at: number; until: number } {
  const at = machineNow();
  return { at, until: at + lock.remaining() };
}

async function access(request: Access): Promise<Reply> {
  const reply = new Promise<Reply>((resolve) => replies.push(resolve));
  tell(request);
  return reply;
}

function tell(message: Message): void {
  process.send?.(message);
}

async function told(message: Message): Promise<void> {
  await new Promise((resolve) => process.send?.(message, resolve));
}
