import type { EventEmitter } from 'node:events';

/** Emits an event. A listener that throws disturbs nothing: the work on a lock goes on. */
export function emitSafely(emitter: EventEmitter, event: string, error: Error): void {
  try {
    emitter.emit(event, error);
  } catch {
    // The listener's error is nobody's concern here.
  }
}
