/**
 * `EVEN_NODES`, `FEW_NODES`: of the Redlock. `QUARANTINE_TOO_SHORT`: of its options. `EVICTION`, `NO_PERSISTENCE`: of a
 * node's servers.
 */
export type WarningCode =
  'EVEN_NODES' | 'FEW_NODES' | 'QUARANTINE_TOO_SHORT' | 'EVICTION' | 'NO_PERSISTENCE';

/** What is dangerous about a set-up, though it works. */
export interface Warning {
  /** The name of the node that it is about. */
  readonly node?: string;
  readonly code: WarningCode;
  /** What could go wrong, and what mends it. */
  readonly message: string;
}
