import type { LossReason } from './errors.js';
import type { LockMode } from './options.js';
import type { ErrorData } from './vote.js';

/** The calls that are traced. */
export type TracedOperation =
  'acquire' | 'tryAcquire' | 'adopt' | 'using' | 'tryUsing' | 'extend' | 'release' | 'detach';

/**
 * What became of a call. Of `using`, it says what became of the lock; whether the routine has failed, `error` says.
 * - `acquired`: the lock was acquired, re-entered or adopted.
 * - `locked`: other clients held it until `wait` had passed. A `tryAcquire` that returns null is `locked`, and no error.
 * - `unavailable`: too many nodes failed.
 * - `aborted`: the caller's signal aborted.
 * - `closed`: the Redlock was closed.
 * - `extended`: the lock was extended.
 * - `released`: a quorum confirmed that the lock was held until its release, or another handle still holds it.
 * - `unconfirmed`: the lock was released, and no quorum confirmed that it was held until then.
 * - `detached`: the lock was left to its ttl.
 * - `lost`: the lock was lost before; of an adoption, the nodes did not hold its token.
 */
export type TracedOutcome =
  | 'acquired'
  | 'locked'
  | 'unavailable'
  | 'aborted'
  | 'closed'
  | 'extended'
  | 'released'
  | 'unconfirmed'
  | 'detached'
  | 'lost';

/**
 * The message of the channels `tracing:redlock:acquire:*`, `tracing:redlock:using:*`, `tracing:redlock:extend:*` and
 * `tracing:redlock:release:*` of `node:diagnostics_channel`: one object for each call, which is filled in until the call
 * is done. It never has the token of a lock.
 */
export interface LockTrace {
  readonly operation: TracedOperation;
  /**
   * The resources. A call for a permit has the name of the semaphore; extensions and releases have the resource of the
   * permit that was granted, as in `{seats}:permit:3`.
   */
  readonly resources: readonly string[];
  readonly mode: LockMode;
  /** In ms. Of a release: the ttl of the last extension that succeeded, or of the acquire. */
  readonly ttl: number;
  /** How long the caller has waited for the lock, until it was granted or the call ended, in ms. */
  waited?: number;
  /** Number of attempts; 0 if all resources were re-entered. */
  attempts?: number;
  /**
   * The resources that the nodes granted, without those that were re-entered. Absent if all were, and for calls that take
   * no lock.
   */
  acquiredResources?: readonly string[];
  /** That of the lock, once it is granted; 0 if it has none. */
  fencingToken?: number;
  /** When the call is done. Absent if an error of the caller's own ends it, as of an argument. */
  outcome?: TracedOutcome | undefined;
  /** What the call, or the routine of `using`, threw. */
  error?: unknown;
  /** How long the lock was held, in ms. Only for a release or detach that ends the lock, as that of its last handle. */
  heldFor?: number;
  /**
   * Runs the routine of `using`, for example in another context, if a subscriber to `start` sets it. It must return what
   * the routine returns.
   */
  runInContext?: <T>(routine: () => T) => T;
}

/** The message of the channel `redlock:lost`: a lock can no longer be trusted. */
export interface LockLostMessage {
  readonly resources: readonly string[];
  readonly reason: LossReason;
  /** The delay of the event loop in ms, if it probably caused the loss. */
  readonly loopDelay: number | undefined;
}

/** The message of the channel `redlock:contended`: an attempt was denied. */
export interface ContentionMessage {
  readonly resources: readonly string[];
  /** The labels of those that hold the resources, each once. */
  readonly owners: readonly string[];
}

/** The message of the channel `redlock:node`: what became of a node. */
export interface NodeMessage {
  /** The node's name. */
  readonly node: string;
  readonly state: 'failed' | 'recovered' | 'quarantined' | 'trusted';
  /** Why it has failed. */
  readonly error?: ErrorData;
}
