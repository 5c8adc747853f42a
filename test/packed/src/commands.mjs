import { createInterface } from 'node:readline';
import { Redlock } from 'redlock-core';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';

// Does what each line of stdin says, and answers with a line of JSON. Arguments: URLs of nodes.

const TTL = 60_000;
const redlock = new Redlock(process.argv.slice(2).map((url) => ioredisNodeFromUrl(url)));
let lock = null;

const commands = {
  async acquire() {
    lock = await redlock.acquire('report', TTL, { wait: TTL });
    return lock.fencingToken;
  },
  async tryAcquire() {
    lock = await redlock.tryAcquire('report', TTL);
    return lock?.fencingToken ?? null;
  },
  async extend() {
    await lock.extend(2 * TTL);
    return lock.remaining() > TTL;
  },
  release: () => lock.release(),
  signal: () => ({ aborted: lock.signal.aborted, reason: lock.signal.reason?.reason }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await Promise.resolve(commands[line]()).catch(({ code }) => code);
  console.log(JSON.stringify(answer));
}
await redlock.close();
