import type { NodeFacts, ServerInfo, SetFacts } from './facts.js';

/**
 * How serious a finding is. `error`: a promise of the library can be broken, or no lock can be acquired. `warning`: locks
 * work, with less than they should. `info`: good to know; nothing needs to be done.
 */
export type FindingLevel = 'error' | 'warning' | 'info';

/** What is found: the message, and the level and the fix where they are not those of the table. Falsy: nothing. */
export type Found =
  | string
  | { readonly message: string; readonly level?: FindingLevel; readonly fix?: string }
  | false
  | null
  | undefined;

/** A line of the table of checks. Exactly one of the functions is there: it says what is judged by itself. */
export interface Check {
  readonly level: FindingLevel;
  readonly fix: string;
  /** Judges a server: one for each node, or each master of a Cluster. */
  readonly server?: (server: ServerInfo, node: NodeFacts, set: SetFacts) => Found;
  readonly node?: (node: NodeFacts, set: SetFacts) => Found;
  readonly set?: (set: SetFacts) => Found | readonly Found[];
}
