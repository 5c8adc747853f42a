import { Keyspace, runCommand } from '../core.js';
import type { Stream } from '../network/stream.js';
import type { Clock } from '../world/clock.js';
import type { World } from '../world/world.js';
import { Channels } from './channels.js';
import { Interpreter } from './interpreter.js';
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
  /** Whether its users have no right to any channel: it refuses to publish. */
  readonly isMute: boolean;
  /** Whether it is older than the native form of a grant. */
  readonly isOld: boolean;
}

/** A Redis server: one thread, commands in the order in which they arrive. */
export class Server {
  readonly name: string;
  readonly channels: Channels;
  state: 'running' | 'stopped' | 'crashed' = 'running';
  keyspace: Keyspace;
  /** Since when it does what it is asked, unless it does not, in true time. */
  calmSince = 0;
  /** When it last lost its data, in true time. */
  forgotAt = -Infinity;
  readonly #world: World;
  readonly #clock: Clock;
  readonly #skew: number;
  readonly #witness: Witness;
  readonly #interpreter: Interpreter;
  readonly #streams = new Set<Stream>();
  #run = 1;
  #startedAt = 0;
  #inbox: (() => void)[] = [];

  constructor(
    name: string,
    world: World,
    { clock, skew, isMute, isOld }: ServerTraits,
    witness: Witness,
  ) {
    this.name = name;
    this.channels = new Channels(isMute);
    this.#world = world;
    this.#clock = clock;
    this.#skew = skew;
    this.#witness = witness;
    this.#interpreter = new Interpreter(isOld);
    this.#startedAt = clock.read() - LONG_UP;
    this.keyspace = this.#emptyKeyspace();
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
    if (command[0]?.toLowerCase() === 'info') return this.#info();
    const error = this.#interpreter.errorOf(command);
    if (error !== null) return new Error(error);
    this.#witness.executed(command);
    const observation = new Observation(this, command);
    const reply = runCommand(this.keyspace, command, {
      publish: (channel, text) => {
        const receivers = this.channels.publish(channel, text);
        this.#world.trace.number(receivers);
        this.#witness.published({ server: this, channel, text, receivers, command });
        return receivers;
      },
      receivers: (channel) => (this.channels.hasReceiver(channel) ? 1 : 0),
    });
    observation.tell(this.#witness);
    return reply;
  }

  /** The members of a queue, by their tickets. */
  membersOf(queue: string): readonly string[] {
    return this.keyspace.sortedSet(queue)?.members ?? [];
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
    this.#interpreter.forgetPrograms();
    if (!keepsData) {
      this.keyspace = this.#emptyKeyspace();
      this.forgotAt = this.#world.now;
    }
    return streams;
  }

  restart(): void {
    if (this.state !== 'crashed') return;
    this.state = 'running';
    this.#calmDown();
    this.#run++;
    this.#startedAt = this.#clock.read();
  }

  get hasRestarted(): boolean {
    return this.#run > 1;
  }

  get isRefusing(): boolean {
    return this.#interpreter.isRefusing;
  }

  /** Until it complies again, it answers every command that writes with an error. */
  refuse(error: string): void {
    this.#interpreter.refuse(error);
    this.calmSince = Infinity;
  }

  comply(): void {
    this.#interpreter.comply();
    this.#calmDown();
  }

  /** Forward: keys expire too early. */
  setClock(ms: number): void {
    this.#clock.jump(ms);
  }

  #calmDown(): void {
    this.calmSince = this.isRefusing ? Infinity : this.#world.now;
  }

  #emptyKeyspace(): Keyspace {
    return new Keyspace({
      now: () => Math.floor(this.#clock.read()),
      wallNow: () => Math.floor(EPOCH + this.#world.now + this.#skew),
    });
  }

  #act(act: () => void): void {
    if (this.state === 'stopped') this.#inbox.push(act);
    else act();
  }

  #info(): string {
    // As Redis does: each of both in whole seconds, so the uptime is up to a second too short or too long.
    const uptime = Math.floor(this.#clock.read() / 1000) - Math.floor(this.#startedAt / 1000);
    const runId = `${this.name}${this.#run}`.padEnd(40, '0');
    return `# Server\r\nrun_id:${runId}\r\nuptime_in_seconds:${uptime}\r\n`;
  }
}
