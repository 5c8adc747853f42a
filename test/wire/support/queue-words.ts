import type { LockMode } from 'redlock-core';
import type { Subject } from './subject.js';

// How the core words queues today.

/** How long a key is reserved, and how long a queue stays, in ms: longer than any test. */
export const RESERVATION = 700_000;
export const EXPIRY = 900_000;

/** The key of a queue. Permits of the semaphore `s` have one for all. */
export function queueKey(key: string): string {
  return key.includes(':permit') ? '{s}:permits:waiting' : `{${key}}:waiting`;
}

/** The channel of a process that waits for a key. */
export function channelOf(key: string, process: string): string {
  return `${key.replace(/:permit:\d+$/, '')}:called:${process}`;
}

/** @param mode in which the process wants to hold the key */
export function memberOf(key: string, process: string, mode: LockMode = 'exclusive'): string {
  return `${RESERVATION}${mode === 'shared' ? 's' : ''}:${channelOf(key, process)}`;
}

export function entryOf(key: string, process: string, ticket: number, mode?: LockMode): string {
  return `${ticket}:${EXPIRY}:${memberOf(key, process, mode)}`;
}

/** Enters processes into the queue of a key, in this order. Those with an `s` before a colon wait for a shared lock. */
export async function enqueue({ server }: Subject, key: string, ...processes: readonly string[]) {
  for (const [index, process] of processes.entries()) {
    const [name, mode] = process.startsWith('s:')
      ? ([process.slice(2), 'shared'] as const)
      : ([process, 'exclusive'] as const);
    await server.add(queueKey(key), memberOf(key, name, mode), index + 1, EXPIRY);
  }
}

/** The processes in the queue of a key, worded as for {@link enqueue}. */
export async function queueOf({ server }: Subject, key: string): Promise<string> {
  const members = await server.members(queueKey(key));
  return members
    .map((member) => member.replace(/^\d+(s?):.*:called:/, '$1:').replace(/^:/, ''))
    .join(' ');
}

/** Subscribes processes that wait for a key. Returns a function that returns what was published to each, in order. */
export async function listen({ server }: Subject, key: string, ...processes: readonly string[]) {
  const heard = await server.subscribe(...processes.map((process) => channelOf(key, process)));
  return async () => (await heard()).map((each) => each.replace(channelOf(key, ''), ''));
}
