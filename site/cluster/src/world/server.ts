import { operationsOf, replyCargo, type Cargo } from './cargo.js';
import { ErrorReply, MemoryServer, Subscribers, type Keyspace } from './core.js';
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

/** A memory server, its connections and its state: it executes commands in the order in which they arrive. */
export class Server extends Subscribers<Session> {
  state: 'running' | 'paused' | 'down' = 'running';
  isCut = false;
  dropsReplies = false;
  /** What its clock was set by, in ms. */
  skew = 0;
  readonly #clock: Clock;
  readonly #memory: MemoryServer;
  readonly #sessions = new Set<Session>();
  #inbox: (() => void)[] = [];
  #runs = 0;

  constructor(
    readonly name: NodeName,
    world: World,
  ) {
    super();
    this.#clock = new Clock(world, 1, EPOCH);
    const clock = (): number => Math.floor(this.#clock.read());
    const runId = (): string => `${name}${++this.#runs}`.padEnd(40, '0');
    const uptime = LONG_UP;
    this.#memory = new MemoryServer({ clock, wallClock: clock, runId, uptime, channels: this });
  }

  get keyspace(): Keyspace {
    return this.#memory.keyspace;
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
    try {
      const reply = this.#memory.execute(command);
      const cargo = replyCargo(operationsOf(command), (key) => this.keyspace.get(key));
      return { reply, cargo };
    } catch (error) {
      if (error instanceof ErrorReply) return { reply: error, cargo: 'other' };
      throw error;
    }
  }

  /** The client has closed a connection. */
  override forget(session: Session): void {
    this.#sessions.delete(session);
    super.forget(session);
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
    this.#memory.restart({ keepsData: true });
  }

  /** Restarts without its data. */
  empty(): void {
    this.kill();
    this.#memory.clear();
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

  #act(act: () => void): void {
    if (this.state === 'paused') this.#inbox.push(act);
    else act();
  }
}
