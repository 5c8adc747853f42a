import type { Redis } from 'ioredis';

/** The ids of the connections that a server has subscriptions on, oldest first. */
export async function subscriberIds(probe: Redis): Promise<string[]> {
  const list = String(await probe.call('CLIENT', 'LIST', 'TYPE', 'pubsub'));
  return [...list.matchAll(/^id=(\d+)/gm)].map(([, id = '']) => id);
}

export async function killSubscribers(probe: Redis): Promise<void> {
  await probe.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
}
