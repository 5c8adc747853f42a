import { Clock } from '../world/clock.js';
import { rateOf, type RightClock } from '../plan/assumptions.js';
import { Connection } from '../network/connection.js';
import { Redlock, type RedisNode } from '../core.js';
import { ClientProcess } from '../world/process.js';
import type { Random } from 'test-kit/random';
import type { Scene } from './scene.js';
import { EPOCH } from '../server/server.js';
import type { Route } from '../network/stream.js';
import { unreliable } from '../network/unreliable.js';

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
  /** Calls of it that have not settled. */
  readonly pending = new Map<number, string>();
  closed = false;
  /** Crashes at some time: what it holds may be adopted. */
  #calls = 0;

  constructor(name: string, scene: Scene, random: Random, routes: readonly Route[]) {
    const { world, plan } = scene;
    this.isBesieged = plan.siege && name === FIRST;
    this.ttl = plan.ttl * (this.isBesieged ? 1 : random.pick(plan.spread));
    this.sharing = plan.sharing > 0 ? random.pick([0, plan.sharing, plan.sharing, 1]) : 0;
    const mono = new Clock(world, rateOf(plan, random), random.between(0, 1e6));
    const wall = new Clock(world, rateOf(plan, random), EPOCH + random.pick(WALL_OFFSETS));
    this.rightClock = plan.wild ? 'none' : random.pick(['mono', 'wall']);
    this.process = new ClientProcess(name, world, random, { mono, wall }, (process) =>
      scene.activate(process),
    );
    const settings = {
      resends: random.chance(0.6),
      redirects: plan.redirects,
      redirectsUntil: plan.faultsUntil,
    };
    const lazy = random.chance(0.3);
    this.connections = scene.servers.map((server, index) => {
      const route = routes[index];
      if (!route) throw new RangeError('A route for each server');
      const place = { world, random, process: this.process, server, route };
      const refusesChannels = plan.channels[index] === 'refused';
      return new Connection(
        place,
        { ...settings, refusesChannels },
        {
          tally: scene.tally,
          called: (command, reply) => scene.called(this.process, index, command, reply),
          heard: (key) => scene.heard(this.process, index, key),
        },
      );
    });
    const isThrowing = (): boolean => {
      if (world.now >= plan.faultsUntil || !random.chance(plan.throws)) return false;
      scene.tally.throws++;
      return true;
    };
    const nodes = this.connections
      .map((connection, index) =>
        plan.channels[index] === 'none' ? withoutSubscribe(connection) : connection,
      )
      .map((node) => (plan.throws > 0 ? unreliable(node, isThrowing) : node));
    this.redlock = new Redlock(
      nodes,
      {
        driftFactor: plan.driftFactor,
        nodeTimeout: plan.nodeTimeout,
        wait: plan.ttl * 4,
        quarantine: plan.quarantine,
        quarantineTime: plan.quarantineTime,
      },
      this.process,
    );
    this.redlock.on('acquired', ({ lock }) => scene.acquired(this.process, lock));
    this.redlock.on('contended', ({ resources, votes }) => {
      scene.contended(this.process, resources, votes);
    });
    this.redlock.on('nodeQuarantined', () => scene.tally.quarantines++);
    this.redlock.on('extended', ({ lock }) => scene.renewed(lock));
    this.redlock.on('lost', ({ lock }) => scene.lost(lock));
    if (!lazy) for (const connection of this.connections) connection.connect();
  }

  get isGone(): boolean {
    return this.process.crashed || this.closed;
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

  /** Nothing of it reaches anybody any more. It is closed for the sake of our own memory. */
  crash(): void {
    this.process.crashed = true;
    void this.redlock.close();
  }

  close(): Promise<void> {
    this.closed = true;
    return this.calling('close', this.redlock.close());
  }
}

/** A client whose connections cannot subscribe polls. */
function withoutSubscribe(connection: Connection): RedisNode {
  return {
    name: connection.name,
    cluster: connection.cluster,
    get ready() {
      return connection.ready;
    },
    call: (args) => connection.call(args),
    connect: () => connection.connect(),
    onReady: (listener) => connection.onReady(listener),
    reconnect: () => connection.reconnect(),
  };
}
