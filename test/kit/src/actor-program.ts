/** The program of an Actor: does what its parent asks for, and reports what happens to its locks. */
import { Redis } from 'ioredis';
import { type AcquireOptions, type Lock, Redlock } from 'redlock-core';
import { ioredisNode, ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import type { ActorEvent, ActorLock, ActorOrder, Message, Request } from './actor.js';
import { machineNow } from './machine-clock.js';
import { pace } from './pace.js';

const { nodes, options, ahead } = JSON.parse(process.argv[2] ?? '') as ActorOrder;
const wallClock = Date.now.bind(Date);
Date.now = () => wallClock() + ahead;

const clients: Redis[] = [];
const redlock = new Redlock(
  nodes.map((node) => {
    if (typeof node === 'string') return ioredisNodeFromUrl(node);
    const client = new Redis({ port: node }).on('error', () => {});
    clients.push(client);
    return ioredisNode(client);
  }),
  options,
);
const locks: Lock[] = [];
let waiting = new AbortController();
let left = false;

interface Args {
  readonly resources: string | readonly string[];
  readonly name: string;
  readonly ttl: number;
  readonly permits: number;
  readonly hold: number;
  readonly wishes: AcquireOptions;
}

const deeds: Readonly<Record<string, (args: Args) => unknown>> = {
  async connect() {
    await redlock.connect({ wait: pace.limit });
    await redlock.inspect('connected');
  },
  async acquire({ resources, ttl, wishes }) {
    return kept(await redlock.acquire(resources, ttl, { ...wishes, signal: waiting.signal }));
  },
  async tryAcquire({ resources, ttl, wishes }) {
    const lock = await redlock.tryAcquire(resources, ttl, wishes);
    return lock && kept(lock);
  },
  async campaign({ name, ttl }) {
    return kept(await redlock.election(name, ttl).campaign());
  },
  async permit({ name, permits, ttl }) {
    return kept(await redlock.semaphore(name, permits).acquire(ttl));
  },
  async extend({ hold, ttl }) {
    await held(hold).extend(ttl);
    return described(hold);
  },
  release: ({ hold }) => held(hold).release(),
  detach: ({ hold }) => held(hold).detach(),
  /** Observes an election; its second change stays pending. */
  async observe({ name, ttl }) {
    const changes = redlock.election(name, ttl).observe({ signal: new AbortController().signal });
    const iterator = changes[Symbol.asyncIterator]();
    await iterator.next();
    void iterator.next();
  },
  /** Gives up all that it waits for. */
  cancel() {
    waiting.abort(new Error('canceled'));
    waiting = new AbortController();
  },
  close: () => redlock.close(),
  leave() {
    left = true;
    for (const client of clients) client.disconnect();
    process.disconnect();
  },
};

for (const event of ['extended', 'lost', 'contended'] as const) {
  redlock.on(event, (payload: object) => {
    const { lock, error } = payload as { lock?: Lock; error?: { cause?: { code?: string } } };
    const hold = lock ? locks.indexOf(lock) : -1;
    const code = error?.cause?.code ?? null;
    send({ event, hold: hold < 0 ? null : hold, code, at: machineNow() } satisfies ActorEvent);
  });
}

process.on('message', (request: Request) => void answer(request));
process.once('disconnect', () => {
  // Without this, an actor would outlive a test run that was killed.
  if (!left) process.exit();
});

async function answer({ id, deed, args }: Request): Promise<void> {
  try {
    send({ id, value: (await deeds[deed]?.(args as unknown as Args)) ?? null });
  } catch (error) {
    const { message, stack } = error as Error;
    const data = JSON.parse(JSON.stringify(error)) as Record<string, unknown>;
    send({ id, error: { ...data, message, stack } });
  }
}

function kept(lock: Lock): ActorLock {
  return described(locks.push(lock) - 1);
}

function held(hold: number): Lock {
  const lock = locks[hold];
  if (!lock) throw new Error(`There is no lock ${hold}`);
  return lock;
}

function described(hold: number): ActorLock {
  const lock = held(hold);
  const at = machineNow();
  const permit = 'permit' in lock ? Number(lock.permit) : null;
  const { token, fencingToken } = lock;
  return { hold, token, fencingToken, permit, at, until: at + lock.remaining() };
}

function send(message: Message): void {
  if (process.connected) process.send?.(message);
}
