/**
 * The work of helper processes. A job makes itself ready, and returns what is to be measured. Perf: each process
 * imports its own job only, because a hundred of them start at once.
 */
export const JOBS = {
  acquireAfar: async () => (await import('./acquire-afar.js')).acquireAfar,
  confirms: async () => (await import('./confirms.js')).confirms,
  contend: async () => (await import('./contend.js')).contend,
  cycle: async () => (await import('./cycle.js')).cycle,
  delayNetwork: async () => (await import('./delay-network.js')).delayNetwork,
  hold: async () => (await import('./hold.js')).hold,
  keep: async () => (await import('./keep.js')).keep,
  keepAfar: async () => (await import('./keep-afar.js')).keepAfar,
  loseNode: async () => (await import('./lose-node.js')).loseNode,
  waitInTurn: async () => (await import('./wait-in-turn.js')).waitInTurn,
};

export type JobName = keyof typeof JOBS;

type Job<Name extends JobName> = Awaited<ReturnType<(typeof JOBS)[Name]>>;

export type JobInput<Name extends JobName> = Parameters<Job<Name>>[0];

export type JobOutput<Name extends JobName> = Awaited<ReturnType<Awaited<ReturnType<Job<Name>>>>>;
