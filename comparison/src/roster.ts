import type { Library } from './library.js';

interface Entry {
  /** As the table calls it. */
  readonly name: string;
  /** The name under which it is installed here. */
  readonly package: string;
  /** Perf: a process that tries one library loads no other. */
  load(): Promise<Library>;
}

/** The libraries that run on Node. */
export const ROSTER: readonly Entry[] = [
  {
    name: 'redlock-core',
    package: 'redlock-core',
    load: async () => (await import('./libraries/redlock-core.js')).redlockCore,
  },
  {
    name: 'redlock 4',
    package: 'redlock-4',
    load: async () => (await import('./libraries/redlock-4.js')).redlock4,
  },
  {
    name: 'redlock 5 beta',
    package: 'redlock-5',
    load: async () => (await import('./libraries/redlock-5.js')).redlock5,
  },
  {
    name: 'redis-semaphore',
    package: 'redis-semaphore',
    load: async () => (await import('./libraries/redis-semaphore.js')).redisSemaphore,
  },
  {
    name: 'redlock-universal',
    package: 'redlock-universal',
    load: async () => (await import('./libraries/redlock-universal.js')).redlockUniversal,
  },
];

export function entryOf(name: string): Entry {
  const entry = ROSTER.find((one) => one.name === name);
  if (!entry) throw new Error(`There is no library ${name}`);
  return entry;
}
