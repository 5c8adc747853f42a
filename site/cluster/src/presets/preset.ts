import type { Cluster } from '../world/cluster.js';
import type { Scenario } from '../world/scenario.js';

/** A scenario to look at: what one sees, and how it ends. */
export interface Preset extends Scenario {
  /** In links. */
  readonly id: string;
  readonly title: string;
  /** What happens. */
  readonly sentence: string;
  /** What has become true at the end. */
  readonly ending: string;
  readonly isOver: (cluster: Cluster) => boolean;
}
