import type { Cargo } from './cargo.js';
import type { World } from './core.js';
import type { ClientName, NodeName } from './parts.js';

export type Direction = 'up' | 'down';

/** The path between a client and a node or the storage, and the one connection over it. */
export class Path {
  /** Whether it was cut itself, and whether nothing gets through for any reason. */
  isSevered = false;
  isCut = false;
  /** When the latest message of each direction passes the middle, and when it arrives, in true time. */
  readonly passes = { up: 0, down: 0 };
  readonly arrives = { up: 0, down: 0 };
  /** Messages that wait in its middle. */
  readonly held: Message[] = [];

  /** @param delay from one end to the other, in ms */
  constructor(
    readonly client: ClientName,
    readonly end: NodeName | 'storage',
    readonly delay: () => number,
  ) {}

  get name(): string {
    return `${this.client}–${this.end}`;
  }
}

/** A message under way. It travels in two legs, because a cut path stops it in the middle. */
export interface Message {
  readonly path: Path;
  readonly direction: Direction;
  readonly cargo: Cargo;
  readonly deliver: () => void;
  /** Where its leg begins: 0 or 0.5 of the way. When the leg begins and ends, in true time. */
  from: number;
  since: number;
  until: number;
}

export class Network {
  readonly messages = new Set<Message>();

  constructor(private readonly world: World) {}

  /** Messages of one direction arrive in order. */
  send(path: Path, direction: Direction, cargo: Cargo, deliver: () => void = () => {}): void {
    const message: Message = { path, direction, cargo, deliver, from: 0, since: 0, until: 0 };
    this.messages.add(message);
    this.#travel(message, path.passes, () => this.#pass(message));
  }

  /** Ends a connection: nothing that is under way on it arrives. */
  close(path: Path): void {
    for (const message of this.messages) if (message.path === path) this.messages.delete(message);
  }

  setCut(path: Path, isCut: boolean): void {
    path.isCut = isCut;
    if (!isCut) for (const message of path.held.splice(0)) this.#pass(message);
  }

  /** How far a message has come, from 0 to 1. */
  progress({ from, since, until }: Message): number {
    const part = until > since ? (this.world.now - since) / (until - since) : 1;
    return from + Math.min(part, 1) / 2;
  }

  /** The middle of the way. */
  #pass(message: Message): void {
    const { path, deliver } = message;
    if (path.isCut) path.held.push(message);
    else {
      message.from = 0.5;
      this.#travel(message, path.arrives, () => this.messages.delete(message) && deliver());
    }
  }

  /** @param latest when the message before it ends the same leg */
  #travel(message: Message, latest: Path['passes'], then: () => void): void {
    const { path, direction } = message;
    message.since = this.world.now;
    message.until = Math.max(latest[direction], this.world.now + path.delay() / 2);
    latest[direction] = message.until;
    this.world.at(message.until, () => this.messages.has(message) && then());
  }
}
