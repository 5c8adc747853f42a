import type { Channels } from './channels.js';
import type { Faults } from './faults.js';
import type { SemaphorePlan } from './permits.js';
import type { Spread } from './spread.js';

/** All that is chosen once for a run. Times in ms. */
export interface Plan {
  readonly nodes: number;
  readonly clients: number;
  readonly jobs: number;
  readonly operations: number;
  /** The locks that processes want; in a run with a semaphore, all its permits, and nobody wants another lock. */
  readonly resources: readonly [string, ...string[]];
  readonly semaphore: SemaphorePlan | null;
  /** The other locks have none. */
  readonly fenced: ReadonlySet<string>;
  readonly ttl: number;
  /** Each process has one of these: its ttls are so many times as long. */
  readonly spread: Spread;
  /** Some locks have one that outlasts all clean-up. */
  readonly longTtls: boolean;
  /** What no ttl and no extension exceeds, in ms. */
  readonly longestTtl: number;
  readonly delay: number;
  /** How often a message takes far longer, and up to how many times as long. */
  readonly tail: number;
  readonly longestTail: number;
  /** What some messages of a process to one node take longer, at most: they arrive when others have had their turn. */
  readonly lag: number;
  readonly driftFactor: number;
  /** The first process holds for long, with short ttls; the others, with long ones, want what it holds. */
  readonly siege: boolean;
  /** In a siege: an attempt stands still for longer than an attempt may take, and its last vote is in then. */
  readonly stalls: boolean;
  /** Clocks are wrong beyond every assumption. */
  readonly wild: boolean;
  readonly nodeTimeout: number | undefined;
  readonly skew: number;
  /** Of each node: what its channels are like. */
  readonly channels: readonly Channels[];
  /** Many calls want one resource, most of them for as long as it takes. */
  readonly crowd: boolean;
  /** Nodes are Clusters. How often one redirects a command, which its client then sends again, behind others. */
  readonly redirects: number;
  /** How often a member of an adapter throws, while there are faults. */
  readonly throws: number;
  /** How often a token is handed out for adoption while its holder goes on. */
  readonly lends: number;
  /** How often processes that both read and write want a shared lock; 0: nobody does. */
  readonly sharing: number;
  /** The first resource is the name of an election too. */
  readonly elects: boolean;
  readonly quarantine: boolean | 'strict';
  readonly quarantineTime: number;
  readonly faults: Faults;
  /** How long nothing happens once processes have started. */
  readonly quietFor: number;
  readonly faultEvery: number;
  readonly faultsUntil: number;
}
