import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import { RedlockError } from '../errors.js';
import type { LockTrace, TracedOutcome } from '../trace.js';

const OUTCOMES = {
  RESOURCE_LOCKED: 'busy',
  QUORUM_UNAVAILABLE: 'broken',
  LOCK_LOST: 'lost',
  CLOSED: 'closed',
} as const;

type Channel = TracingChannel<unknown, LockTrace>;

/** One of the channels to which others subscribe who want to know of calls. It costs nothing while nobody does. */
class Tracing {
  readonly #channel: Channel;

  /** @param name without `tracing:`, which all tracing channels have */
  constructor(name: string) {
    this.#channel = tracingChannel(name);
  }

  /**
   * Whether somebody subscribes. If not, a call need not be traced at all. The five are asked themselves, because Bun's
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
   * Tells of one call from its start to its end, as `tracePromise` of Node does, but for the result: that is a Lock, which
   * has a token.
   * @param act makes the call, and fills in what it learns
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
  if (RedlockError.is(error)) {
    const { cause } = error;
    const isClosed = cause instanceof Error && 'code' in cause && cause.code === 'CLOSED';
    return isClosed ? 'closed' : OUTCOMES[error.code];
  }
  return signal?.aborted && error === signal.reason ? 'aborted' : undefined;
}

/** Calls that take a lock: `acquire`, `tryAcquire` and `adopt`. */
export const acquiring = new Tracing('redlock:acquire');
export const using = new Tracing('redlock:using');
/** Extensions, automatic ones too. */
export const extending = new Tracing('redlock:extend');
export const releasing = new Tracing('redlock:release');
