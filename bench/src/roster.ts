import type { Client, SubjectFactory } from './subject.js';
import { handWritten } from './subjects/hand-written.js';
import { ownCommands } from './subjects/own-commands.js';
import { redlockCoreSemaphore } from './subjects/redlock-core-semaphore.js';
import { redlockCore } from './subjects/redlock-core.js';

/** What everything is compared with. */
export const REFERENCE = 'by hand';

/** The same again: what differs between the two is noise. */
export const COPY = 'by hand, again';

export const OURS = ['redlock-core', 'redlock-core, no fencing'] as const;

/**
 * Our own library, and those of others: locks that wait for their holder. Perf: those of others are imported
 * when they are wanted, because a helper process starts sooner without them.
 */
const LIBRARIES: Readonly<Record<string, SubjectFactory>> = {
  [OURS[0]]: redlockCore(),
  [OURS[1]]: redlockCore({ fencing: false }),
  'redlock 4': async (...args) => (await import('./subjects/redlock-4.js')).redlock4(...args),
  'redlock 5 beta': async (...args) => (await import('./subjects/redlock-5.js')).redlock5(...args),
  '@sesamecare-oss/redlock': async (...args) =>
    (await import('./subjects/sesamecare.js')).sesamecare(...args),
  'redis-semaphore': async (...args) =>
    (await import('./subjects/redis-semaphore.js')).redisSemaphore(...args),
  'redlock-universal': async (...args) =>
    (await import('./subjects/redlock-universal.js')).redlockUniversal(...args),
  '@redis-kit/lock': async (...args) => (await import('./subjects/redis-kit.js')).redisKit(...args),
};

/** Two rounds without a library. */
const BOUNDS: Readonly<Record<string, SubjectFactory>> = {
  [REFERENCE]: handWritten(),
  [COPY]: handWritten(),
  'by hand, auto-pipelining': handWritten({ enableAutoPipelining: true }),
};

/** What is left of our own without our own. */
const OWN_COMMANDS: Readonly<Record<string, SubjectFactory>> = {
  "redlock-core's commands, by hand": ownCommands({ fencing: true }),
  "redlock-core's commands, no fencing, by hand": ownCommands({ fencing: false }),
};

export const OWN_COMMANDS_NAMES = Object.keys(OWN_COMMANDS);

const EVERYBODY = { ...LIBRARIES, ...BOUNDS };

export const LIBRARY_NAMES = Object.keys(LIBRARIES);

export const EVERYBODYS_NAMES = Object.keys(EVERYBODY);

/** Ours, the libraries most in use, and the bounds. */
export const CLOSEST = [...OURS, 'redlock 5 beta', 'redis-semaphore', REFERENCE, COPY];

/** Ours, but that it hardly polls: what wakes it are announcements. */
export const PATIENT = 'redlock-core, retryDelay 2000';

/** Locks to keep. */
const HOLDERS: Readonly<Record<string, SubjectFactory>> = {
  [OURS[0]]: redlockCore(),
  'redlock-core, auto-extended': redlockCore({ autoExtend: true }),
  ...LIBRARIES,
};

export const HOLDERS_NAMES = Object.keys(HOLDERS);

/** Locks in both modes, and the exclusive ones once more: what differs between those two is noise. */
export const [EXCLUSIVE, EXCLUSIVE_COPY, SHARED] = [
  OURS[0],
  'redlock-core, again',
  'redlock-core, shared',
] as const;

const MODES: Readonly<Record<string, SubjectFactory>> = {
  [EXCLUSIVE_COPY]: redlockCore(),
  [SHARED]: redlockCore({ mode: 'shared' }),
};

/** Our own, with somebody who watches its calls. */
const WATCHED: Readonly<Record<string, SubjectFactory>> = {
  'redlock-core, plain subscriber': async (...args) => {
    const { watched } = await import('./subjects/watched.js');
    const { subscribePlainly } = await import('./telemetry/plain-subscriber.js');
    return watched(subscribePlainly)(...args);
  },
  'redlock-core, OpenTelemetry': async (...args) => {
    const { watched } = await import('./subjects/watched.js');
    const { instrumentAll } = await import('./telemetry/opentelemetry.js');
    return watched(instrumentAll)(...args);
  },
};

export const WATCHED_NAMES = Object.keys(WATCHED);

/** redlock 5 with its default options; elsewhere it never gives up. */
export const GIVING_UP = 'redlock 5 beta, its own retry limit';

const WAITERS: Readonly<Record<string, SubjectFactory>> = {
  [GIVING_UP]: async (...args) =>
    (await import('./subjects/redlock-5.js')).redlock5GivingUp(...args),
  [PATIENT]: redlockCore({ retryDelay: 2000 }),
};

/** How many permits a semaphore of the bench has. */
export const PERMITS = 10;

const LIMITERS: Readonly<Record<string, SubjectFactory>> = {
  'redlock-core, semaphore': redlockCoreSemaphore(PERMITS),
  "redis-semaphore's RedlockSemaphore": async (...args) =>
    (await import('./subjects/redlock-semaphore.js')).redlockSemaphore(PERMITS)(...args),
};

export const SEMAPHORES = Object.keys(LIMITERS);

export function factoryOf(name: string): SubjectFactory {
  const factory =
    EVERYBODY[name] ??
    OWN_COMMANDS[name] ??
    HOLDERS[name] ??
    WAITERS[name] ??
    MODES[name] ??
    WATCHED[name] ??
    LIMITERS[name];
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
