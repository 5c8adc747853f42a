import { channel } from 'node:diagnostics_channel';
import type { EventName, Listener, RedlockEvents } from '../events.js';
import type { ContentionNotice, LossNotice, NodeNotice } from '../trace.js';

const LOST = channel('redlock:lost');
const CONTENDED = channel('redlock:contended');
const NODE = channel('redlock:node');

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

/** Hands events to listeners. No listener can disturb a lock, because an error that it throws is dropped. */
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

  /** Whether an event has listeners, so that its payload is worth making. */
  has(event: EventName): boolean {
    return this.#listeners.has(event);
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

/** Publishes events on channels too. */
export function publishNotices(events: Emitter): void {
  events.on('lost', publishLoss);
  events.on('contended', publishContention);
  events.on('nodeFailed', ({ node, error }) => publishNode({ node, state: 'failed', error }));
  events.on('nodeRecovered', ({ node }) => publishNode({ node, state: 'recovered' }));
  events.on('nodeQuarantined', ({ node }) => publishNode({ node, state: 'quarantined' }));
  events.on('nodeTrusted', ({ node }) => publishNode({ node, state: 'trusted' }));
}

function publishLoss({ lock, error, loopDelay }: RedlockEvents['lost']): void {
  if (!LOST.hasSubscribers) return;
  const notice: LossNotice = { resources: lock.resources, code: error.cause.code, loopDelay };
  LOST.publish(notice);
}

function publishContention({ resources, owners }: RedlockEvents['contended']): void {
  if (!CONTENDED.hasSubscribers) return;
  const notice: ContentionNotice = { resources, owners };
  CONTENDED.publish(notice);
}

function publishNode(notice: NodeNotice): void {
  if (NODE.hasSubscribers) NODE.publish(notice);
}
