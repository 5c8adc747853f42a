import { Redlock, type RedisNode } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import type { Address } from '../libraries/library.js';
import { ioredisClients } from '../libraries/clients.js';

interface Input {
  readonly servers: readonly Address[];
  readonly ttl: number;
  readonly workers: number;
  /** How many resources the workers share, by chance; null: a new one for each lock. */
  readonly shared: number | null;
  readonly ms: number;
}

interface Output {
  readonly locks: number;
  readonly confirmed: number;
}

/** How many locks needed a confirm round: their nodes' fencing counters did not agree at once. */
export async function confirms(input: Input): Promise<() => Promise<Output>> {
  const clients = await ioredisClients(input.servers);
  const tokens = new Set<string>();
  const redlock = new Redlock(
    clients.map((client) => watched(ioredisNode(client), tokens)),
    { wait: Infinity, pollInterval: 5 },
  );
  const lock = await redlock.acquire(`warm-up:${process.pid}`, input.ttl);
  await lock.release();
  return async () => {
    tokens.clear();
    let locks = 0;
    const end = performance.now() + input.ms;
    const worker = async (id: number): Promise<void> => {
      while (performance.now() < end) {
        const resource =
          input.shared === null
            ? `own:${process.pid}:${id}:${locks}`
            : `shared:${Math.floor(Math.random() * input.shared)}`;
        const held = await redlock.acquire(resource, input.ttl);
        locks++;
        await held.release();
      }
    };
    await Promise.all(Array.from({ length: input.workers }, (_, id) => worker(id)));
    return { locks, confirmed: tokens.size };
  };
}

/** The same node; notes the tokens that it is asked to confirm. */
function watched(node: RedisNode, tokens: Set<string>): RedisNode {
  return Object.create(node, {
    call: {
      value: (args: readonly string[]): Promise<unknown> => {
        try {
          for (const token of tokensToConfirm(args)) tokens.add(token);
        } catch (error) {
          // To the core it would be a node that fails.
          setImmediate(() => {
            throw error;
          });
        }
        return node.call(args);
      },
    },
  }) as RedisNode;
}

/** Reads the sections of a script call as redlock-core's program does; see there. */
function tokensToConfirm(args: readonly string[]): string[] {
  if (!args[0]?.startsWith('eval')) return [];
  const tokens: string[] = [];
  let at = 3 + Number(args[2]);
  while (at < args.length) {
    const what = args[at] ?? '';
    const letter = what.charAt(0);
    const resources = Number(what.slice(1) || 1);
    const count = Number(args[at + 1]);
    const fenced = letter !== letter.toLowerCase();
    const width =
      1 +
      (fenced ? 1 : 0) +
      (/[aks]/i.test(letter) ? 1 : 0) +
      (/[qr]/i.test(letter) ? resources : 0);
    at += 2 + ('ris'.includes(letter) ? 0 : 1) + (fenced ? 1 : 0);
    const end = at + count * width;
    if (!/^[gqaehrciks]$/i.test(letter) || !(end > at && end <= args.length)) throw unknownFormat();
    for (; at < end; at += width) if (letter === 'C') tokens.push(args[at] ?? '');
  }
  return tokens;
}

function unknownFormat(): Error {
  return new Error("This is not the format of redlock-core's program that the bench knows");
}
