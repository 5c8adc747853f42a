import type { Channels } from './queue.js';

type Deliver = (message: string) => void;

/** The subscribers of a server, by the channel. `Who` is a connection, or whatever else a caller knows one by. */
export class Subscribers<Who> implements Channels {
  readonly #channels = new Map<string, Map<Who, Deliver>>();

  /** All subscriptions, one after the other. */
  get all(): readonly Who[] {
    return [...this.#channels.values()].flatMap((subscribers) => [...subscribers.keys()]);
  }

  subscribe(who: Who, channel: string, deliver: Deliver): void {
    const subscribers = this.#channels.get(channel) ?? new Map<Who, Deliver>();
    this.#channels.set(channel, subscribers.set(who, deliver));
  }

  unsubscribe(who: Who, channel: string): void {
    const subscribers = this.#channels.get(channel);
    if (subscribers?.delete(who) && subscribers.size === 0) this.#channels.delete(channel);
  }

  /** Ends all subscriptions of one subscriber. */
  forget(who: Who): void {
    for (const channel of this.#channels.keys()) this.unsubscribe(who, channel);
  }

  clear(): void {
    this.#channels.clear();
  }

  hasReceiver(channel: string): boolean {
    return this.#channels.has(channel);
  }

  receivers(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }

  publish(channel: string, message: string): number {
    const subscribers = [...(this.#channels.get(channel)?.values() ?? [])];
    for (const deliver of subscribers) deliver(message);
    return subscribers.length;
  }
}
