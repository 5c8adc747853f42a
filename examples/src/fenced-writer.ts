/**
 * A writer fenced in a real PostgreSQL table. A process that is paused while it holds a lock may
 * write when the lock is already another's, and no lock can keep it from that: the table does. It
 * keeps the highest fencing token it has seen and refuses what comes with a lower one.
 */
import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { type Lock, Redlock } from 'redlock-core';
import { openNodes } from './nodes.js';

const INVOICE = 42;

// PostgreSQL inside this process. With a server, the SQL is the same. Fencing tokens go up to 2^53, so
// their column is a bigint: an integer would refuse all of them.
await using database = await PGlite.create();
await database.exec(`
  CREATE TABLE invoice (id int PRIMARY KEY, state text NOT NULL, fence bigint NOT NULL DEFAULT 0);
  INSERT INTO invoice (id, state) VALUES (${INVOICE}, 'draft');
`);

/** @returns whether the table took it */
async function write(writer: string, state: string, lock: Lock): Promise<boolean> {
  // Condition and write are one statement, so nothing can come between them. One write for each
  // lock here; a holder that writes a row several times needs `fence <= $2`.
  const { affectedRows } = await database.query(
    'UPDATE invoice SET state = $1, fence = $2 WHERE id = $3 AND fence < $2',
    [state, lock.fencingToken, INVOICE],
  );
  const outcome = affectedRows === 1 ? 'written' : 'refused';
  console.log(`${writer}: '${state}' with fencing token ${lock.fencingToken}: ${outcome}`);
  return affectedRows === 1;
}

// In life these are processes, each with a connection to the database.
await using redlock1 = new Redlock(openNodes());
await using redlock2 = new Redlock(openNodes());

const lock1 = await redlock1.acquire(`invoice:${INVOICE}`, 2000);
console.log('writer 1: has the lock, looks at it a last time, and is paused before it writes');
assert(lock1.remaining() > 0);

// The ttl of writer 1 ends, so writer 2, which waits, gets the lock.
const lock2 = await redlock2.acquire(`invoice:${INVOICE}`, 10_000);
assert.equal(lock1.remaining(), 0, 'two holders at once');
const wrote2 = await write('writer 2', 'cancelled', lock2);
await lock2.release();

console.log('writer 1: runs again, and does what it was about to do');
const wrote1 = await write('writer 1', 'paid', lock1);

const { rows } = await database.query('SELECT state FROM invoice WHERE id = $1', [INVOICE]);
assert.equal(wrote2, true);
assert.equal(wrote1, false);
assert(lock1.fencingToken < lock2.fencingToken);
assert.deepEqual(rows, [{ state: 'cancelled' }]);
console.log('the invoice:', rows);
