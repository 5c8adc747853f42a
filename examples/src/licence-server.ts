/**
 * A limit over several processes. A licence server allows three conversions at the same time, each on a seat of its own,
 * and four machines have two files each to convert. A semaphore with three permits shares the seats out.
 */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redlock } from 'redlock-core';
import { openNodes } from './nodes.js';

const SEATS = 3;
const MACHINES = ['oslo', 'rome', 'kyiv', 'cork'] as const;

/** What a machine tells the licence server. */
interface Message {
  readonly file: string;
  readonly seat: number;
  readonly state: 'begins' | 'ends';
}

/** Knows nothing of the semaphore, and refuses a seat that is taken. */
class LicenceServer {
  readonly #taken = new Set<number>();
  most = 0;
  refused = 0;
  converted = 0;

  handle({ seat, state }: Message): void {
    if (state === 'ends') {
      this.#taken.delete(seat);
      this.converted++;
    } else if (seat >= SEATS || this.#taken.has(seat)) this.refused++;
    else this.#taken.add(seat);
    this.most = Math.max(this.most, this.#taken.size);
  }
}

/** One machine: converts its files, each as soon as it has a seat. */
async function convertAll(machine: string): Promise<void> {
  await using redlock = new Redlock(openNodes(), { wait: 30_000 });
  const seats = redlock.semaphore('licences', SEATS);
  const convert = (file: string): Promise<void> =>
    // The ttl is for how long the seat of a machine that has died stays taken: `using` extends it.
    seats.using(10_000, async (signal, { permit: seat }) => {
      await tell({ file, seat, state: 'begins' });
      await sleep(300, undefined, { signal });
      // The licence server has heard that the seat is free before anybody else can have it.
      await tell({ file, seat, state: 'ends' });
    });
  await Promise.all([convert(`${machine}-1.doc`), convert(`${machine}-2.doc`)]);
}

/** Resolves when the licence server has answered. */
function tell(message: Message): Promise<void> {
  return new Promise((resolve) => {
    const heard = (file: unknown): void => {
      if (file !== message.file) return;
      process.off('message', heard);
      resolve();
    };
    process.on('message', heard);
    process.send?.(message);
  });
}

async function serve(): Promise<void> {
  const server = new LicenceServer();
  const start = (machine: string): ChildProcess => {
    const child = fork(fileURLToPath(import.meta.url), [machine]);
    child.on('message', (message: Message) => {
      server.handle(message);
      console.log(`seat ${message.seat}: ${message.file} ${message.state}`);
      child.send(message.file);
    });
    return child;
  };
  const ends = MACHINES.map(start).map((child) => once(child, 'exit'));
  for (const [code] of await Promise.all(ends)) assert.equal(code, 0);
  assert.equal(server.converted, 2 * MACHINES.length);
  assert.equal(server.refused, 0);
  assert.ok(server.most <= SEATS);
  console.log(`${server.converted} files converted, ${server.most} at the same time`);
}

const [machine] = process.argv.slice(2);
if (machine === undefined) await serve();
else {
  await convertAll(machine);
  process.disconnect();
}
