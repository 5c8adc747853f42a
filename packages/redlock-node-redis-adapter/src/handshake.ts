import { type EventEmitter, errorMonitor } from 'node:events';
import type { ClientInternals, NodeRedisClient } from './client.js';

/** How long a client may go on with a connection that has failed, in ms. */
const PATIENCE = 2000;

/**
 * Helps a client of version 5 whose connection ends while it is being set up: it writes its greeting to
 * nobody, and waits for the reply for ever. Versions before 5.11 cannot be helped.
 */
export function watchHandshake(server: NodeRedisClient): void {
  const internals = server as unknown as ClientInternals;
  const emitter = server as unknown as EventEmitter;
  let check: NodeJS.Timeout | undefined;
  // Listens as a monitor only: errors that nobody else listens to end the process, as without the adapter.
  emitter.on(errorMonitor, () => {
    clearTimeout(check);
    if (!server.isOpen || server.isReady) return;
    // Does nothing to a client that only pauses before its next try.
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
