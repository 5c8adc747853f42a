import type { RedisNode } from './core.js';
import { Dialer, type Place } from './dialer.js';
import type { Stream } from './stream.js';
import { Subscriber } from './subscriber.js';

interface Command {
  readonly args: readonly string[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A node as an adapter makes it of a Redis client: commands in order on one connection; what was not
 * answered is sent again on the next one, or given up, as the client is set.
 */
export class Connection implements RedisNode {
  readonly name: string;
  readonly dialer: Dialer;
  readonly subscriber: Subscriber;
  readonly #place: Place;
  readonly #resends: boolean;
  readonly #onResent: (commands: number) => void;
  readonly #listeners = new Set<() => void>();
  #unanswered: Command[] = [];
  /** The client's own queue. */
  #offline: Command[] = [];
  /** Arguments of what has come on a connection before this one since this one is established. */
  #overtaken: (readonly string[])[] = [];

  constructor(place: Place, resends: boolean, onResent: (commands: number) => void) {
    this.name = place.server.name;
    this.#place = place;
    this.#resends = resends;
    this.#onResent = onResent;
    this.dialer = new Dialer(
      place,
      (stream) => this.#established(stream),
      () => this.#lost(),
    );
    this.subscriber = new Subscriber(place);
  }

  get ready(): boolean {
    return this.dialer.stream !== null;
  }

  call(args: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const command = { args, resolve, reject };
      const { stream } = this.dialer;
      if (stream) this.#write(stream, command);
      else this.#offline.push(command);
    });
  }

  connect(): void {
    this.dialer.dial();
  }

  onReady(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether something for a token has come so late that only the next connection can tell the client. */
  isOvertaken(token: string): boolean {
    return this.#overtaken.some((args) => args.includes(token));
  }

  subscribe(channel: string, listener: (message?: string) => void): () => void {
    return this.subscriber.subscribe(channel, listener);
  }

  reconnect(): void {
    this.dialer.redial();
  }

  #write(stream: Stream, command: Command): void {
    const { server, process } = this.#place;
    this.#unanswered.push(command);
    const refuse = (): void => process.run(() => this.dialer.lost(stream));
    const execute = (): void => {
      const current = this.dialer.stream;
      if (current && current !== stream) this.#overtaken.push(command.args);
      const reply = server.execute(command.args);
      stream.down.send(() => process.run(() => this.#answered(stream, command, reply)));
    };
    stream.up.send(() => server.receive(stream, execute, refuse));
  }

  #answered(stream: Stream, command: Command, reply: unknown): void {
    if (stream !== this.dialer.stream) return;
    this.#unanswered.shift();
    if (reply instanceof Error) command.reject(reply);
    else command.resolve(reply);
  }

  #established(stream: Stream): void {
    const commands = [...this.#unanswered, ...this.#offline];
    this.#onResent(this.#unanswered.length);
    this.#unanswered = [];
    this.#offline = [];
    this.#overtaken = [];
    for (const command of commands) this.#write(stream, command);
    for (const listener of this.#listeners) listener();
  }

  #lost(): void {
    if (this.#resends) return;
    const commands = this.#unanswered;
    this.#unanswered = [];
    for (const { reject } of commands) reject(new Error('Connection is closed.'));
  }
}
