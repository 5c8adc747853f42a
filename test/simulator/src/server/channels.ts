import type { Stream } from '../network/stream.js';

type Deliver = (message: string) => void;

/** Who listens to the channels of a server, as far as the server knows. */
export class Channels {
  readonly #listeners = new Map<string, Map<Stream, Deliver>>();
  readonly #isMute: boolean;

  /**
   * @param isMute whether the server refuses to publish. The twin of the script has no refusals. That nobody receives
   * anything comes to the same: nobody is called.
   */
  constructor(isMute: boolean) {
    this.#isMute = isMute;
  }

  hasReceiver(channel: string): boolean {
    return !this.#isMute && (this.#listeners.get(channel)?.size ?? 0) > 0;
  }

  subscribe(stream: Stream, channel: string, deliver: Deliver): void {
    const told = this.#listeners.get(channel) ?? new Map<Stream, Deliver>();
    this.#listeners.set(channel, told.set(stream, deliver));
  }

  unsubscribe(stream: Stream, channel: string): void {
    this.#listeners.get(channel)?.delete(stream);
  }

  forget(stream: Stream): void {
    for (const told of this.#listeners.values()) told.delete(stream);
  }

  clear(): void {
    this.#listeners.clear();
  }

  /** @returns how many receive the message */
  publish(channel: string, message: string): number {
    const told = this.#isMute ? undefined : this.#listeners.get(channel);
    for (const [stream, deliver] of told ?? []) stream.down.send(() => deliver(message));
    return told?.size ?? 0;
  }
}
