import type { LockLostError } from './errors.js';
import type { Lock } from './lock.js';
import type { ErrorData, Vote } from './vote.js';
import type { Warning } from './warning.js';

export interface RedlockEvents {
  acquired: { lock: Lock };
  extended: { lock: Lock };
  /** Not for a lock that was already lost. `confirmed`: a quorum said we held it until now. */
  released: { lock: Lock; confirmed: boolean };
  /**
   * Exactly once per lock whose signal aborts, also at the plain end of its validity. Where that is because the Redlock
   * was closed under a routine, the lock may still be released in time.
   */
  lost: { lock: Lock; error: LockLostError };
  /** An attempt was denied. Ordinary contention, no error. */
  contended: { resources: readonly string[]; votes: readonly Vote[] };
  /**
   * Once when a node stops being usable, or when it never was: it does not answer in time, or it refuses to make or
   * keep locks, as a read-only replica does.
   */
  nodeFailed: { node: string; error: ErrorData };
  /** Once when a failed node makes or keeps a lock again, or says in time that another owner has it. */
  nodeRecovered: { node: string };
  /**
   * A node may have forgotten locks: its grants do not count for so many ms, or longer where `quarantineTime`
   * is not given and a longer ttl is used meanwhile. Anew when it restarts again.
   */
  nodeQuarantined: { node: string; ms: number };
  /** The quarantine of a node is over: its grants count again. */
  nodeTrusted: { node: string };
  /**
   * A set-up that works and is dangerous. Once each; what is known before anybody listens is told then. Only while
   * somebody does are the nodes asked how they are set up.
   */
  warning: Warning;
}

export type EventName = keyof RedlockEvents;
export type Listener<E extends EventName> = (payload: RedlockEvents[E]) => void;

const NAMES: Record<EventName, true> = {
  acquired: true,
  extended: true,
  released: true,
  lost: true,
  contended: true,
  nodeFailed: true,
  nodeRecovered: true,
  nodeQuarantined: true,
  nodeTrusted: true,
  warning: true,
};

/**
 * Hands events to listeners, none of which can disturb the lock: what one throws is dropped.
 * @internal
 */
export class Events {
  readonly #listeners = new Map<EventName, ((payload: never) => unknown)[]>();

  on<E extends EventName>(event: E, listener: Listener<E>): void {
    if (!Object.hasOwn(NAMES, event)) {
      throw new TypeError(
        `There is no event ${quoted(event)}; there are ${Object.keys(NAMES).join(', ')}`,
      );
    }
    if (typeof listener !== 'function') throw new TypeError('A listener must be a function');
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  off<E extends EventName>(event: E, listener: Listener<E>): void {
    const listeners = this.#listeners.get(event) ?? [];
    const position = listeners.lastIndexOf(listener);
    if (position >= 0) this.#listeners.set(event, listeners.toSpliced(position, 1));
  }

  emit<E extends EventName>(event: E, payload: RedlockEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        const result: unknown = (listener as (payload: RedlockEvents[E]) => unknown)(payload);
        // An async listener that fails would otherwise end the process as an unhandled rejection.
        void Promise.resolve(result).catch(() => {});
      } catch {
        // The lock's work goes on whatever a listener does.
      }
    }
  }
}

function quoted(event: unknown): string {
  return typeof event === 'string' ? JSON.stringify(event) : String(event);
}
