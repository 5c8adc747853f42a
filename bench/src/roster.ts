import { type Library, type SubjectFactory, subjectOf } from './libraries/library.js';
import { handWritten } from './libraries/by-hand.js';
import { redlockCore, redlockCoreSemaphore } from './libraries/redlock-core.js';

/** What everything is compared with, and the same again: what differs between the two is noise. */
export const [REFERENCE, COPY] = ['by hand', 'by hand, again'] as const;

export const OURS = ['redlock-core', 'redlock-core, no fencing'] as const;

/** Locks in both modes, and the exclusive ones once more: what differs between those two is noise. */
export const [EXCLUSIVE, EXCLUSIVE_COPY, SHARED] = [
  OURS[0],
  'redlock-core, again',
  'redlock-core, shared',
] as const;

/** Ours with rare polling: announcements wake it. */
export const PATIENT = 'redlock-core, pollInterval 2000';

/**
 * Libraries of others. Perf: they are imported when they are needed, because a process that uses redlock-core only
 * starts sooner without them.
 */
type Peers = typeof import('./libraries/peers.js');
type PeerName = { [Name in keyof Peers]: Peers[Name] extends Library ? Name : never }[keyof Peers];
const peer = (name: PeerName): { load: () => Promise<Library> } => ({
  load: async () => (await import('./libraries/peers.js'))[name],
});

/** What runs in trials, and the npm package of each as it is installed here. */
export const COMPARED = {
  [OURS[0]]: { package: 'redlock-core', load: () => Promise.resolve(redlockCore()) },
  'redlock 4': { package: 'redlock-4', ...peer('redlock4') },
  'redlock 5 beta': { package: 'redlock-5', ...peer('redlock5') },
  'redis-semaphore': { package: 'redis-semaphore', ...peer('redisSemaphore') },
  'redlock-universal': { package: 'redlock-universal', ...peer('redlockUniversal') },
} as const;

const core = (...args: Parameters<typeof redlockCore>): SubjectFactory =>
  subjectOf(redlockCore(...args));

/** Locks that wait for their holder. */
const LIBRARIES: Readonly<Record<string, SubjectFactory>> = {
  [OURS[0]]: core(),
  [OURS[1]]: core({ fencing: false }),
  'redlock 4': subjectOf(peer('redlock4')),
  'redlock 5 beta': subjectOf(peer('redlock5')),
  '@sesamecare-oss/redlock': subjectOf(peer('sesamecare')),
  'redis-semaphore': subjectOf(peer('redisSemaphore')),
  'redlock-universal': subjectOf(peer('redlockUniversal')),
  '@redis-kit/lock': async (...args) =>
    (await import('./libraries/redis-kit.js')).redisKit(...args),
};

/** Two rounds without a library. */
const BOUNDS: Readonly<Record<string, SubjectFactory>> = {
  [REFERENCE]: subjectOf(handWritten),
  [COPY]: subjectOf(handWritten),
  'by hand, auto-pipelining': subjectOf(handWritten, { enableAutoPipelining: true }),
};

const LIMITERS: Readonly<Record<string, SubjectFactory>> = {
  'redlock-core, semaphore': subjectOf(redlockCoreSemaphore),
  "redis-semaphore's RedlockSemaphore": subjectOf(peer('redisSemaphorePermits')),
};

const AUTO_EXTENDED = 'redlock-core, auto-extended';

const SUBJECTS: Readonly<Record<string, SubjectFactory>> = {
  ...LIBRARIES,
  ...BOUNDS,
  ...LIMITERS,
  [AUTO_EXTENDED]: core({ autoExtend: true }),
  [EXCLUSIVE_COPY]: core(),
  [SHARED]: core({}, { mode: 'shared' }),
  [PATIENT]: core({ pollInterval: 2000 }),
};

export const LIBRARY_NAMES = Object.keys(LIBRARIES);
export const EVERYBODYS_NAMES = Object.keys({ ...LIBRARIES, ...BOUNDS });
export const HOLDERS_NAMES = [OURS[0], AUTO_EXTENDED, ...LIBRARY_NAMES.slice(1)];
export const SEMAPHORES = Object.keys(LIMITERS);

/** Ours, the libraries most in use, and the bounds. */
export const CLOSEST = [...OURS, 'redlock 5 beta', 'redis-semaphore', REFERENCE, COPY];

export function factoryOf(name: string): SubjectFactory {
  const factory = SUBJECTS[name];
  if (!factory) throw new Error(`There is no subject ${name}`);
  return factory;
}
