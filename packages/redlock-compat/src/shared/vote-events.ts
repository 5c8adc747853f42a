import type { EventEmitter } from 'node:events';
import type { Vote } from 'redlock-core';
import type { Tell } from 'redlock-core/internal';

/**
 * Emits what went wrong at nodes. A listener that throws disturbs nothing: the work on a lock goes on.
 * @param errorOf says what went wrong; null: nothing
 */
export function voteEvents(
  emitter: EventEmitter,
  event: string,
  errorOf: (vote: Vote) => Error | null,
): Tell {
  return (vote) => {
    // A node that was not asked, because the others had decided before, is in no trouble.
    if (vote.error?.code === 'NOT_SENT') return;
    const error = errorOf(vote);
    if (!error) return;
    try {
      emitter.emit(event, error);
    } catch {
      // The listener's error is nobody's concern here.
    }
  };
}
