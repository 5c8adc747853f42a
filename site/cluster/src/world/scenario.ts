import type { Action } from './action.js';
import type { Cluster } from './cluster.js';
import type { ClusterSettings } from './settings.js';

/** Something that a scenario does by itself, once, as soon as the cluster is so far. */
export interface Step {
  readonly when: (cluster: Cluster) => boolean;
  readonly act: readonly Action[];
}

/** How a run begins, and what happens to its cluster by itself. */
export interface Scenario {
  readonly settings: ClusterSettings;
  /** Done one after the other. */
  readonly steps: readonly Step[];
}
