/**
 * The work of helper processes. A job makes itself ready, and returns the work to measure. Perf: a process imports
 * only what its job needs, because a hundred of them start at once.
 */
export const JOBS = {
  act: async () => (await import('./act.js')).act,
  acquireAfar: async () => (await import('./afar.js')).acquireAfar,
  contend: async () => (await import('./contend.js')).contend,
  cycle: async () => (await import('./locks.js')).cycle,
  delayNetwork: async () => (await import('./afar.js')).delayNetwork,
  hold: async () => (await import('./locks.js')).hold,
  keep: async () => (await import('./keep.js')).keep,
  keepAfar: async () => (await import('./afar.js')).keepAfar,
  loseNode: async () => (await import('./locks.js')).loseNode,
  tryLibrary: async () => (await import('../trials/try-library.js')).tryLibrary,
  waitInTurn: async () => (await import('./locks.js')).waitInTurn,
};

export type JobName = keyof typeof JOBS;

type Job<Name extends JobName> = Awaited<ReturnType<(typeof JOBS)[Name]>>;

export type JobInput<Name extends JobName> = Parameters<Job<Name>>[0];

export type JobOutput<Name extends JobName> = Awaited<ReturnType<Awaited<ReturnType<Job<Name>>>>>;
