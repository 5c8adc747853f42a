import { ErrorReply, keyRange, MemoryServer, SHARED, Subscribers, type Keyspace } from '../core.js';
import type { Stream } from '../network/stream.js';
import type { Emit } from '../run/events.js';
import type { Clock } from '../world/clock.js';
import type { World } from '../world/world.js';
import { entryOf, isAhead, isQueue, type QueueEntry } from './commands.js';
import { isSet, sharersOn, type Sharers } from './sharers.js';

/** The year 2026, in ms since 1970. */
export const EPOCH = 1_767_225_600_000;

/** How long servers have been up when a run begins, in ms. */
const LONG_UP = 1e9;

interface ServerTraits {
  readonly clock: Clock;
  /** What its TIME is off by, in ms. */
  readonly skew: number;
  /** Whether its users have no right to any channel. */
  readonly isMute: boolean;
}

/** A Redis server: one thread, commands in the order in which they arrive. */
export class Server {
  /** The connections that have subscribed to its channels, as far as it knows. */
  readonly channels = new Subscribers<Stream>();
  state: 'running' | 'stopped' | 'crashed' = 'running';
  /** Since when it does what it is asked, unless it does not, in true time. */
  calmSince = 0;
  /** When it last lost its data, in true time. */
  forgotAt = -Infinity;
  readonly #world: World;
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #isMute: boolean;
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
    emit: Emit,
  ) {
    this.#isMute = isMute;
    this.#world = world;
    this.#clock = clock;
    this.#emit = emit;
    let executed: readonly string[] = [];
    this.#memory = new MemoryServer({
      clock: () => Math.floor(clock.read()),
      wallClock: () => Math.floor(EPOCH + world.now + skew),
      runId: () => `${name}${++this.#run}`.padEnd(40, '0'),
      uptime: LONG_UP,
      refuse: () => this.#refusal,
      observe: (command) => {
        executed = command;
        emit('executed', command);
        return this.#observe(command);
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

  /** A mute server ignores subscriptions, because a memory server cannot refuse to publish; the effect is the same. */
  subscribe(stream: Stream, channel: string, deliver: (message: string) => void): void {
    if (this.#isMute) return;
    this.channels.subscribe(stream, channel, (message) => stream.down.send(() => deliver(message)));
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

  /** Only forward, so keys expire too early. */
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
    this.#emit('published', { server: this, channel, text, receivers, command });
    return receivers;
  }

  /** Notes what a command may change. @returns reports what it has changed */
  #observe(command: readonly string[]): () => void {
    const { keyspace } = this;
    const emit = this.#emit;
    const keys = new Map<string, string | null>();
    const sharers = new Map<string, Sharers>();
    const queues = new Map<string, readonly QueueEntry[]>();
    const { start, end } = keyRange(command);
    // Operations of one command may have a key in common.
    for (const key of command.slice(start, end)) {
      if (isQueue(key)) queues.set(key, this.entriesOf(key));
      else if (!isSet(key)) {
        const value = keyspace.get(key);
        keys.set(key, value);
        if (value === SHARED) sharers.set(key, sharersOn(keyspace, key));
      }
    }
    return () => {
      for (const [queue, before] of queues) {
        const after = this.entriesOf(queue);
        if (before.length + after.length > 0)
          emit('queued', { server: this, queue, before, after, keys, sharers, command });
      }
      for (const key of keys.keys()) {
        const before = sharers.get(key) ?? new Map<string, number>();
        const after = sharersOn(keyspace, key);
        if (before.size + after.size > 0)
          emit('shared', { server: this, key, before, after, command });
      }
      for (const [key, before] of keys) {
        const after = keyspace.get(key);
        const event = key.endsWith(':fencing') ? 'counted' : 'changed';
        if (before !== after) emit(event, { server: this, key, before, after, command });
      }
    };
  }
}
