import type { Random } from 'test-kit/random';
import {
  RedlockWithRuntime,
  type RedisNode,
  type Redlock,
  type Runtime,
  type Semaphore,
} from '../core.js';
import { replaced } from '../mutants/around-core.js';
import { Connection } from '../network/connection.js';
import type { Route } from '../network/stream.js';
import { rateOf, type RightClock } from '../plan/assumptions.js';
import { operationsIn } from '../server/commands.js';
import { EPOCH } from '../server/server.js';
import { Clock } from '../world/clock.js';
import { ClientProcess } from '../world/process.js';
import type { Scene } from './scene.js';

/** What a wall clock may be off by from the start, in ms. */
const WALL_OFFSETS = [0, 0, 20, 900, 5000, -5000, 86_400_000, -86_400_000] as const;

/** The name of the process that a siege is about. */
const FIRST = 'p1';

/** A process with a Redlock, and its connections to all nodes. */
export class Client {
  readonly process: ClientProcess;
  readonly redlock: Redlock;
  readonly connections: readonly Connection[];
  readonly rightClock: RightClock;
  /** It holds for long what all others want. */
  readonly isBesieged: boolean;
  /** What its ttls are about, in ms. */
  readonly ttl: number;
  /** How often it wants a shared lock: some processes only read, and some only write. */
  readonly sharing: number;
  /** How many permits it takes the semaphore to have. */
  readonly permits: number;
  /** Calls of it that have not settled. */
  readonly pending = new Map<number, string>();
  closed = false;
  readonly #redlocks = new Set<Redlock>();
  #calls = 0;

  constructor(
    name: string,
    private readonly scene: Scene,
    private readonly random: Random,
    readonly routes: readonly Route[],
  ) {
    const { world, plan, wrong, servers } = scene;
    this.isBesieged = (plan.kind === 'siege' || plan.kind === 'stall') && name === FIRST;
    this.ttl = plan.ttl * (this.isBesieged ? 1 : random.pick(plan.spread));
    this.sharing = plan.sharing > 0 ? random.pick([0, plan.sharing, plan.sharing, 1]) : 0;
    const canSubscribe = plan.mutes === 0 || !random.chance(plan.mutes);
    const { permits = 0 } = plan.semaphore ?? {};
    this.permits = plan.isMixed ? random.integer(1, permits) : permits + (wrong.morePermits ?? 0);
    const mono = new Clock(world, rateOf(plan, random), random.between(0, 1e6));
    const wall = new Clock(world, rateOf(plan, random), EPOCH + random.pick(WALL_OFFSETS));
    this.rightClock = plan.kind === 'wild' ? 'none' : random.pick(['mono', 'wall']);
    const clocks = { mono, wall, isCoarse: plan.isCoarse };
    const process = new ClientProcess(name, world, random, clocks, () => scene.active.add(process));
    process.canSubscribe = canSubscribe;
    this.process = process;
    const resends = random.chance(0.6);
    this.connections = routes.map((route, node) => {
      const server = servers[node];
      if (!server) throw new RangeError('A server for each route');
      return new Connection(scene, { world, random, process, server, route }, node, resends);
    });
    const lazy = random.chance(0.3);
    this.redlock = this.another();
    if (!lazy) for (const connection of this.connections) connection.connect();
  }

  get isGone(): boolean {
    return this.process.crashed || this.closed;
  }

  /** A Redlock over the same connections, as a part of a program may make its own. */
  another(): Redlock {
    const { scene, process } = this;
    const { plan, wrong, tally } = scene;
    if (this.#redlocks.size > 0) tally.siblings++;
    const nodes = this.connections.map((connection, index) => {
      const node = this.#adapterOf(connection, index);
      return replaced(node, wrong.node?.(node, scene, operationsIn));
    });
    const redlock = new RedlockWithRuntime(
      nodes,
      {
        driftFactor: plan.driftFactor,
        nodeTimeout: plan.nodeTimeout,
        wait: plan.ttl * 4,
        quarantine: plan.quarantine,
        quarantineTime: plan.quarantineTime,
        ...wrong.options,
      },
      replaced<Runtime>(process, wrong.runtime?.(process)),
    );
    redlock.on('acquired', ({ lock }) => scene.acquired(process, lock));
    redlock.on('contended', ({ votes }) => {
      const results = new Set(votes.map(({ result }) => result));
      tally.contentions++;
      if (results.has('granted') && results.has('denied')) tally.splits++;
    });
    redlock.on('nodeQuarantined', () => tally.quarantines++);
    redlock.on('extended', ({ lock }) => {
      const holding = scene.holdings.of(lock);
      if (holding) scene.emit('renewed', holding);
    });
    redlock.on('lost', ({ lock }) => scene.lost(lock));
    this.#redlocks.add(redlock);
    return redlock;
  }

  /** What an adapter makes of a connection. Its members throw at times. */
  #adapterOf(connection: Connection, index: number): RedisNode {
    const { plan, world, tally } = this.scene;
    const use = (member: string): Connection => {
      const mayThrow = plan.throws > 0 && world.now < plan.faultsUntil;
      if (!mayThrow || !this.random.chance(plan.throws)) return connection;
      tally.throws++;
      throw new Error(`${member} is broken`);
    };
    const subscribe: RedisNode['subscribe'] = (...args) => use('subscribe').subscribe(...args);
    const canSubscribe = this.process.canSubscribe && plan.channels[index] !== 'none';
    return {
      name: connection.name,
      client: connection,
      ...(connection.isCluster && {
        cluster: {
          callMasters: async (args) => [await use('callMasters').call(args)],
          masterOf: () => undefined,
          reconnect: () => use('reconnect').reconnect(),
        },
      }),
      get ready() {
        return use('ready').ready;
      },
      call: (args) => use('call').call(args),
      connect: () => use('connect').connect(),
      onReady: (listener) => use('onReady').onReady(listener),
      reconnect: () => use('reconnect').reconnect(),
      ...(canSubscribe && { subscribe }),
    };
  }

  semaphore(): Semaphore | null {
    const { semaphore } = this.scene.plan;
    return semaphore && this.redlock.semaphore(semaphore.name, this.permits);
  }

  /** What it may be granted: the first resource, or any of the permits that it takes the semaphore to have. */
  get wanted(): readonly string[] {
    const { resources, semaphore } = this.scene.plan;
    return resources.slice(0, semaphore ? this.permits : 1);
  }

  async calling<T>(what: string, call: Promise<T>): Promise<T> {
    const id = this.#calls++;
    this.pending.set(id, what);
    try {
      return await call;
    } finally {
      this.pending.delete(id);
      // Whatever it was, no code of that process goes on.
      if (this.process.crashed) await new Promise(() => {});
    }
  }

  /** Nothing that it sends arrives any more. It is closed for the sake of our own memory. */
  crash(): void {
    this.process.crashed = true;
    for (const redlock of this.#redlocks) void redlock.close();
  }

  close(): Promise<void> {
    this.closed = true;
    const closing = Promise.all([...this.#redlocks].map((redlock) => redlock.close()));
    return this.calling(
      'close',
      closing.then(() => {}),
    );
  }

  closeOne(redlock: Redlock): Promise<void> {
    this.#redlocks.delete(redlock);
    return this.calling('close one', redlock.close());
  }
}
