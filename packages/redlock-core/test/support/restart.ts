import type { Redlock } from 'redlock-core';
import { QuorumError } from 'redlock-core';
import { settle } from './settle.js';
import { TestNode } from './test-node.js';
import { TestServer } from './test-server.js';
import { redlockOver, world, type ProcessOptions } from './world.js';

/** The server of a node starts again without data, and its client is connected again. */
export function restart(node: TestNode): void {
  node.disconnect();
  node.server.restart();
  node.connected();
}

/** `true`, or the code of the first vote's error, for an acquire of a free resource. */
export async function grants(redlock: Redlock, ttl = 1000): Promise<true | string | undefined> {
  try {
    await (await redlock.acquire('free', ttl, { wait: 0 })).release();
    return true;
  } catch (error) {
    if (!QuorumError.is(error)) throw error;
    return error.votes[0]?.error?.code;
  }
}

/** A world whose nodes have said who they are. No event is recorded yet. */
export async function knownWorld(count = 3, options?: ProcessOptions) {
  const all = world(count, options);
  await (await all.redlock.acquire('warm', 1000)).release();
  await settle();
  all.seen.length = 0;
  return { ...all, grants: (ttl?: number) => grants(all.redlock, ttl) };
}

/** One node that is not connected yet. @param uptime in s, of its server */
export function unknownNode(options: ProcessOptions, uptime: number) {
  const node = new TestNode('a', { server: new TestServer(uptime) });
  node.ready = false;
  const one = redlockOver([node], options);
  return { ...one, node, grants: (ttl?: number) => grants(one.redlock, ttl) };
}
