import type { RedisNode } from '../core.js';
import { Dialer, type Place } from './dialer.js';
import type { Stream } from './stream.js';
import { Subscriber } from './subscriber.js';
import type { Scene } from '../run/scene.js';

interface Command {
  readonly args: readonly string[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How long a client waits until it sends a command again that a Cluster could not execute, in ms. */
const REDIRECTION_DELAYS = [0, 1, 20, 100] as const;

/**
 * A node as an adapter makes it of a Redis client: commands in order on one connection; what was not
 * answered is sent again on the next one, or given up, as the client is set. A Cluster may redirect a
 * command: its client sends it again, behind those that it was given later.
 */
export class Connection implements RedisNode {
  readonly name: string;
  readonly isCluster: boolean;
  readonly dialer: Dialer;
  readonly subscriber: Subscriber;
  /** When the last command that was redirected is sent again, at the latest, in true time. */
  redirectedAt = 0;
  readonly #listeners = new Set<() => void>();
  #unanswered: Command[] = [];
  /** The client's own queue. */
  #offline: Command[] = [];
  /** Arguments of what has come on a connection before this one since this one is established. */
  #overtaken: (readonly string[])[] = [];

  /** @param resends whether what was not answered is sent again on the next connection */
  constructor(
    private readonly scene: Scene,
    private readonly place: Place,
    private readonly node: number,
    private readonly resends: boolean,
  ) {
    const { redirects, channels } = scene.plan;
    const { process, server } = place;
    this.name = server.name;
    this.isCluster = redirects > 0;
    this.dialer = new Dialer(
      place,
      (stream) => this.#established(stream),
      () => this.#lost(),
    );
    this.subscriber = new Subscriber(place, channels[node] === 'refused', (text) => {
      scene.tally.notificationsHeard++;
      scene.emit('heard', process, node, text);
    });
  }

  get ready(): boolean {
    return this.dialer.stream !== null;
  }

  call(args: readonly string[]): Promise<unknown> {
    const { process } = this.place;
    const reply = new Promise((resolve, reject) => {
      process.send(() => this.#send({ args, resolve, reject }));
    });
    this.scene.called(process, this.node, args, reply);
    return reply;
  }

  connect(): void {
    this.dialer.dial();
  }

  onReady(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Whether something for a token has come so late that only the next connection can tell the client. A Cluster
   * has answered later commands, so nobody waits for one that it has redirected and then lost. Any other connection
   * that is dead without the client's knowledge is replaced after 10 s, unless all Redlocks over it are closed by then.
   */
  isOvertaken(token: string): boolean {
    const lost = this.dialer.stream?.broken ? this.#unanswered : [];
    return [...this.#overtaken, ...lost.map(({ args }) => args)].some((args) =>
      args.includes(token),
    );
  }

  subscribe(
    channel: string,
    listener: (message?: string) => void,
    onLost?: () => void,
  ): () => void {
    return this.subscriber.subscribe(channel, listener, onLost);
  }

  reconnect(): void {
    this.dialer.redial();
  }

  #send(command: Command): void {
    const { stream } = this.dialer;
    if (stream) this.#write(stream, command);
    else this.#offline.push(command);
  }

  #write(stream: Stream, command: Command): void {
    const { server, process } = this.place;
    this.#unanswered.push(command);
    const refuse = (): void => process.run(() => this.dialer.lost(stream));
    const execute = (): void => {
      if (this.#isRedirected()) {
        stream.down.send(() => process.run(() => this.#redirected(stream, command)));
        return;
      }
      const current = this.dialer.stream;
      if (current && current !== stream) this.#overtaken.push(command.args);
      const reply = server.execute(command.args);
      stream.down.send(() => process.run(() => this.#answered(stream, command, reply)));
    };
    stream.up.send(() => server.receive(stream, execute, refuse));
  }

  #answered(stream: Stream, command: Command, reply: unknown): void {
    if (stream !== this.dialer.stream) return;
    this.#settled(command);
    if (reply instanceof Error) command.reject(reply);
    else command.resolve(reply);
  }

  #isRedirected(): boolean {
    const { redirects, faultsUntil } = this.scene.plan;
    const { world, random } = this.place;
    return redirects > 0 && world.now < faultsUntil && random.chance(redirects);
  }

  #redirected(stream: Stream, command: Command): void {
    if (stream !== this.dialer.stream) return;
    const { world, random, process } = this.place;
    this.#settled(command);
    this.scene.tally.redirects++;
    this.redirectedAt = world.now + REDIRECTION_DELAYS[3];
    const delay = random.pick(REDIRECTION_DELAYS);
    world.after(delay, () => process.run(() => this.#send(command)));
  }

  #settled(command: Command): void {
    this.#unanswered.splice(this.#unanswered.indexOf(command), 1);
  }

  #established(stream: Stream): void {
    const commands = [...this.#unanswered, ...this.#offline];
    this.scene.tally.resends += this.#unanswered.length;
    this.#unanswered = [];
    this.#offline = [];
    this.#overtaken = [];
    for (const command of commands) this.#write(stream, command);
    for (const listener of this.#listeners) listener();
  }

  #lost(): void {
    if (this.resends) return;
    const commands = this.#unanswered;
    this.#unanswered = [];
    for (const { reject } of commands) reject(new Error('Connection is closed.'));
  }
}
