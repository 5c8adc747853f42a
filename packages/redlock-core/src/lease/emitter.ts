import { channel } from 'node:diagnostics_channel';
import type { RedlockEventName, RedlockListener, RedlockEvents } from '../events.js';
import type { ContentionMessage, LockLostMessage, NodeMessage } from '../trace.js';

const LOST = channel('redlock:lost');
const CONTENDED = channel('redlock:contended');
const NODE = channel('redlock:node');

const NAMES: Record<RedlockEventName, true> = {
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

interface Entry {
  readonly listener: (payload: never) => unknown;
  readonly isOnce: boolean;
}

/** Passes events to listeners. No listener can disturb a lock, because an error that it throws is dropped. */
export class Emitter {
  readonly #entries = new Map<RedlockEventName, readonly Entry[]>();
  #isClosed = false;

  /** @param isOnce whether the listener is removed before its first call */
  on<E extends RedlockEventName>(event: E, listener: RedlockListener<E>, isOnce = false): void {
    if (!Object.hasOwn(NAMES, event)) {
      throw new TypeError(
        `There is no event ${quoted(event)}; there are ${Object.keys(NAMES).join(', ')}`,
      );
    }
    if (typeof listener !== 'function') throw new TypeError('A listener must be a function');
    this.#entries.set(event, [...(this.#entries.get(event) ?? []), { listener, isOnce }]);
  }

  off<E extends RedlockEventName>(event: E, listener: RedlockListener<E>): void {
    const entry = this.#entries.get(event)?.findLast((each) => each.listener === listener);
    if (entry) this.#remove(event, entry);
  }

  /** Emits nothing any more. */
  close(): void {
    this.#isClosed = true;
  }

  emit<E extends RedlockEventName>(event: E, payload: RedlockEvents[E]): void {
    if (this.#isClosed) return;
    for (const entry of this.#entries.get(event) ?? []) {
      if (entry.isOnce) this.#remove(event, entry);
      callListener(entry.listener as (payload: RedlockEvents[E]) => unknown, payload);
    }
  }

  #remove(event: RedlockEventName, entry: Entry): void {
    const entries = this.#entries.get(event) ?? [];
    this.#entries.set(
      event,
      entries.filter((each) => each !== entry),
    );
  }
}

/** Calls a function of the user's. The work on a lock goes on, whatever it throws. */
export function callListener<P>(listener: (payload: P) => unknown, payload: P): void {
  try {
    const result = listener(payload);
    // Without this, an async listener that fails would end the process by an unhandled rejection.
    if (result !== undefined) void Promise.resolve(result).catch(() => {});
  } catch {
    // Dropped, as documented.
  }
}

function quoted(event: unknown): string {
  return typeof event === 'string' ? JSON.stringify(event) : String(event);
}

/** Publishes events on channels too. */
export function publishMessages(events: Emitter): void {
  events.on('lost', publishLoss);
  events.on('contended', publishContention);
  events.on('nodeFailed', ({ node, error }) => publishNode({ node, state: 'failed', error }));
  events.on('nodeRecovered', ({ node }) => publishNode({ node, state: 'recovered' }));
  events.on('nodeQuarantined', ({ node }) => publishNode({ node, state: 'quarantined' }));
  events.on('nodeTrusted', ({ node }) => publishNode({ node, state: 'trusted' }));
}

function publishLoss({ lock: { resources }, error }: RedlockEvents['lost']): void {
  if (!LOST.hasSubscribers) return;
  const { reason, loopDelay } = error;
  const message: LockLostMessage = { resources, reason, loopDelay };
  LOST.publish(message);
}

function publishContention({ resources, owners }: RedlockEvents['contended']): void {
  if (!CONTENDED.hasSubscribers) return;
  const message: ContentionMessage = { resources, owners };
  CONTENDED.publish(message);
}

function publishNode(message: NodeMessage): void {
  if (NODE.hasSubscribers) NODE.publish(message);
}
