/**
 * A repeated submission refused. A customer clicks "pay" again and again, and the requests reach
 * different servers: one of them charges the card, the others say that the order is being paid.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock } from 'redlock-core';
import { openNodes } from './nodes.js';

/** How long after a payment a late click is refused here, in ms; from then on the order says `paid`. */
const KEEP_FOR = 60_000;

const charges: string[] = [];

/** @returns the status of the response */
async function pay(redlock: Redlock, order: string, card: string): Promise<number> {
  await using lock = await redlock.tryAcquire(`payment:${order}`, 10_000, { autoExtend: true });
  // null: another server has it, and would have it again if this one waited. So no waiting.
  if (lock === null) return 409;
  try {
    await charge(order, card);
  } catch {
    // The lock is given back at the end of the block: the customer may try another card at once.
    return 402;
  }
  await lock.release({ keepFor: KEEP_FOR });
  return 201;
}

/** Stands for a payment provider. Give a real one the order as its idempotency key as well. */
async function charge(order: string, card: string): Promise<void> {
  await sleep(500);
  if (card === 'expired') throw new Error('The card has expired');
  charges.push(order);
}

// In life these are processes on different machines.
// A node that was restarted may have forgotten what is kept, also for a server that did not keep it.
await using serverA = new Redlock(openNodes(), { quarantineTime: KEEP_FOR });
await using serverB = new Redlock(openNodes(), { quarantineTime: KEEP_FOR });

// A fresh order for each run of this program: the last one's payment is still kept.
const order = `order-${Date.now()}`;

const declined = await pay(serverA, order, 'expired');
console.log(`an expired card: ${declined}`);
assert.equal(declined, 402);

const clicks = await Promise.all([
  pay(serverA, order, 'valid'),
  pay(serverB, order, 'valid'),
  pay(serverA, order, 'valid'),
]);
// Any of them may be the first.
clicks.sort((a, b) => a - b);
console.log(`three clicks at once on a valid card: ${clicks.join(', ')}`);
assert.deepEqual(clicks, [201, 409, 409]);

const late = await pay(serverB, order, 'valid');
console.log(`a click that arrives after the payment: ${late}`);
assert.equal(late, 409);

assert.deepEqual(charges, [order]);
console.log('charged once');
