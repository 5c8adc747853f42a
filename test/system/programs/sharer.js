// A program of its own, over the built packages: takes and releases a lock as its parent asks, in either mode.
// Arguments: the options of its Redlock as JSON, then the ports of the servers.
import { Redis } from 'ioredis';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';

const [options, ...ports] = process.argv.slice(2);
const clients = ports.map((port) => new Redis({ port: Number(port) }));
const redlock = new Redlock(
  clients.map((client) => ioredisNode(client)),
  JSON.parse(options),
);
let lock = null;

const deeds = {
  connect: () => Promise.all(clients.map((client) => client.ping())),
  async acquire({ ttl, ...rest }) {
    lock = await redlock.acquire('record', ttl, rest);
  },
  async tryAcquire({ ttl, ...rest }) {
    const granted = await redlock.tryAcquire('record', ttl, rest);
    lock = granted ?? lock;
    return granted !== null;
  },
  release: () => lock.release(),
};

process.on('message', (message) => void answer(message));
process.once('disconnect', () => process.exit());

async function answer({ number, deed, input }) {
  process.send({ number, result: await deeds[deed](input) });
}
