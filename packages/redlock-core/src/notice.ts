import type { LossCode } from './errors.js';
import type { ErrorData } from './vote.js';

/** The message of the channel `redlock:lost`: a lock can no longer be trusted. */
export interface LossNotice {
  readonly resources: readonly string[];
  readonly code: LossCode;
  /** By how many ms the event loop was late, if that may be why. */
  readonly loopDelay: number | undefined;
}

/** The message of the channel `redlock:contended`: an attempt was denied. */
export interface ContentionNotice {
  readonly resources: readonly string[];
  /** The labels of those that hold the resources, each once. */
  readonly owners: readonly string[];
}

/** The message of the channel `redlock:node`: what became of a node. */
export interface NodeNotice {
  /** The node's name. */
  readonly node: string;
  readonly state: 'failed' | 'recovered' | 'quarantined' | 'trusted';
  /** Why it has failed. */
  readonly error?: ErrorData;
}
