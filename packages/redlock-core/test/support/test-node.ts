import type { ClusterMasters, RedisNode } from 'redlock-core';
import { Command, type CommandOperation, type Which } from './command.js';
import { TestServer } from './test-server.js';
import { TestSubscription } from './test-subscription.js';

export interface TestNodeOptions {
  timeout?: number;
  cluster?: boolean;
  keyPrefix?: string;
  masterOf?: ClusterMasters['masterOf'];
  /** What each of its masters answers. Default: as one server. */
  callMasters?: ClusterMasters['callMasters'];
  server?: TestServer;
  /** It can subscribe. */
  subscribes?: boolean;
}

/** What clients say of a server that does not run. */
export const DOWN = new Error('connect ECONNREFUSED 127.0.0.1:6379');

/** A node whose connection and replies are in a test's hands. It answers at once unless told not to. */
export class TestNode implements RedisNode {
  readonly server: TestServer;
  /** All that were given to `call`, oldest first. */
  readonly commands: Command[] = [];
  /** `hold`: answers nothing until `answer`. An error: rejects every command with it. */
  mode: 'answer' | 'hold' | Error | ((command: Command) => void) = 'answer';
  /** What becomes of the question who the server is, which is apart from `commands`. */
  identifying: 'answer' | 'hold' | Error = 'answer';
  /** Those questions that were given, oldest first. Each is answered by being called. */
  readonly questions: ((info?: string) => void)[] = [];
  ready = true;
  lastError: unknown;
  connects = 0;
  reconnects = 0;
  /** Names of the masters whose connection was to be replaced, oldest first. */
  readonly reconnected: string[] = [];
  closes = 0;
  readonly timeout: number | undefined;
  readonly cluster: RedisNode['cluster'];
  readonly keyPrefix: string | undefined;
  readonly subscribe?: NonNullable<RedisNode['subscribe']>;
  /** All that were ever opened, oldest first. */
  readonly subscriptions: TestSubscription[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly name: string,
    {
      timeout,
      cluster,
      keyPrefix,
      masterOf = () => undefined,
      callMasters = async (args) => [await this.call(args)],
      server = new TestServer(),
      subscribes = false,
    }: TestNodeOptions = {},
  ) {
    this.server = server;
    this.timeout = timeout;
    if (cluster)
      this.cluster = { callMasters, masterOf, reconnect: (master) => this.#replace(master) };
    this.keyPrefix = keyPrefix;
    if (subscribes) this.subscribe = (channel, listener) => this.#subscribe(channel, listener);
  }

  call(args: readonly string[]): Promise<unknown> {
    if (args[0] === 'INFO') return this.#identify();
    const command = new Command(args, this.server);
    this.commands.push(command);
    if (this.mode instanceof Error) command.fail(this.mode);
    else if (this.mode === 'answer') command.reply();
    else if (this.mode !== 'hold') this.mode(command);
    return command.replied;
  }

  connect(): void {
    this.connects++;
  }

  onReady(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  reconnect(): void {
    this.#replace('');
  }

  async close(): Promise<void> {
    this.closes++;
  }

  /** Its subscriptions that are open, whether or not they are established. */
  get subscribedTo(): string[] {
    return this.subscriptions.filter(({ open }) => open).map(({ channel }) => channel);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** How many operations of each verb it was given; a command can have several. */
  get acquires(): number {
    return this.given('acquire').length;
  }

  get extends(): number {
    return this.given('extend').length;
  }

  get releases(): number {
    return this.given('release').length;
  }

  get inspects(): number {
    return this.given('inspect').length;
  }

  get commandCount(): number {
    return this.commands.length;
  }

  /** All operations that were in the commands given, oldest first. */
  get operations(): CommandOperation[] {
    return this.commands.flatMap(({ operations }) => operations);
  }

  /** Such operations, oldest first. */
  given(which: Which): CommandOperation[] {
    return this.operations.filter((operation) => operation.is(which));
  }

  /** The latest command with such an operation. */
  last(which: Which): Command {
    const command = this.commands.findLast((each) => each.does(which));
    if (!command) throw new Error(`${this.name} was given no such command: ${which.toString()}`);
    return command;
  }

  /** Written and not answered. */
  get unanswered(): Command[] {
    return this.commands.filter(({ answered }) => !answered);
  }

  /** From now on, commands with such an operation wait to be answered, all if none is named; others are answered. */
  hold(which: Which = () => true): void {
    this.mode = (command) => {
      if (!command.does(which)) command.reply();
    };
  }

  /** From now on, commands with such an operation are rejected, all if none is named; others are answered. */
  fail(error: Error = DOWN, which: Which = () => true): void {
    this.mode = (command) => {
      if (command.does(which)) command.fail(error);
      else command.reply();
    };
  }

  /** Replies to everything unanswered, in order, and from now on at once. */
  answer(): void {
    this.mode = 'answer';
    for (const command of this.unanswered) command.reply();
  }

  /** The connection is lost, and with it what was not answered. */
  disconnect(): void {
    this.ready = false;
    for (const command of this.unanswered) command.fail(new Error('Connection is closed.'));
  }

  /** The connection is established; without `isReady`, its database is not selected yet, for example. */
  connected(isReady = true): void {
    this.ready = isReady;
    for (const listener of this.#listeners) listener();
  }

  #replace(master: string): void {
    this.reconnects++;
    this.reconnected.push(master);
  }

  #identify(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.questions.push((info = this.server.info) => resolve(info));
      if (this.identifying === 'answer') resolve(this.server.info);
      else if (this.identifying !== 'hold') reject(this.identifying);
    });
  }

  #subscribe(channel: string, listener: (message?: string) => void): () => void {
    const subscription = new TestSubscription(channel, this.server, listener);
    this.subscriptions.push(subscription);
    queueMicrotask(() => subscription.establish());
    return () => subscription.close();
  }
}
