/**
 * How bad a finding is. `unsound`: a promise of the library can be broken, or no lock can be had. `warning`: it works,
 * with less than it should. `note`: good to know; nothing need be done.
 */
export type Level = 'unsound' | 'warning' | 'note';

/** What was found, for programs. docs/doctor.md explains each code. */
export type FindingCode =
  | 'NO_QUORUM'
  | 'UNREACHABLE'
  | 'WRONG_PASSWORD'
  | 'TLS_FAILED'
  | 'SAME_SERVER'
  | 'REPLICA'
  | 'REPLICA_OF_NODE'
  | 'EVEN_NODES'
  | 'FEW_NODES'
  | 'ONE_HOST'
  | 'CLUSTER_MEMBER'
  | 'UNGUARDED_FAILOVER'
  | 'FORGETFUL_FAILOVER'
  | 'NO_PERSISTENCE'
  | 'RELAXED_FSYNC'
  | 'UNKNOWN_FSYNC'
  | 'EVICTION'
  | 'MEMORY_LIMIT'
  | 'NO_RIGHTS_LOCK'
  | 'NO_RIGHTS_FENCING'
  | 'NO_RIGHTS_QUARANTINE'
  | 'NO_RIGHTS_WAITING'
  | 'NO_RIGHTS_SHARING'
  | 'NO_RIGHTS_CLUSTER'
  | 'UNIDENTIFIED'
  | 'REFUSED'
  | 'CLOCKS_APART'
  | 'OWN_CLOCK'
  | 'TOO_SLOW'
  | 'SLOW'
  | 'SHORT_TTL'
  | 'OLD_VERSION'
  | 'NOT_LOOKED_AT';

/** One thing that could break a promise, and what to do about it. */
export interface Finding {
  readonly level: Level;
  readonly code: FindingCode;
  /** The name of the node; null: it is about the set of nodes, or about this machine. */
  readonly node: string | null;
  /** What was found, and what could go wrong. */
  readonly message: string;
  /** What to do: a command, a line of configuration, or a step. */
  readonly remedy: string;
}

/** What `diagnose` has found. Plain data without credentials: `JSON.stringify` works. */
export interface Diagnosis {
  /** Whether no finding is `unsound`. */
  readonly sound: boolean;
  /** The worst first. Empty if there is nothing to say. */
  readonly findings: readonly Finding[];
}
