import { operationOf, replyCargo } from './cargo.js';
import { Clock, ErrorReply, MemoryServer, Subscribers, type World } from './core.js';
import type { Network, Path } from './network.js';
import { EPOCH, type NodeName, type State } from './parts.js';

/** How long servers have been up when a run begins, in ms. */
const LONG_UP = 1e9;

/** The client's end of a connection. */
export interface Peer {
  readonly path: Path;
  established(): void;
  lost(): void;
}

/** A memory server with connections: it executes commands in the order in which they arrive. */
export class Server {
  state: State = 'running';
  isCut = false;
  /** What its clock was set by, in ms. */
  skew = 0;
  readonly channels = new Subscribers<Peer>();
  readonly memory: MemoryServer;
  /** The clients that want a connection. */
  readonly peers = new Set<Peer>();
  /** What has arrived while it was paused. */
  readonly #inbox: (() => void)[] = [];
  #starts = 0;

  constructor(
    readonly name: NodeName,
    world: World,
    private readonly network: Network,
  ) {
    const mono = new Clock(world, 1, EPOCH);
    const clock = (): number => Math.floor(mono.read() + this.skew);
    const runId = (): string => `${name}${++this.#starts}`.padEnd(40, '0');
    const { channels } = this;
    this.memory = new MemoryServer({ clock, wallClock: clock, runId, uptime: LONG_UP, channels });
  }

  /** Something arrives from a client. */
  receive(peer: Peer, act: () => void): void {
    if (this.state === 'running') act();
    // What a client that is gone has sent must not be executed after its connection has ended.
    else if (this.state === 'paused') this.#inbox.push(() => this.peers.has(peer) && act());
  }

  /** @param onReply called at the client with the reply, which is an Error for an error reply */
  execute({ path }: Peer, command: readonly string[], onReply: (reply: unknown) => void): void {
    try {
      const reply = this.memory.execute(command);
      const { keyspace } = this.memory;
      const cargo = replyCargo(operationOf(command), (key) => keyspace.get(key));
      this.network.send(path, 'down', cargo, () => onReply(reply));
    } catch (error) {
      if (!(error instanceof ErrorReply)) throw error;
      this.network.send(path, 'down', 'other', () => onReply(error));
    }
  }

  pause(): void {
    this.state = 'paused';
  }

  resume(): void {
    this.state = 'running';
    for (const act of this.#inbox.splice(0)) act();
  }

  kill(): void {
    this.state = 'down';
    this.#inbox.length = 0;
    for (const peer of this.peers) {
      this.channels.forget(peer);
      this.network.close(peer.path);
      this.network.send(peer.path, 'down', 'other', () => peer.lost());
    }
  }

  /** Starts again, with the data that it had. */
  restart(): void {
    this.state = 'running';
    this.memory.restart({ keepsData: true });
    for (const peer of this.peers) this.connect(peer);
  }

  /** Restarts without its data. */
  empty(): void {
    this.kill();
    this.memory.clear();
    this.restart();
  }

  connect(peer: Peer): void {
    this.network.send(peer.path, 'down', 'other', () => peer.established());
  }

  setClock(ms: number): void {
    this.skew += ms;
  }
}
