import type { NodeFacts, ServerInfo, SetFacts } from './facts.js';

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
  | 'REPLICA_OF_NODE'
  | 'REPLICA'
  | 'CLUSTER_MEMBER'
  | 'UNGUARDED_FAILOVER'
  | 'LOSSY_FAILOVER'
  | 'FEW_NODES'
  | 'EVEN_NODES'
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

/**
 * What is found: the message, and the level and the fix where they are not those of the table. Falsy: nothing.
 * @internal
 */
export type Found =
  | string
  | { readonly message: string; readonly level?: FindingLevel; readonly fix?: string }
  | false
  | null
  | undefined;

/**
 * A line of the table of checks. Exactly one of the functions is there: it says what is judged by itself.
 * @internal
 */
export interface Check {
  readonly level: FindingLevel;
  readonly fix: string;
  /** Judges a server: one for each node, or each master of a Cluster. */
  readonly server?: (server: ServerInfo, node: NodeFacts, set: SetFacts) => Found;
  readonly node?: (node: NodeFacts, set: SetFacts) => Found;
  readonly set?: (set: SetFacts) => Found | readonly Found[];
}
