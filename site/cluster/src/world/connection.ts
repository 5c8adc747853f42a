import { cargoOf, operationsOf } from './cargo.js';
import type { RedisNode } from './core.js';
import { Dialer, type Place } from './dialer.js';
import type { Session } from './session.js';
import { Subscriber } from './subscriber.js';

interface Command {
  readonly args: readonly string[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A node as an adapter makes it of a Redis client: commands in order on one connection, and calls on another. */
export class Connection implements RedisNode {
  readonly name: string;
  lastError: Error | undefined;
  readonly #place: Place;
  readonly #dialer: Dialer;
  readonly #subscriber: Subscriber;
  readonly #listeners = new Set<() => void>();
  readonly #unanswered = new Set<Command>();
  /** Given while there was no connection. */
  #offline: Command[] = [];

  /** @param onCalled called when the node calls the client's process */
  constructor(place: Place, onCalled: () => void) {
    this.name = place.server.name;
    this.#place = place;
    this.#dialer = new Dialer(place, {
      onUp: (session) => this.#established(session),
      onDown: () => this.#lost(),
    });
    this.#subscriber = new Subscriber(place, onCalled);
  }

  get ready(): boolean {
    return this.#dialer.session !== null;
  }

  call(args: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const command = { args, resolve, reject };
      const { session } = this.#dialer;
      if (session) this.#write(session, command);
      else this.#offline.push(command);
    });
  }

  connect(): void {
    this.#dialer.dial();
  }

  onReady(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  subscribe(
    channel: string,
    listener: (message?: string) => void,
    onLost?: () => void,
  ): () => void {
    return this.#subscriber.subscribe(channel, listener, onLost);
  }

  reconnect(): void {
    this.#dialer.redial();
  }

  /** The process is gone. */
  abandon(): void {
    this.#dialer.close();
    this.#subscriber.close();
  }

  #write(session: Session, command: Command): void {
    const { server, process } = this.#place;
    this.#unanswered.add(command);
    const execute = (): void => {
      const { reply, cargo } = server.execute(command.args);
      session.down.send(cargo, () => process.run(() => this.#answered(command, reply)));
    };
    const cargo = cargoOf(operationsOf(command.args));
    session.up.send(cargo, () => server.receive(session, execute));
  }

  #answered(command: Command, reply: unknown): void {
    this.#unanswered.delete(command);
    if (reply instanceof Error) command.reject(reply);
    else command.resolve(reply);
  }

  #established(session: Session): void {
    this.lastError = undefined;
    const offline = this.#offline;
    this.#offline = [];
    for (const command of offline) this.#write(session, command);
    for (const listener of this.#listeners) listener();
  }

  #lost(): void {
    const error = Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
    this.lastError = error;
    const unanswered = [...this.#unanswered];
    this.#unanswered.clear();
    for (const { reject } of unanswered) reject(error);
  }
}
