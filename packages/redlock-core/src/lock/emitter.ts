import type { EventName, Listener, RedlockEvents } from '../events.js';

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
 * Hands events to listeners. No listener can disturb a lock, because an error that it throws is dropped.
 * @internal
 */
export class Emitter {
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
        // Without this, an async listener that fails would end the process by an unhandled rejection.
        if (result !== undefined) void Promise.resolve(result).catch(() => {});
      } catch {
        // The work on a lock goes on, whatever a listener does.
      }
    }
  }
}

function quoted(event: unknown): string {
  return typeof event === 'string' ? JSON.stringify(event) : String(event);
}
