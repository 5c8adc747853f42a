/**
 * The work of worker processes. A job makes itself ready, and returns the work to measure. Perf: a process imports only
 * what its job needs, because a hundred of them start at once.
 */
export const JOBS = {
  contend: async () => (await import('./contend.js')).contend,
  delayNetwork: async () => (await import('./delay-network.js')).delayNetwork,
  keep: async () => (await import('./keep.js')).keep,
  lockAlone: async () => (await import('./lock-alone.js')).lockAlone,
  loseNode: async () => (await import('./lose-node.js')).loseNode,
  tryLibrary: async () => (await import('../trials/try-library.js')).tryLibrary,
};

export type JobName = keyof typeof JOBS;

type Job<Name extends JobName> = Awaited<ReturnType<(typeof JOBS)[Name]>>;

export type JobInput<Name extends JobName> = Parameters<Job<Name>>[0];

export type JobOutput<Name extends JobName> = Awaited<ReturnType<Awaited<ReturnType<Job<Name>>>>>;
