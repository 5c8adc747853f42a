import { setTimeout as sleep } from 'node:timers/promises';
import { medianOf } from './spread.js';
import type { Address } from './subject.js';
import { disconnectAll, ioredisClients } from './subjects/ioredis-clients.js';
import { firstReplies } from './subjects/first-replies.js';

/** A script, as every step of a lock is one. */
const SCRIPT = "return redis.call('get', KEYS[1])";
const ROUNDS = 100;
/** Between two rounds, as long as most contenders hold: processes are woken up then, and now. */
const PAUSE = 5;

/** A short script on every node, until a quorum has answered: the median, in ms, while nothing else goes on. */
export async function measureIdleRound(servers: readonly Address[]): Promise<number> {
  const clients = await ioredisClients(servers);
  const quorum = Math.floor(clients.length / 2) + 1;
  const shas = await Promise.all(clients.map((client) => client.script('LOAD', SCRIPT)));
  const sha = String(shas[0]);
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(PAUSE);
    const start = performance.now();
    await firstReplies(
      quorum,
      clients.map((client) => client.evalsha(sha, 1, 'idle-round')),
    );
    taken.push(performance.now() - start);
  }
  await disconnectAll(clients);
  return medianOf(taken);
}
