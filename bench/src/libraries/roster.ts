import { byHand } from './by-hand.js';
import { type Library, type Opening, overIoredis } from './library.js';
import { redlockCore, redlockCorePermits } from './redlock-core.js';

type Peers = typeof import('./peers.js');

const peer = (name: string, key: keyof Peers): Library =>
  overIoredis(name, async (): Promise<Opening> => (await import('./peers.js'))[key]);

const core = (name: string, ...args: Parameters<typeof redlockCore>): Library =>
  overIoredis(name, () => redlockCore(...args));

export const OURS = core('redlock-core');
export const UNFENCED = core('redlock-core, no fencing', { fencing: false });
export const SHARED = core('redlock-core, shared', {}, { mode: 'shared' });
/** With rare polling: only notifications wake its waiters. */
export const PATIENT = core('redlock-core, pollInterval 2000', { pollInterval: 2000 });

/** The one that a lock of a single caller is measured against. */
export const FASTEST = peer('redlock 5 beta', 'redlock5');

const REDLOCK_4 = peer('redlock 4', 'redlock4');
const SESAMECARE = peer('@sesamecare-oss/redlock', 'sesamecare');
const REDIS_SEMAPHORE = peer('redis-semaphore', 'redisSemaphore');
const UNIVERSAL = peer('redlock-universal', 'redlockUniversal');

const REDIS_KIT: Library = {
  name: '@redis-kit/lock',
  open: async (...args) => (await import('./redis-kit.js')).redisKit(...args),
};

/** What all are compared with, and the same again: the difference between the two is noise. */
export const REFERENCE = overIoredis('by hand', () => byHand);
export const COPY = overIoredis('by hand, again', () => byHand);

const PIPELINED = overIoredis('by hand, auto-pipelining', () => byHand, {
  enableAutoPipelining: true,
});

export const SEMAPHORES = [
  overIoredis('redlock-core, semaphore', () => redlockCorePermits),
  peer("redis-semaphore's RedlockSemaphore", 'redisSemaphorePermits'),
];

/** Libraries of others over the same client. */
export const RIVALS = [REDLOCK_4, FASTEST, SESAMECARE, REDIS_SEMAPHORE, UNIVERSAL];
/** What locks for a caller that waits. */
export const LIBRARIES = [OURS, UNFENCED, ...RIVALS, REDIS_KIT];
/** The libraries, and two rounds without one. */
export const ALL = [...LIBRARIES, SHARED, REFERENCE, COPY, PIPELINED];
/** Ours, the libraries most in use, and the bounds. */
export const CLOSEST = [OURS, UNFENCED, FASTEST, REDIS_SEMAPHORE, REFERENCE, COPY];
/** The libraries of the trials. */
export const TRIED = [OURS, REDLOCK_4, FASTEST, REDIS_SEMAPHORE, UNIVERSAL];

/** The npm package of each, as it is installed here. */
export const PACKAGES: Readonly<Record<string, string>> = {
  'redlock-core': 'redlock-core',
  'redlock 4': 'redlock-4',
  'redlock 5 beta': 'redlock-5',
  '@sesamecare-oss/redlock': '@sesamecare-oss/redlock',
  'redis-semaphore': 'redis-semaphore',
  'redlock-universal': 'redlock-universal',
  '@redis-kit/lock': '@redis-kit/lock',
  ioredis: 'ioredis',
};

/** Of its name, for another process. */
export function libraryOf(name: string): Library {
  const library = [...ALL, ...SEMAPHORES, PATIENT].find((one) => one.name === name);
  if (!library) throw new Error(`There is no library ${name}`);
  return library;
}
