import { createRequire } from 'node:module';
import { Redlock, ResourceLockedError } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';

const require = createRequire(import.meta.url);
const other = require('redlock-core');
const nodes = [memoryNode({ name: 'a' }), require('redlock-core/memory').memoryNode({ name: 'b' })];

const one = new Redlock(nodes);
const two = new other.Redlock(nodes);
const lock = await one.acquire('mixed', 1000);
const refused = await two.acquire('mixed', 1000, { wait: 0 }).catch((error) => error);
const areTwoCopies = Redlock !== other.Redlock;
console.log(areTwoCopies, ResourceLockedError.is(refused), other.ResourceLockedError.is(refused));
const adopted = await two.adopt('mixed', lock.token, 1000);
console.log(adopted.fencingToken > lock.fencingToken, await adopted.release());
// A restart that one copy has seen counts for the other one, too.
const [node] = nodes;
const three = new Redlock([node]);
await (await three.acquire('warm', 1000)).release();
node.forget();
const four = new other.Redlock([node]);
const untrusted = await four.acquire('mixed', 1000, { wait: 0 }).catch((error) => error);
console.log(untrusted.votes[0].error.code);
await Promise.all([one, two, three, four].map((redlock) => redlock.close()));
