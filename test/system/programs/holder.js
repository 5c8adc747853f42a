// A program of its own, over the built packages: how the tests see a process end.
// Arguments: what to do, then the ports of the servers.
import { Redis } from 'ioredis';
import { Redlock } from 'redlock-core';
import { ioredisNode, ioredisNodeFromUrl } from 'redlock-ioredis-adapter';

/** In ms; the tests of this outlast stalls with it: see pace.ts of the test kit. */
const TTL = 2400;
/** In ms. A process that is not let go keeps a lock for longer than any test lasts. */
const FOR_EVER = 600_000;
const options = { nodeTimeout: 10_000, owner: 'holder' };

const [deed, ...ports] = process.argv.slice(2);
const clients = ports.map((port) => new Redis({ port: Number(port), lazyConnect: true }));
const redlock = new Redlock(
  clients.map((client) => ioredisNode(client)),
  options,
);

const deeds = {
  /** Holds a lock, drops it and lets the clients go. */
  async drop() {
    await redlock.acquire('process', FOR_EVER, { autoExtend: true });
    disconnect();
  },
  async use() {
    await redlock.using('process', FOR_EVER, () => {});
    disconnect();
  },
  /** Holds a lock until it is killed. */
  async hold() {
    await redlock.acquire('process', TTL, { autoExtend: true });
  },
  /** Holds many locks that have been extended, and lets the clients go. */
  async extend() {
    const extended = new Promise((resolve) => redlock.on('extended', resolve));
    const names = Array.from({ length: 50 }, (_, i) => `process ${i}`);
    const locks = await Promise.all(
      names.map((name) => redlock.acquire(name, TTL, { autoExtend: true })),
    );
    await extended;
    await Promise.all(locks.map((lock) => lock.extend(FOR_EVER)));
    disconnect();
  },
  /** Leaves a lock to whoever adopts it. */
  async detach() {
    await connected();
    const lock = await redlock.acquire('process', 60_000, { autoExtend: true });
    lock.detach();
    disconnect();
    return tokensOf(lock);
  },
  /** Holds a lock, and says why it is lost. */
  async tell() {
    await connected();
    redlock.on('lost', ({ error }) => process.stdout.write(`${error.cause.code}\n`));
    const lock = await redlock.acquire('process', TTL, { autoExtend: true });
    return tokensOf(lock);
  },
  /** Leads until it is killed. */
  async lead() {
    await connected();
    return tokensOf(await redlock.election('process', TTL).campaign());
  },
  /** Observes who leads, and lets the clients go meanwhile. */
  async observe() {
    const { signal } = new AbortController();
    const changes = redlock.election('process', TTL).observe({ signal })[Symbol.asyncIterator]();
    await changes.next();
    // Nothing changes any more, so this one stays pending.
    void changes.next();
    disconnect();
  },
  /** Waits for locks that others hold, and gives up. */
  async cancel() {
    const canceller = new AbortController();
    const { signal } = canceller;
    const waiting = ['process', 'process', ['process', 'free']].map((resources) =>
      redlock.acquire(resources, FOR_EVER, { wait: Infinity, retryDelay: FOR_EVER, signal }),
    );
    await new Promise((resolve) => redlock.on('contended', resolve));
    canceller.abort();
    await Promise.allSettled(waiting);
    disconnect();
  },
  /** Listens at a server that is not there, and fails if anything is printed. */
  async listen() {
    console.error = () => (process.exitCode = 1);
    const [client] = clients;
    client.on('error', () => {});
    const unsubscribe = ioredisNode(client).subscribe('news', () => {});
    client.connect().catch(() => {});
    // Attempts for subscriptions fail as often.
    for (let failures = 0; failures < 4; failures++) {
      await new Promise((resolve) => client.once('close', resolve));
    }
    unsubscribe();
    disconnect();
  },
  async urls() {
    const nodes = ports.map((port) => ioredisNodeFromUrl(`redis://127.0.0.1:${port}`));
    const own = new Redlock(nodes, options);
    await own.acquire('process', FOR_EVER);
    await own.close();
  },
};

function tokensOf({ token, fencingToken }) {
  return JSON.stringify({ token, fencingToken });
}

/** To every node, so that all of them get what follows. */
async function connected() {
  await redlock.inspect('process');
}

function disconnect() {
  for (const client of clients) client.disconnect();
}

const said = (await deeds[deed]()) ?? 'done';
process.stdout.write(`${said}\n`);
