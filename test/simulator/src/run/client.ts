import type { Random } from 'test-kit/random';
import { RedlockWithRuntime, type Redlock, type Runtime, type Semaphore } from '../core.js';
import { replaced } from '../mutants/wrong.js';
import { adapterOf } from '../network/adapter.js';
import { Connection } from '../network/connection.js';
import type { Route } from '../network/stream.js';
import { rateOf, type RightClock } from '../plan/assumptions.js';
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
  readonly #canSubscribe: boolean;
  /** All Redlocks over its connections that are not closed. */
  readonly #redlocks = new Set<Redlock>();
  #calls = 0;

  constructor(
    name: string,
    private readonly scene: Scene,
    private readonly random: Random,
    routes: readonly Route[],
  ) {
    const { world, plan, wrong } = scene;
    this.isBesieged = (plan.kind === 'siege' || plan.kind === 'stall') && name === FIRST;
    this.ttl = plan.ttl * (this.isBesieged ? 1 : random.pick(plan.spread));
    this.sharing = plan.sharing > 0 ? random.pick([0, plan.sharing, plan.sharing, 1]) : 0;
    this.#canSubscribe = plan.mutes === 0 || !random.chance(plan.mutes);
    const { permits = 0 } = plan.semaphore ?? {};
    this.permits = plan.isMixed ? random.integer(1, permits) : permits + (wrong.morePermits ?? 0);
    const mono = new Clock(world, rateOf(plan, random), random.between(0, 1e6));
    const wall = new Clock(world, rateOf(plan, random), EPOCH + random.pick(WALL_OFFSETS));
    this.rightClock = plan.kind === 'wild' ? 'none' : random.pick(['mono', 'wall']);
    this.process = new ClientProcess(
      name,
      world,
      random,
      { mono, wall, isCoarse: plan.isCoarse },
      (process) => scene.activate(process),
    );
    this.process.canSubscribe = this.#canSubscribe;
    this.connections = this.#connect(routes);
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
    const { plan, wrong } = scene;
    if (this.#redlocks.size > 0) scene.tally.siblings++;
    const nodes = this.connections.map((connection, index) => {
      const canSubscribe = this.#canSubscribe && plan.channels[index] !== 'none';
      const node = adapterOf(connection, { canSubscribe, isThrowing: () => this.#isThrowing() });
      return replaced(node, wrong.node?.(node, scene));
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
    redlock.on('contended', ({ votes }) => scene.contended(votes));
    redlock.on('nodeQuarantined', () => scene.tally.quarantines++);
    redlock.on('extended', ({ lock }) => scene.renewed(lock));
    redlock.on('lost', ({ lock }) => scene.lost(lock));
    this.#redlocks.add(redlock);
    return redlock;
  }

  /** A handle on the semaphore of the run; null: it has none. */
  semaphore(): Semaphore | null {
    const { semaphore } = this.scene.plan;
    return semaphore && this.redlock.semaphore(semaphore.name, this.permits);
  }

  /** What it may be granted: the first resource, or any of the permits that it takes the semaphore to have. */
  get wanted(): readonly string[] {
    const { resources, semaphore } = this.scene.plan;
    return resources.slice(0, semaphore ? this.permits : 1);
  }

  /** Keeps in mind that a call has not settled yet. */
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

  /** Closes one of several Redlocks. */
  closeOne(redlock: Redlock): Promise<void> {
    this.#redlocks.delete(redlock);
    return this.calling('close one', redlock.close());
  }

  #connect(routes: readonly Route[]): readonly Connection[] {
    const { scene, random, process } = this;
    const { world, plan, tally } = scene;
    const settings = {
      resends: random.chance(0.6),
      redirects: plan.redirects,
      redirectsUntil: plan.faultsUntil,
    };
    return scene.servers.map((server, index) => {
      const route = routes[index];
      if (!route) throw new RangeError('A route for each server');
      const place = { world, random, process, server, route };
      const refusesChannels = plan.channels[index] === 'refused';
      return new Connection(
        place,
        { ...settings, refusesChannels },
        {
          tally,
          called: (command, reply) => scene.called(process, index, command, reply),
          heard: (_channel, text) => {
            tally.notificationsHeard++;
            scene.emit('heard', process, index, text);
          },
        },
      );
    });
  }

  #isThrowing(): boolean {
    const { plan, world, tally } = this.scene;
    if (plan.throws === 0 || world.now >= plan.faultsUntil || !this.random.chance(plan.throws))
      return false;
    tally.throws++;
    return true;
  }
}
