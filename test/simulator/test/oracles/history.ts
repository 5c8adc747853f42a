import { encode } from '../../../../packages/redlock-core/src/protocol/commands.js';
import { LockKeys, SemaphoreKeys } from '../../../../packages/redlock-core/src/protocol/keys.js';
import {
  acquire,
  release,
  type Entry,
  type Operation,
} from '../../../../packages/redlock-core/src/protocol/operations.js';
import { Random } from 'test-kit/random';
import type { AcquireOptions, Lock } from '../../src/core.js';
import { planOf, type Plan } from '../../src/plan/plan.js';
import type { Client } from '../../src/run/client.js';
import type { Events, Message, Oracle } from '../../src/run/events.js';
import { Scene } from '../../src/run/scene.js';
import type { Violation } from '../../src/run/story.js';
import type { Wait } from '../../src/run/wait.js';
import type { QueueEntry } from '../../src/server/commands.js';
import { Server } from '../../src/server/server.js';
import { Clock } from '../../src/world/clock.js';
import { ClientProcess } from '../../src/world/process.js';
import { World } from '../../src/world/world.js';

/** The window of every waiter, in ms. */
export const WINDOW = 10;

const PERMITS = new SemaphoreKeys('a', '', 2);

/** What one command did to a queue of one node. */
export interface Step {
  readonly operations: readonly Operation[];
  readonly before?: readonly QueueEntry[];
  readonly after?: readonly QueueEntry[];
  /** The values of keys after it. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly queue?: string;
  readonly messages?: readonly Pick<Message, 'channel' | 'text' | 'receivers'>[];
}

/** A history that is made by hand, of three nodes and some processes. One oracle judges it. */
export class History {
  readonly world = new World();
  readonly scene: Scene;
  readonly #server: Server;
  readonly #processes = new Map<string, ClientProcess>();

  /** Processes whose connections are all as they should be. */
  readonly clients: Client[] = [];

  constructor(oracle: (scene: Scene, clients: Client[]) => Oracle, plan: Partial<Plan> = {}) {
    const calm = { ...planOf(1, 'calm'), channels: ['heard', 'heard', 'heard'] as const };
    const quiet = { tail: 0, lag: 0, throws: 0, redirects: 0, mutes: 0, delay: 1, nodes: 3 };
    const rest = { nodeTimeout: 50, resources: ['a', 'b'] as const, semaphore: null };
    const terms = { ...calm, ...quiet, ...rest, ...plan };
    this.scene = new Scene(terms, this.world);
    const clock = (): Clock => new Clock(this.world, 1, 0);
    const server = (name: string): Server =>
      new Server(name, this.world, { clock: clock(), skew: 0, isMute: false }, () => {});
    this.#server = server('n1');
    this.scene.servers = [this.#server, server('n2'), server('n3')];
    this.scene.watch([oracle(this.scene, this.clients)]);
  }

  get violation(): Violation | null {
    return this.scene.violation;
  }

  process(name: string): ClientProcess {
    const clock = (): Clock => new Clock(this.world, 1, 0);
    const known = this.#processes.get(name);
    if (known) return known;
    const clocks = { mono: clock(), wall: clock() };
    const process = new ClientProcess(name, this.world, new Random(1), clocks, () => {});
    this.#processes.set(name, process);
    const connection = { dialer: { isWhole: true, upSince: 0 }, subscriber: { isIdle: true } };
    this.clients.push({ process, connections: [connection] } as unknown as Client);
    return process;
  }

  pass(ms: number): this {
    this.world.step(this.world.now + ms);
    return this;
  }

  emit<E extends keyof Events>(event: E, ...args: Events[E]): this {
    this.scene.emit(event, ...args);
    return this;
  }

  /** A node executes a command. */
  step({
    operations,
    before = [],
    after = [],
    keys = {},
    queue = '{a}:waiting',
    messages = [],
  }: Step): this {
    const server = this.#server;
    const command = commandOf(operations);
    const values = new Map<string, string | null>();
    for (const key of operations.flatMap((each) => [...each.keys.keys, ...each.keys.permitKeys])) {
      values.set(key, server.keyspace.get(key));
      server.keyspace.delete(key);
    }
    for (const [key, value] of Object.entries(keys)) server.keyspace.set(key, value, 1000);
    for (const { channel } of [...before, ...after])
      server.subscribe({ down: { send() {} } } as never, channel, () => {});
    for (const message of messages) this.emit('published', { ...message, server, command });
    server.keyspace.delete(queue);
    for (const { ticket, until } of after)
      server.keyspace.addTo(queue, `${ticket} ${until}`, ticket, until - server.keyspace.now);
    return this.emit('queued', {
      server,
      queue,
      before,
      after,
      keys: values,
      sharers: new Map(),
      command,
    });
  }

  /** A process gives a command to the clients of all nodes. */
  send(name: string, ...operations: readonly Operation[]): this {
    const process = this.process(name);
    const command = commandOf(operations);
    const at = process.mono.read();
    for (const node of this.scene.servers.keys())
      this.emit('called', { process, node, command, at, answeredAt: Infinity });
    return this;
  }

  /** A process is granted a lock. */
  grant(name: string, token: string): this {
    const lock = { token, resources: ['a'], fencingToken: 0, mode: 'exclusive' };
    const holding = this.scene.holdings.add(this.process(name), lock as unknown as Lock, true);
    return this.emit('acquired', holding);
  }

  wait(name: string, options: AcquireOptions = {}, resources: readonly string[] = ['a']): Wait {
    return this.scene.waits(this.process(name), resources, { wait: Infinity, ...options });
  }
}

/** An entry of a queue, 1,000 ms before its end. */
export function entry(ticket: number, more: Partial<QueueEntry> = {}): QueueEntry {
  const channel = `redlock:notify:p${ticket}.1`;
  const rest = { isNotified: false, until: 1000, shares: false, window: WINDOW, permits: 0 };
  return { ticket, channel, ...rest, ...more };
}

/** A request of the waiter with a ticket. */
export function request(
  token: string,
  ticket: number | null,
  terms: { keys?: readonly string[]; entry?: Entry | null; shares?: boolean; permit?: number } = {},
): Operation {
  const { keys = ['a'], entry: entered = null, shares = false, permit } = terms;
  const lockKeys =
    permit === undefined
      ? new LockKeys(keys, true, shares ? 'shared' : 'exclusive')
      : new LockKeys([PERMITS.keyOf(permit)], true, 'exclusive', true, PERMITS);
  const queue = ticket === null ? null : { ticket, ...channelOf(ticket), entry: entered };
  return acquire(lockKeys, token, 1000, 1, queue);
}

/** The release of a lock that was granted to a ticket. */
export function leave(token: string, ticket: number, permit?: number): Operation {
  const keys =
    permit === undefined
      ? new LockKeys(['a'], true)
      : new LockKeys([PERMITS.keyOf(permit)], true, 'exclusive', true, PERMITS);
  return release(keys, token, 1000, { ...channelOf(ticket), tickets: [ticket] });
}

function channelOf(ticket: number): { readonly channel: string } {
  return { channel: `redlock:notify:p${ticket}.1` };
}

function commandOf(operations: readonly Operation[]): readonly string[] {
  const { script, args } = encode(
    operations.map((operation) => [{ operation }]),
    60_000,
    false,
    true,
  );
  return ['eval', script.source, ...args];
}
