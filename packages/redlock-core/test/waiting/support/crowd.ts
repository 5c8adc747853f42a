import type { AcquireOptions, Lock } from 'redlock-core';
import { threeServers } from './three-nodes.js';

export const TTL = 100_000;
/** It is not the poll that wakes. */
export const PATIENT = { retryDelay: 50_000, retryJitter: 0, wait: Infinity };

export const NAMES = (count: number): string[] => Array.from({ length: count }, (_, n) => `n${n}`);

/** Some who wait for a lock in this process, and what they have got so far. */
export function crowd(options: AcquireOptions = PATIENT) {
  const { process, runtime, servers } = threeServers();
  runtime.chance = 0;
  const here = process(options);
  const { redlock, a } = here;
  /** In the order in which they were granted. */
  const served: string[] = [];
  const locks = new Map<string, Lock>();
  const join = (
    name: string,
    resources: string | string[] = 'r',
    own?: AcquireOptions,
  ): Promise<Lock> => {
    const acquiring = redlock.acquire(resources, TTL, own);
    acquiring.then(
      (lock) => {
        served.push(name);
        locks.set(name, lock);
      },
      () => {},
    );
    return acquiring;
  };
  const leave = async (name: string): Promise<void> => {
    await locks.get(name)?.release();
    await runtime.advance(0);
  };
  /** So many, each of whom releases as soon as it has the lock. */
  const rush = async (count: number): Promise<void> => {
    const [first = '', ...rest] = NAMES(count);
    await join(first);
    for (const name of rest) void join(name).then((lock) => lock.release());
    await runtime.advance(10);
    await locks.get(first)?.release();
  };
  const grants = (): number => a.given('acquire').length;
  return { process, servers, ...here, served, join, leave, rush, grants };
}

/** Others hold the resource everywhere. */
export async function taken(resource = 'r', options?: AcquireOptions) {
  const all = crowd(options);
  const set = async (token?: string): Promise<void> => {
    for (const server of all.servers) await server.steal(resource, token);
  };
  await set('another');
  return { ...all, set };
}
