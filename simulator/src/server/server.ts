import {
  findProgram,
  isNativeGrant,
  keyRange,
  Keyspace,
  runCommand,
  type Program,
} from '../core.js';
import type { Clock } from '../world/clock.js';
import { isQueue } from '../run/queue-member.js';
import type { Stream } from '../network/stream.js';
import type { World } from '../world/world.js';

/** What a command did to the key of a resource on one server. */
export interface Change {
  readonly server: Server;
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly command: readonly string[];
}

/** What a command did to the queue of a resource on one server. */
export interface QueueChange {
  readonly server: Server;
  readonly queue: string;
  /** The members, by their tickets. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly command: readonly string[];
}

/** What a server has published while it executed a command. */
export interface Message {
  readonly server: Server;
  readonly channel: string;
  readonly text: string;
  readonly receivers: number;
  readonly command: readonly string[];
}

/** The year 2026, in ms since 1970. */
export const EPOCH = 1_767_225_600_000;

/** How long servers have been up when a run begins, in ms. */
const LONG_UP = 1e9;

/** A witness is told what a server does. */
export interface Witness {
  executed(command: readonly string[]): void;
  changed(change: Change): void;
  /** Told before {@link changed}. */
  queued(change: QueueChange): void;
  /** Told before {@link queued}. */
  published(message: Message): void;
}

type Deliver = (message: string) => void;

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
  state: 'running' | 'stopped' | 'crashed' = 'running';
  keyspace: Keyspace;
  /** Since when it does what it is asked, unless it does not, in true time. */
  calmSince = 0;
  /** When it last lost its data, in true time. */
  forgotAt = -Infinity;
  /** What it answers to every command that writes, for the time being. */
  #refusal: string | null = null;
  readonly #world: World;
  readonly #clock: Clock;
  readonly #skew: number;
  readonly #witness: Witness;
  readonly #isOld: boolean;
  #run = 1;
  #startedAt = 0;
  readonly #programs = new Set<Program>();
  #inbox: (() => void)[] = [];
  #streams = new Set<Stream>();
  #channels = new Map<string, Map<Stream, Deliver>>();
  readonly #isMute: boolean;

  constructor(
    name: string,
    world: World,
    { clock, skew, isMute, isOld }: ServerTraits,
    witness: Witness,
  ) {
    this.name = name;
    this.#world = world;
    this.#clock = clock;
    this.#skew = skew;
    this.#witness = witness;
    this.#isMute = isMute;
    this.#isOld = isOld;
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
  execute(args: readonly string[]): unknown {
    const [name = '', code = ''] = args;
    const program = findProgram(code);
    switch (name.toLowerCase()) {
      case 'info':
        return this.#info();
      case 'evalsha':
        if (this.#refusal) return new Error(this.#refusal);
        if (!program || !this.#programs.has(program))
          return new Error('NOSCRIPT No matching script.');
        break;
      case 'eval':
        if (!program) return new Error('ERR not the script of redlock-core');
        if (this.#refusal) return new Error(this.#refusal);
        this.#programs.add(program);
        break;
      case 'set':
        if (this.#isOld || !isNativeGrant(args)) return new Error('ERR syntax error');
        if (this.#refusal) return new Error(this.#refusal);
        break;
      default:
        return new Error(`ERR unknown command ${name}`);
    }
    this.#witness.executed(args);
    const { start, end } = keyRange(args);
    const keys = args.slice(start, end);
    const before = keys.map((key) => (isQueue(key) ? null : this.keyspace.get(key)));
    const queues = keys.filter((key, index) => isQueue(key) && keys.indexOf(key) === index);
    const queued = queues.map((queue) => this.membersOf(queue));
    const reply = runCommand(this.keyspace, args, (channel, message) =>
      this.#publish(channel, message, args),
    );
    for (const [index, queue] of queues.entries()) {
      const change = {
        server: this,
        queue,
        before: queued[index] ?? [],
        after: this.membersOf(queue),
        command: args,
      };
      if (change.before.length + change.after.length > 0) this.#witness.queued(change);
    }
    for (const [index, key] of keys.entries()) {
      // Operations of one command may have a key in common.
      if (isQueue(key) || keys.indexOf(key) !== index) continue;
      const change = {
        server: this,
        key,
        before: before[index] ?? null,
        after: this.keyspace.get(key),
        command: args,
      };
      this.#witness.changed(change);
    }
    return reply;
  }

  /** The members of a queue, by their tickets. */
  membersOf(queue: string): readonly string[] {
    return this.keyspace.sortedSet(queue)?.members ?? [];
  }

  /** Whether a connection listens to a channel, as far as the server knows. */
  hasReceiver(channel: string): boolean {
    return !this.#isMute && (this.#channels.get(channel)?.size ?? 0) > 0;
  }

  subscribe(stream: Stream, channel: string, deliver: Deliver): void {
    const told = this.#channels.get(channel) ?? new Map<Stream, Deliver>();
    this.#channels.set(channel, told.set(stream, deliver));
  }

  unsubscribe(stream: Stream, channel: string): void {
    this.#channels.get(channel)?.delete(stream);
  }

  forget(stream: Stream): void {
    this.#streams.delete(stream);
    for (const told of this.#channels.values()) told.delete(stream);
  }

  stop(): void {
    if (this.state === 'running') this.state = 'stopped';
  }

  /** Executes what has arrived meanwhile. */
  resume(): void {
    if (this.state !== 'stopped') return;
    this.state = 'running';
    this.calmSince = this.#world.now;
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
    this.#channels.clear();
    this.#programs.clear();
    if (!keepsData) {
      this.keyspace = this.#emptyKeyspace();
      this.forgotAt = this.#world.now;
    }
    return streams;
  }

  restart(): void {
    if (this.state !== 'crashed') return;
    this.state = 'running';
    this.calmSince = this.#world.now;
    this.#run++;
    this.#startedAt = this.#clock.read();
  }

  get hasRestarted(): boolean {
    return this.#run > 1;
  }

  get isRefusing(): boolean {
    return this.#refusal !== null;
  }

  refuse(error: string): void {
    this.#refusal = error;
    this.calmSince = Infinity;
  }

  comply(): void {
    this.#refusal = null;
    this.calmSince = this.#world.now;
  }

  /** Forward: keys expire too early. */
  setClock(ms: number): void {
    this.#clock.jump(ms);
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

  #publish(channel: string, message: string, command: readonly string[]): number {
    // The twin of the script has no refusals. That nobody receives anything comes to the same: nobody is called.
    const told = this.#isMute ? undefined : this.#channels.get(channel);
    const receivers = told?.size ?? 0;
    for (const [stream, deliver] of told ?? []) stream.down.send(() => deliver(message));
    this.#world.trace.number(receivers);
    this.#witness.published({ server: this, channel, text: message, receivers, command });
    return receivers;
  }

  #info(): string {
    const uptime = Math.floor((this.#clock.read() - this.#startedAt) / 1000);
    const runId = `${this.name}${this.#run}`.padEnd(40, '0');
    return `# Server\r\nrun_id:${runId}\r\nuptime_in_seconds:${uptime}\r\n`;
  }
}
