import type { Cancellation } from '../attempt/cancellation.js';
import type { Request } from '../attempt/request.js';
import type { Pause } from '../time/pause.js';

/** The sleep of a waiter: one pause after another, each of which a wake-up may end early. */
export class Sleep {
  readonly #cancellation: Cancellation;
  readonly #request: Request;
  /** The pause that the waiter is in, or was in last. */
  #pause: Pause | null = null;

  constructor(cancellation: Cancellation, request: Request) {
    this.#cancellation = cancellation;
    this.#request = request;
  }

  /** @throws as {@link Cancellation.throwIfCancelled}, if the work for the caller is to end meanwhile */
  async pause(ms: number): Promise<void> {
    this.#pause = this.#cancellation.pauseFor(ms, this.#request);
    await this.#pause.over;
    this.#cancellation.throwIfCancelled(this.#request);
  }

  wake(): void {
    this.#pause?.end();
  }
}
