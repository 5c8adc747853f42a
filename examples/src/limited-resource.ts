/**
 * Access to a limited resource, with waiting. A printer takes one job at a time, and several tills
 * share it. Each waits for its turn; one that is in a hurry waits a little and then says `busy`.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock, ResourceLockedError } from 'redlock-core';
import { openNodes } from './nodes.js';

/** Mixes two jobs up when it is given both at once. */
class Printer {
  readonly printed: string[] = [];
  mixedUp = false;
  #isPrinting = false;

  async print(job: string, ms: number): Promise<void> {
    this.mixedUp ||= this.#isPrinting;
    this.#isPrinting = true;
    await sleep(ms);
    this.#isPrinting = false;
    this.printed.push(job);
  }
}

const printer = new Printer();

/**
 * @param wait how long the till waits for its turn, in ms
 * @returns whether it was printed
 */
async function print(redlock: Redlock, job: string, ms: number, wait: number): Promise<boolean> {
  try {
    // The ttl is how long the others wait for a till that has died, not how long a job takes:
    // `using` extends the lock while it prints.
    await redlock.using('printer', 5000, { wait }, () => printer.print(job, ms));
    console.log(`${job}: printed`);
    return true;
  } catch (error) {
    // Anything else, a QuorumError say, is not `busy` but `broken`.
    if (!ResourceLockedError.is(error)) throw error;
    console.log(`${job}: the printer is busy, try again later`);
    return false;
  }
}

// In life each till is a machine of its own.
await using till1 = new Redlock(openNodes());
await using till2 = new Redlock(openNodes());
await using till3 = new Redlock(openNodes());

const isPrinting = new Promise<void>((resolve) => till1.on('acquired', () => resolve()));
const report = print(till1, 'report of till 1', 1500, 10_000);
await isPrinting;
const results = await Promise.all([
  report,
  print(till2, 'receipt of till 2', 100, 10_000),
  print(till3, 'receipt of till 3', 100, 10_000),
  print(till3, 'voucher of till 3', 100, 10_000),
  print(till2, 'advert of till 2', 100, 200),
]);

assert.deepEqual(results, [true, true, true, true, false]);
assert.equal(printer.printed.length, 4);
assert.equal(printer.mixedUp, false);
console.log('four jobs printed, one after another');
