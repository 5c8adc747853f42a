/**
 * Drizzle: writes with a fencing token. Before its first write, a holder puts its token into the row. From then on the
 * table refuses the writes of all earlier holders, even if the new one has written nothing yet.
 */
import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { and, eq, lte } from 'drizzle-orm';
import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pglite';
import { type Lock, Redlock } from 'redlock-core';
import { openNodes } from '../nodes.js';

const invoices = pgTable('invoice', {
  id: integer().primaryKey(),
  state: text().notNull(),
  // Fencing tokens stay below 2^53: too large for an integer column, and exact as a JavaScript number.
  fence: bigint({ mode: 'number' }).notNull().default(0),
});

type Invoice = typeof invoices.$inferSelect;

// PostgreSQL inside this process. With a server, it is `drizzle-orm/node-postgres`.
await using client = await PGlite.create();
await client.exec(`
  CREATE TABLE invoice (id int PRIMARY KEY, state text NOT NULL, fence bigint NOT NULL DEFAULT 0);
`);
const database = drizzle({ client });
await database.insert(invoices).values({ id: 42, state: 'draft' });

/**
 * Changes an invoice, unless a later holder of its lock has come.
 *
 * @param change nothing: only reads it and shuts earlier holders out
 * @returns the invoice as it is now, or undefined if the table refused
 */
async function write(
  id: number,
  { fencingToken }: Lock,
  change: Partial<Pick<Invoice, 'state'>> = {},
): Promise<Invoice | undefined> {
  // Condition and write are one statement, so no other write can come between them.
  const [invoice] = await database
    .update(invoices)
    .set({ ...change, fence: fencingToken })
    .where(and(eq(invoices.id, id), lte(invoices.fence, fencingToken)))
    .returning();
  return invoice;
}

// In life these are processes, each with a connection to the database.
await using redlock1 = new Redlock(openNodes());
await using redlock2 = new Redlock(openNodes());

const lock1 = await redlock1.acquire('invoice:42', 2000);
const read1 = await write(42, lock1);
console.log(`writer 1: reads '${read1?.state}', and is paused before it writes`);

// The ttl of writer 1 ends, so writer 2, which waits, gets the lock.
const lock2 = await redlock2.acquire('invoice:42', 10_000);
const read2 = await write(42, lock2);
console.log(`writer 2: reads '${read2?.state}'`);

const late = await write(42, lock1, { state: 'paid' });
console.log(`writer 1: runs again and writes 'paid': ${late ? 'written' : 'refused'}`);

for (const state of ['checked', 'cancelled']) {
  const invoice = await write(42, lock2, { state });
  console.log(`writer 2: writes '${state}': ${invoice ? 'written' : 'refused'}`);
}
await lock2.release();

assert(lock1.fencingToken < lock2.fencingToken);
assert.equal(late, undefined);
const [invoice] = await database.select().from(invoices);
assert.deepEqual(invoice, { id: 42, state: 'cancelled', fence: lock2.fencingToken });
console.log(`the invoice: ${invoice.state}`);
