/**
 * A cache that many read and one rebuilds. Readers share a lock, so they do not wait for each other; whoever rebuilds has
 * it alone, so nobody reads a cache that is half built. New readers wait behind a rebuild that waits, so it gets its turn
 * however many readers there are.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock } from 'redlock-core';
import { openNodes } from './nodes.js';

/** A directory of files, for example. It is built file by file, and readers must see all of one version. */
const cache: number[] = [1, 1, 1];

let readers = 0;
let mostReaders = 0;

async function read(redlock: Redlock): Promise<number> {
  return redlock.using('cache', 5000, { mode: 'shared', wait: 20_000 }, async () => {
    mostReaders = Math.max(mostReaders, ++readers);
    const [first = 0] = cache;
    await sleep(20);
    for (const version of cache) assert.equal(version, first, 'the cache was rebuilt meanwhile');
    readers--;
    return first;
  });
}

async function rebuild(redlock: Redlock, version: number): Promise<void> {
  await redlock.using('cache', 5000, { wait: 20_000 }, async (signal) => {
    assert.equal(readers, 0);
    for (const file of cache.keys()) {
      signal.throwIfAborted();
      cache[file] = version;
      await sleep(10);
    }
    console.log(`version ${version} is built`);
  });
}

// In life each of them is a machine of its own.
await using builder = new Redlock(openNodes());
await using web1 = new Redlock(openNodes());
await using web2 = new Redlock(openNodes());

const seen = new Set<number>();
const reading = [web1, web2].flatMap((redlock) =>
  Array.from({ length: 10 }, async () => {
    for (let count = 0; count < 10; count++) seen.add(await read(redlock));
  }),
);
for (const version of [2, 3]) await rebuild(builder, version);
await Promise.all(reading);

assert.ok(mostReaders > 1, 'readers share the lock');
assert.equal(await read(web1), 3);
console.log(
  `up to ${mostReaders} read at once, versions ${[...seen].join(', ')}, each of them whole`,
);
