import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { type Address, ioredisClients, loadScript, sentCommands } from '../libraries/clients.js';

interface Input {
  readonly nodes: readonly Address[];
  readonly ttl: number;
  readonly locks: number;
  readonly ms: number;
  /** One timer a lock, and one command a lock and node, instead of the library. */
  readonly byHand: boolean;
}

interface Output {
  readonly extensions: number;
  readonly lost: number;
  readonly cpuMicros: number;
  readonly commands: number;
  /** Bytes of a kept lock. */
  readonly heapPerLock: number;
}

interface Keeper {
  extensions: number;
  lost: number;
  take(name: string): Promise<unknown>;
}

const EXTEND = `
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return 0`;
const AT_ONCE = 500;

/** Takes many locks, and then only keeps them. */
export async function keep(input: Input): Promise<() => Promise<Output>> {
  const keeper = await (input.byHand ? keeperByHand(input) : redlockKeeper(input));
  await keeper.take('warm-up');
  const heap = usedHeap();
  for (let first = 0; first < input.locks; first += AT_ONCE) {
    const names = Array.from({ length: AT_ONCE }, (_, index) => `kept:${first + index}`);
    await Promise.all(names.map((name) => keeper.take(name)));
  }
  const heapPerLock = (usedHeap() - heap) / input.locks;
  // All of them have been extended once, and the code that does it is compiled.
  await sleep(input.ttl / 2);
  return async () => {
    const before = { extensions: keeper.extensions, commands: sentCommands() };
    const cpu = process.cpuUsage();
    await sleep(input.ms);
    const { user, system } = process.cpuUsage(cpu);
    return {
      extensions: keeper.extensions - before.extensions,
      lost: keeper.lost,
      cpuMicros: user + system,
      commands: sentCommands() - before.commands,
      heapPerLock,
    };
  };
}

async function redlockKeeper({ nodes, ttl }: Input): Promise<Keeper> {
  const clients = await ioredisClients(nodes);
  const redlock = new Redlock(
    clients.map((client) => ioredisNode(client)),
    { autoExtend: true },
  );
  const keeper: Keeper = { extensions: 0, lost: 0, take: (name) => redlock.acquire(name, ttl) };
  redlock.on('extended', () => keeper.extensions++);
  redlock.on('lost', () => keeper.lost++);
  return keeper;
}

async function keeperByHand({ nodes, ttl }: Input): Promise<Keeper> {
  const clients = await ioredisClients(nodes);
  const sha = await loadScript(clients, EXTEND);
  const keeper: Keeper = {
    extensions: 0,
    lost: 0,
    take: async (name) => {
      await Promise.all(clients.map((client) => client.set(name, name, 'PX', ttl)));
      setInterval(() => {
        const replies = clients.map((client) => client.evalsha(sha, 1, name, name, ttl));
        void Promise.all(replies).then((all) => {
          if (all.every((reply) => reply === 1)) keeper.extensions++;
          else keeper.lost++;
        });
      }, ttl / 3);
    },
  };
  return keeper;
}

function usedHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
