import type { Client, SubjectFactory } from './subject.js';
import { handWritten } from './subjects/hand-written.js';
import { redisKit } from './subjects/redis-kit.js';
import { redisSemaphore } from './subjects/redis-semaphore.js';
import { redlock4 } from './subjects/redlock-4.js';
import { redlock5 } from './subjects/redlock-5.js';
import { redlockCore } from './subjects/redlock-core.js';
import { redlockUniversal } from './subjects/redlock-universal.js';
import { sesamecare } from './subjects/sesamecare.js';

/** What everything is compared with. */
export const REFERENCE = 'by hand';

export const OURS = ['redlock-core', 'redlock-core, no fencing'] as const;

/** Our own library, and that of others: locks that wait for their holder. */
export const LIBRARIES: Readonly<Record<string, SubjectFactory>> = {
  [OURS[0]]: redlockCore(),
  [OURS[1]]: redlockCore({ fencing: false }),
  'redlock 4': redlock4,
  'redlock 5 beta': redlock5,
  '@sesamecare-oss/redlock': sesamecare,
  'redis-semaphore': redisSemaphore,
  'redlock-universal': redlockUniversal,
  '@redis-kit/lock': redisKit,
};

/** Two rounds without a library; its copy shows the noise. */
const BOUNDS: Readonly<Record<string, SubjectFactory>> = {
  [REFERENCE]: handWritten(),
  'by hand, again': handWritten(),
  'by hand, auto-pipelining': handWritten({ enableAutoPipelining: true }),
};

export const EVERYBODY = { ...LIBRARIES, ...BOUNDS };

/** Ours, but that it hardly polls: what wakes it are announcements. */
export const PATIENT = 'redlock-core, retryDelay 2000';

/** Locks to keep. */
export const HOLDERS: Readonly<Record<string, SubjectFactory>> = {
  [OURS[0]]: redlockCore(),
  'redlock-core, auto-extended': redlockCore({ autoExtend: true }),
  ...LIBRARIES,
};

const WAITERS: Readonly<Record<string, SubjectFactory>> = {
  [PATIENT]: redlockCore({ retryDelay: 2000 }),
};

export function factoryOf(name: string): SubjectFactory {
  const factory = EVERYBODY[name] ?? HOLDERS[name] ?? WAITERS[name];
  if (!factory) throw new Error(`There is no subject ${name}`);
  return factory;
}

interface Installation {
  readonly client: Client;
  readonly packages: readonly string[];
}

/** What to install for each library, beside a client. */
export const PACKAGES: Readonly<Record<string, Installation>> = {
  'redlock-core with its ioredis adapter': {
    client: 'ioredis',
    packages: ['redlock-core', 'redlock-ioredis-adapter'],
  },
  'redlock-core alone': { client: 'ioredis', packages: ['redlock-core'] },
  'redlock 4': { client: 'ioredis', packages: ['redlock-4'] },
  'redlock 5 beta': { client: 'ioredis', packages: ['redlock-5'] },
  '@sesamecare-oss/redlock': { client: 'ioredis', packages: ['@sesamecare-oss/redlock'] },
  'redis-semaphore': { client: 'ioredis', packages: ['redis-semaphore'] },
  'redlock-universal': { client: 'ioredis', packages: ['redlock-universal'] },
  '@redis-kit/lock': { client: 'redis', packages: ['@redis-kit/lock'] },
};
