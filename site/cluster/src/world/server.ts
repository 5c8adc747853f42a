import { operationsOf, replyCargo, type Cargo } from './cargo.js';
import { Keyspace, runCommand } from './core.js';
import { EPOCH } from './epoch.js';
import type { NodeName } from './names.js';
import type { Session } from './session.js';
import { Clock, type World } from './simulation.js';

/** How long servers have been up when a run begins, in ms. */
const LONG_UP = 1e9;

/** What a server answers to a command, and what the answer is about. */
export interface Answer {
  /** An Error for an error reply. */
  readonly reply: unknown;
  readonly cargo: Cargo;
}

/** A Redis server: commands in the order in which they arrive. Its scripts are those of the memory node. */
export class Server {
  state: 'running' | 'paused' | 'down' = 'running';
  isCut = false;
  dropsReplies = false;
  /** What its clock was set by, in ms. */
  skew = 0;
  keyspace: Keyspace;
  readonly #clock: Clock;
  readonly #sessions = new Set<Session>();
  readonly #channels = new Map<string, Map<Session, (message: string) => void>>();
  #inbox: (() => void)[] = [];
  #run = 1;
  #startedAt: number;

  constructor(
    readonly name: NodeName,
    world: World,
  ) {
    this.#clock = new Clock(world, 1, EPOCH);
    this.#startedAt = this.#clock.read() - LONG_UP;
    this.keyspace = this.#emptyKeyspace();
  }

  /** A connection is made; a paused server makes it when it goes on. */
  accept(session: Session, onAccepted: () => void): void {
    if (this.state === 'down') {
      session.down.send('other', session.onReset);
      return;
    }
    this.#act(() => {
      this.#sessions.add(session);
      session.down.send('other', onAccepted);
    });
  }

  /** Something arrives on a connection. */
  receive(session: Session, act: () => void): void {
    if (this.#sessions.has(session)) this.#act(act);
    else session.down.send('other', session.onReset);
  }

  execute(command: readonly string[]): Answer {
    if (command[0] === 'INFO') return { reply: this.#info(), cargo: 'other' };
    const operations = operationsOf(command);
    if (operations.length === 0) {
      return { reply: new Error(`ERR unknown command '${command[0]}'`), cargo: 'other' };
    }
    const reply = runCommand(this.keyspace, command, {
      publish: (channel, message) => this.#publish(channel, message),
      receivers: (channel) => this.#channels.get(channel)?.size ?? 0,
    });
    return { reply, cargo: replyCargo(operations, (key) => this.keyspace.get(key)) };
  }

  subscribe(session: Session, channel: string, hear: (message: string) => void): void {
    const listeners = this.#channels.get(channel) ?? new Map<Session, (message: string) => void>();
    this.#channels.set(channel, listeners.set(session, hear));
  }

  unsubscribe(session: Session, channel: string): void {
    this.#channels.get(channel)?.delete(session);
  }

  /** The client has closed a connection. */
  forget(session: Session): void {
    this.#sessions.delete(session);
    for (const listeners of this.#channels.values()) listeners.delete(session);
  }

  pause(): void {
    this.state = 'paused';
  }

  /** Executes what has arrived meanwhile. */
  resume(): void {
    this.state = 'running';
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const act of inbox) act();
  }

  kill(): void {
    this.state = 'down';
    this.#inbox = [];
    for (const session of this.#sessions) this.#reset(session);
  }

  /** Starts again, with the data that it had. */
  start(): void {
    this.state = 'running';
    this.#run++;
    this.#startedAt = this.#clock.read();
  }

  /** Restarts without its data. */
  empty(): void {
    this.kill();
    this.keyspace = this.#emptyKeyspace();
    this.start();
  }

  /** Replies arrive again. What was lost stays lost: connections that have lost something are closed. */
  deliverReplies(): void {
    this.dropsReplies = false;
    for (const session of this.#sessions) if (session.hasLost) this.#reset(session);
  }

  setClock(ms: number): void {
    this.#clock.jump(ms);
    this.skew += ms;
  }

  #reset(session: Session): void {
    this.forget(session);
    session.down.send('other', session.onReset);
  }

  #emptyKeyspace(): Keyspace {
    const read = (): number => Math.floor(this.#clock.read());
    return new Keyspace({ now: read, wallNow: read });
  }

  #act(act: () => void): void {
    if (this.state === 'paused') this.#inbox.push(act);
    else act();
  }

  /** @returns how many are told */
  #publish(channel: string, message: string): number {
    const listeners = this.#channels.get(channel);
    for (const hear of listeners?.values() ?? []) hear(message);
    return listeners?.size ?? 0;
  }

  #info(): string {
    const uptime = Math.max(Math.floor((this.#clock.read() - this.#startedAt) / 1000), 0);
    const runId = `${this.name}${this.#run}`.padEnd(40, '0');
    return `# Server\r\nrun_id:${runId}\r\nuptime_in_seconds:${uptime}\r\n`;
  }
}
