import type { Library } from './library.js';
import type { LibraryName } from './packages.js';

/** Perf: a process that tries one library loads no other. */
const LOADERS: Readonly<Record<LibraryName, () => Promise<Library>>> = {
  'redlock-core': async () => (await import('./libraries/redlock-core.js')).redlockCore,
  'redlock 4': async () => (await import('./libraries/redlock-4.js')).redlock4,
  'redlock 5 beta': async () => (await import('./libraries/redlock-5.js')).redlock5,
  'redis-semaphore': async () => (await import('./libraries/redis-semaphore.js')).redisSemaphore,
  'redlock-universal': async () =>
    (await import('./libraries/redlock-universal.js')).redlockUniversal,
};

export function load(name: LibraryName): Promise<Library> {
  return LOADERS[name]();
}
