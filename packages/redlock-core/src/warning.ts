/**
 * The code of a {@link Warning}. `EVEN_NODES`, `FEW_NODES`: about the number of nodes. `QUARANTINE_TOO_SHORT`: about
 * the options. `EVICTION`, `NO_PERSISTENCE`: about the servers of a node.
 */
export type WarningCode =
  'EVEN_NODES' | 'FEW_NODES' | 'QUARANTINE_TOO_SHORT' | 'EVICTION' | 'NO_PERSISTENCE';

/** A danger of a set-up that works. */
export interface Warning {
  /** The name of the node that the warning is about, if it is about one. */
  readonly node?: string;
  readonly code: WarningCode;
  /** What could go wrong, and how to prevent it. */
  readonly message: string;
}
