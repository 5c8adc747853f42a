import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import { RedlockError } from '../errors.js';
import type { Lock } from '../lock.js';
import type { LockMode } from '../options.js';
import type { Claim } from '../protocol/operations.js';
import type { Runtime } from '../time/runtime.js';
import type { LockTrace, TracedOperation, TracedOutcome } from '../trace.js';

const OUTCOMES = {
  RESOURCE_LOCKED: 'locked',
  QUORUM_UNAVAILABLE: 'unavailable',
  LOCK_LOST: 'lost',
  LOCK_RELEASED: 'released',
  CLOSED: 'closed',
} as const;

type Channel = TracingChannel<unknown, LockTrace>;

/** A channel of calls. It costs nothing while it has no subscribers. */
class Tracing {
  readonly #channel: Channel;

  /** @param name without `tracing:`, which all tracing channels have */
  constructor(name: string) {
    this.#channel = tracingChannel(name);
  }

  /**
   * Whether there are subscribers. If not, a call need not be traced at all. The five are read one by one, because Bun's
   * `TracingChannel` has no `hasSubscribers`.
   */
  get isOn(): boolean {
    const { start, end, asyncStart, asyncEnd, error } = this.#channel;
    return (
      start.hasSubscribers ||
      end.hasSubscribers ||
      asyncStart.hasSubscribers ||
      asyncEnd.hasSubscribers ||
      error.hasSubscribers
    );
  }

  /**
   * Publishes one call from its start to its end, as `tracePromise` of Node does, except the result: that is a Lock, which
   * has a token.
   * @param act makes the call, and adds its results to the message
   * @param signal that of the caller, whose reason the call may end with
   */
  trace<T>(trace: LockTrace, act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { start, end } = this.#channel;
    return start.runStores(trace, () => {
      try {
        return this.#settle(trace, act(), signal);
      } finally {
        end.publish(trace);
      }
    });
  }

  async #settle<T>(trace: LockTrace, call: Promise<T>, signal?: AbortSignal): Promise<T> {
    const { asyncStart, asyncEnd, error: failed } = this.#channel;
    try {
      return await call;
    } catch (error) {
      trace.error = error;
      trace.outcome ??= outcomeOf(error, signal);
      failed.publish(trace);
      throw error;
    } finally {
      asyncStart.publish(trace);
      asyncEnd.publish(trace);
    }
  }
}

/**
 * What became of a call that ends with an error; `undefined`: the error is the caller's own.
 * @param signal that of the caller
 */
export function outcomeOf(error: unknown, signal?: AbortSignal): TracedOutcome | undefined {
  if (RedlockError.is(error)) return OUTCOMES[error.code];
  return signal?.aborted && error === signal.reason ? 'aborted' : undefined;
}

/** Calls that take a lock: `acquire`, `tryAcquire` and `adopt`. */
export const acquiring = new Tracing('redlock:acquire');
export const using = new Tracing('redlock:using');
/** Extensions, automatic ones too. */
export const extending = new Tracing('redlock:extend');
export const releasing = new Tracing('redlock:release');

/** How long one call has wanted its lock, and how often it has requested it. */
export class AttemptStats {
  attempts = 0;
  /** The resources that it got from the nodes, as those of a lock of their own. */
  acquired: readonly string[] | undefined;
  /** When the call began, on the monotonic clock. */
  readonly start: number;
  readonly #runtime: Pick<Runtime, 'now'>;

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime;
    this.start = runtime.now();
  }

  /** How long the call has lasted, in ms. */
  get waited(): number {
    return this.#runtime.now() - this.start;
  }

  /** Notes in the trace of the call what it got and how, when that is known. */
  async recordIn<L extends Lock | null>(trace: LockTrace, acquire: () => Promise<L>): Promise<L> {
    try {
      const lock = await acquire();
      if (lock !== null) trace.fencingToken = lock.fencingToken;
      return lock;
    } finally {
      trace.waited = this.waited;
      trace.attempts = this.attempts;
    }
  }
}

/** The part of a lock request that its trace contains. */
interface TracedRequest {
  readonly resources: readonly string[];
  readonly mode: LockMode;
  readonly ttl: number;
  readonly signal: AbortSignal | undefined;
}

export function traceAcquire<L extends Lock | null>(
  operation: TracedOperation,
  { resources, mode, ttl, signal }: TracedRequest,
  stats: AttemptStats,
  acquire: () => Promise<L>,
): Promise<L> {
  const trace: LockTrace = { operation, resources, mode, ttl };
  const call = async (): Promise<L> => {
    try {
      const lock = await stats.recordIn(trace, acquire);
      trace.outcome = lock === null ? 'locked' : 'acquired';
      return lock;
    } finally {
      if (stats.acquired) trace.acquiredResources = stats.acquired;
    }
  };
  return acquiring.trace(trace, call, signal);
}

/** A lease as its traces show it. */
interface TracedLease {
  readonly resources: readonly string[];
  readonly mode: LockMode;
  readonly ttl: number;
  readonly claim: Pick<Claim, 'fencingToken'>;
  /** How long it has been held, in ms. */
  readonly heldFor: number;
  readonly isOver: boolean;
  /** The validity that is left, in ms; 0 if the lease has ended. Notices the end of validity. */
  remaining(): number;
}

/** @param ttl that the extension requests, in ms */
export function traceExtension(
  lease: TracedLease,
  ttl: number,
  extend: () => Promise<void>,
): Promise<void> {
  const { resources, mode } = lease;
  const trace: LockTrace = { operation: 'extend', resources, mode, ttl };
  return extending.trace(trace, async () => {
    await extend();
    trace.outcome = 'extended';
    trace.fencingToken = lease.claim.fencingToken;
  });
}

/** @param release ends the lease at once, unless other handles still hold it */
export function traceRelease(
  lease: TracedLease,
  release: () => Promise<boolean>,
): Promise<boolean> {
  const trace = traceOf(lease, 'release');
  return releasing.trace(trace, async () => {
    const released = await ending(lease, trace, release);
    if (trace.outcome !== 'lost') trace.outcome = released ? 'released' : 'unconfirmed';
    return released;
  });
}

/** @param detach ends the lease, unless other handles still hold it */
export function traceDetach(lease: TracedLease, detach: () => void): void {
  const trace = traceOf(lease, 'detach');
  trace.outcome = 'detached';
  void releasing.trace(trace, async () => ending(lease, trace, detach));
}

/** Notes for how long the lease was held, if `end` ends it. */
function ending<T>(lease: TracedLease, trace: LockTrace, end: () => T): T {
  const wasLost = lease.remaining() === 0;
  if (wasLost) trace.outcome = 'lost';
  const result = end();
  if (lease.isOver && !wasLost) trace.heldFor = lease.heldFor;
  return result;
}

function traceOf(lease: TracedLease, operation: TracedOperation): LockTrace {
  const { resources, mode, ttl, claim } = lease;
  return { operation, resources, mode, ttl, fencingToken: claim.fencingToken };
}
