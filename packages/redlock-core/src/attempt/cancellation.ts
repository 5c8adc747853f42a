import { closedError } from '../errors.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import type { Request } from './request.js';

/**
 * Tells when to end the work for a caller: when its signal aborts, or when the Redlock is closed. Nothing new begins
 * then.
 */
export class Cancellation {
  readonly #runtime: Runtime;
  readonly #closed: AbortSignal;

  /** @param closed aborts when the Redlock is closed */
  constructor(runtime: Runtime, closed: AbortSignal) {
    this.#runtime = runtime;
    this.#closed = closed;
  }

  /** @throws the reason of the caller's signal, or RedlockError (`CLOSED`) */
  throwIfCancelled({ resources, signal }: Request): void {
    signal?.throwIfAborted();
    if (this.#closed.aborted) throw closedError(resources);
  }

  isCanceled({ signal }: Request): boolean {
    return signal?.aborted === true || this.#closed.aborted;
  }

  /** A pause that ends early if the work is to end. The caller must check why it ended. */
  pauseFor(ms: number, { signal }: Request): Pause {
    return new Pause(ms, this.#runtime, [signal, this.#closed]);
  }

  /**
   * Waits.
   * @throws as {@link throwIfCancelled}, if the work is to end meanwhile
   */
  async pause(ms: number, request: Request): Promise<void> {
    await this.pauseFor(ms, request).over;
    this.throwIfCancelled(request);
  }
}
