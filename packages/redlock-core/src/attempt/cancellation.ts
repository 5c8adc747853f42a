import { closedError } from '../errors.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import type { Request } from './request.js';

/** Ends the work for a caller: its signal aborts, or the Redlock is closed. Nothing new is begun from then on. */
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

  /** A pause that ends early when the work does. The caller looks why. */
  pauseFor(ms: number, { signal }: Request): Pause {
    return new Pause(ms, this.#runtime, [signal, this.#closed]);
  }

  /**
   * Lets time pass.
   * @throws as {@link throwIfCancelled}, when the work ends meanwhile
   */
  async pause(ms: number, request: Request): Promise<void> {
    await this.pauseFor(ms, request).over;
    this.throwIfCancelled(request);
  }
}
