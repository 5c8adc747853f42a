import { type EventEmitter, errorMonitor } from 'node:events';
import type { ClientInternals, NodeRedisClient } from './client.js';

/** How long a client may go on with a connection that has failed, in ms. */
const PATIENCE = 2000;

/**
 * Helps a client of version 5 whose connection ends while it is being set up: the client writes its greeting to nobody,
 * and waits for the reply for ever. Versions before 5.11 cannot be helped.
 */
export function watchHandshake(server: NodeRedisClient): void {
  const internals = server as unknown as ClientInternals;
  const emitter = server as unknown as EventEmitter;
  let check: NodeJS.Timeout | undefined;
  // Listen as a monitor only: errors to which nobody else listens still end the process, as they do without the
  // adapter.
  emitter.on(errorMonitor, () => {
    clearTimeout(check);
    if (!server.isOpen || server.isReady) return;
    // This does nothing to a client that only pauses before its next try.
    check = setTimeout(() => internals._getQueue?.().flushWaitingForReply(ended()), PATIENCE);
    check.unref();
  });
  for (const event of ['connect', 'ready', 'reconnecting', 'end']) {
    emitter.on(event, () => clearTimeout(check));
  }
}

function ended(): Error {
  return new Error('The connection has ended before the client was ready');
}
