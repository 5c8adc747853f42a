import type { RedlockOptions } from '../options.js';

/**
 * How serious a finding is. `error`: a promise of the library can be broken, or no lock can be acquired. `warning`: locks
 * work, with less than they should. `info`: good to know; nothing needs to be done.
 */
export type FindingLevel = 'error' | 'warning' | 'info';

/** What was found, for programs. docs/cli.md explains each code. */
export type FindingCode =
  | 'NO_QUORUM'
  | 'UNREACHABLE'
  | 'WRONG_PASSWORD'
  | 'TLS_FAILED'
  | 'NO_LUA'
  | 'REFUSED'
  | 'MISSING_PERMISSION_LOCK'
  | 'MISSING_PERMISSION_FENCING'
  | 'MISSING_PERMISSION_QUARANTINE'
  | 'MISSING_PERMISSION_WAITING'
  | 'MISSING_PERMISSION_SHARING'
  | 'MISSING_PERMISSION_CLUSTER'
  | 'NOT_CHECKED'
  | 'DUPLICATE_SERVER'
  | 'IDENTITY_UNKNOWN'
  | 'MULTI_MASTER'
  | 'REPLICA'
  | 'REPLICA_OF_NODE'
  | 'CLUSTER_MEMBER'
  | 'UNGUARDED_FAILOVER'
  | 'LOSSY_FAILOVER'
  | 'EVEN_NODES'
  | 'FEW_NODES'
  | 'SHARED_HOST'
  | 'OLD_VERSION'
  | 'UNSUPPORTED_SERVER'
  | 'NO_PERSISTENCE'
  | 'RELAXED_FSYNC'
  | 'UNKNOWN_FSYNC'
  | 'EVICTION'
  | 'MEMORY_LIMIT'
  | 'NODE_CLOCK_SKEW'
  | 'CLIENT_CLOCK_SKEW'
  | 'TOO_SLOW'
  | 'SLOW'
  | 'SHORT_TTL';

/** One thing that could break a promise, and what to do about it. */
export interface DoctorFinding {
  readonly level: FindingLevel;
  readonly code: FindingCode;
  /** The name of the node. null: the finding holds for all nodes, for the set of nodes, or for this machine. */
  readonly node: string | null;
  /** What was found, and what could go wrong. */
  readonly message: string;
  /** What to do: a command, a line of configuration, or a step. */
  readonly fix: string;
}

/** The result of `diagnose`. Plain data without credentials: `JSON.stringify` works. */
export interface Diagnosis {
  /** Whether no finding is an `error`. */
  readonly ok: boolean;
  /** The most serious first. */
  readonly findings: readonly DoctorFinding[];
}

/**
 * What the nodes are used for, and how long the diagnosis waits. Options that a Redlock has too are those of the Redlock,
 * with its defaults.
 */
export interface DiagnoseOptions extends Pick<
  RedlockOptions,
  'keyPrefix' | 'nodeTimeout' | 'fencing' | 'quarantine' | 'quarantineTime'
> {
  /** The ttl of the locks in ms; the shortest if there are several. Default 10,000. */
  ttl?: number | undefined;
  /** How long to wait for a connection, and then for each reply, in ms. Default 5000. */
  timeout?: number | undefined;
}

/** @internal */
export function finding(
  level: FindingLevel,
  code: FindingCode,
  node: string | null,
  message: string,
  fix: string,
): DoctorFinding {
  return { level, code, node, message, fix };
}
