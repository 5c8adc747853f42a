import { entryOf, isAhead, type QueueEntry } from '../commands/queue-entry.js';
import { ErrorReply, MemoryServer, type Keyspace } from '../core.js';
import type { Stream } from '../network/stream.js';
import type { Clock } from '../world/clock.js';
import type { World } from '../world/world.js';
import { Channels } from './channels.js';
import { Observation } from './observation.js';
import type { Witness } from './witness.js';

/** The year 2026, in ms since 1970. */
export const EPOCH = 1_767_225_600_000;

/** How long servers have been up when a run begins, in ms. */
const LONG_UP = 1e9;

/** What tells one server from another. */
interface ServerTraits {
  readonly clock: Clock;
  /** What its TIME is off by, in ms. */
  readonly skew: number;
  /** Whether its users have no right to any channel. */
  readonly isMute: boolean;
}

/** A Redis server: one thread, commands in the order in which they arrive. */
export class Server {
  readonly channels: Channels;
  state: 'running' | 'stopped' | 'crashed' = 'running';
  /** Since when it does what it is asked, unless it does not, in true time. */
  calmSince = 0;
  /** When it last lost its data, in true time. */
  forgotAt = -Infinity;
  readonly #world: World;
  readonly #clock: Clock;
  readonly #witness: Witness;
  readonly #memory: MemoryServer;
  readonly #streams = new Set<Stream>();
  /** The error reply to every command that writes, for the time being. */
  #refusal: string | null = null;
  #run = 0;
  #inbox: (() => void)[] = [];

  constructor(
    readonly name: string,
    world: World,
    { clock, skew, isMute }: ServerTraits,
    witness: Witness,
  ) {
    this.channels = new Channels(isMute);
    this.#world = world;
    this.#clock = clock;
    this.#witness = witness;
    let executed: readonly string[] = [];
    this.#memory = new MemoryServer({
      clock: () => Math.floor(clock.read()),
      wallClock: () => Math.floor(EPOCH + world.now + skew),
      runId: () => `${name}${++this.#run}`.padEnd(40, '0'),
      uptime: LONG_UP,
      refuse: () => this.#refusal,
      observe: (command) => {
        executed = command;
        witness.executed(command);
        const observation = new Observation(this, command);
        return () => observation.tell(witness);
      },
      channels: { publish: (channel, text) => this.#publish(channel, text, executed) },
    });
  }

  get keyspace(): Keyspace {
    return this.#memory.keyspace;
  }

  /** A connection is made. A server that is stopped makes it when it goes on. */
  accept(stream: Stream, answer: (accepted: boolean) => void): void {
    if (this.state === 'crashed') {
      stream.down.send(() => answer(false));
      return;
    }
    this.#act(() => {
      this.#streams.add(stream);
      stream.down.send(() => answer(true));
    });
  }

  /** @param refuse called, on the way back, when it knows nothing of this connection */
  receive(stream: Stream, act: () => void, refuse: () => void): void {
    if (this.state === 'crashed') return;
    if (this.#streams.has(stream)) this.#act(act);
    else stream.down.send(refuse);
  }

  /** @returns its reply; an Error for an error reply */
  execute(command: readonly string[]): unknown {
    try {
      return this.#memory.execute(command);
    } catch (error) {
      if (error instanceof ErrorReply) return error;
      throw error;
    }
  }

  /** The entries of a queue, in their order. */
  entriesOf(queue: string): readonly QueueEntry[] {
    const set = this.keyspace.sortedSet(queue);
    const entries = set?.members.map((member) => entryOf(member, set.score(member) ?? 0)) ?? [];
    return entries.toSorted((a, b) => (isAhead(a, b) ? -1 : 1));
  }

  /** A connection has ended. A server that is stopped sees that behind what has arrived on it. */
  forget(stream: Stream): void {
    this.#streams.delete(stream);
    this.#act(() => this.channels.forget(stream));
  }

  stop(): void {
    if (this.state === 'running') this.state = 'stopped';
  }

  /** Executes what has arrived meanwhile. */
  resume(): void {
    if (this.state !== 'stopped') return;
    this.state = 'running';
    this.#calmDown();
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const act of inbox) act();
  }

  /** @returns the connections that end with it */
  crash(keepsData: boolean): readonly Stream[] {
    const streams = [...this.#streams];
    this.state = 'crashed';
    this.#inbox = [];
    this.#streams.clear();
    this.channels.clear();
    if (!keepsData) {
      this.#memory.clear();
      this.forgotAt = this.#world.now;
    }
    return streams;
  }

  restart(): void {
    if (this.state !== 'crashed') return;
    this.state = 'running';
    this.#calmDown();
    this.#memory.restart({ keepsData: true });
  }

  get hasRestarted(): boolean {
    return this.#run > 1;
  }

  get isRefusing(): boolean {
    return this.#refusal !== null;
  }

  /** Until it complies again, it answers every command that writes with an error. */
  refuse(error: string): void {
    this.#refusal = error;
    this.calmSince = Infinity;
  }

  comply(): void {
    this.#refusal = null;
    this.#calmDown();
  }

  /** Forward: keys expire too early. */
  setClock(ms: number): void {
    this.#clock.jump(ms);
  }

  #calmDown(): void {
    this.calmSince = this.isRefusing ? Infinity : this.#world.now;
  }

  #act(act: () => void): void {
    if (this.state === 'stopped') this.#inbox.push(act);
    else act();
  }

  #publish(channel: string, text: string, command: readonly string[]): number {
    const receivers = this.channels.publish(channel, text);
    this.#world.trace.number(receivers);
    this.#witness.published({ server: this, channel, text, receivers, command });
    return receivers;
  }
}
