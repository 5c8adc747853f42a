import type { Random } from 'test-kit/random';
import { setOf } from '../core.js';
import type { Route } from '../network/stream.js';
import { forgettingLasts, nodesThatMayForget } from '../plan/assumptions.js';
import type { Fault } from '../plan/faults.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { sharersOn } from '../server/sharers.js';
import { Undermining } from './undermining.js';

interface Target {
  readonly client: Client;
  readonly server: Server;
  readonly ms: number;
}

/** How long a process may take to find out that its connection is gone, in ms. */
const NOTICES = [0, 1, 20, 500, Infinity] as const;

/** As a server says that loads its data, runs a slow script, was made a replica or has lost its own. */
const REFUSALS = [
  'LOADING Redis is loading the dataset in memory',
  'BUSY Redis is busy running a script',
  "READONLY You can't write against a read only replica",
  'NOREPLICAS Not enough good replicas to write',
] as const;

/** Before a server that hangs is killed, in ms. */
const LONGEST_HANG = 30;

/** A clock that was set, or that has stood still, is looked at within a second, in ms. */
const NOTICED = 1100;

/** Disturbs nodes, connections, processes and clocks, until its time is over. */
export class Adversary {
  #undermining: Undermining | null = null;

  constructor(
    readonly scene: Scene,
    readonly random: Random,
    readonly deployment: Deployment,
  ) {}

  readonly #faults: Readonly<Record<Fault, (target: Target) => void>> = {
    slow: ({ client, server, ms }) => {
      for (const path of this.#someWays(client, server)) path.slow(ms);
      this.#tell(server, `is slow for ${client.process.name} for ${ms} ms`);
    },

    cut: ({ client, server, ms }) => {
      // Not where a node's clock is so slow that what then comes on a connection given up stays on.
      const long = this.random.chance(0.1) && this.scene.plan.kind !== 'wild' ? 12_000 : ms;
      for (const path of this.#someWays(client, server)) path.block(long);
      this.#tell(server, `is cut off from ${client.process.name} for ${long} ms`);
    },

    reset: ({ client, server }) => {
      const connection = client.connections[this.#indexOf(server)];
      const broken = this.random.chance(0.7) ? connection?.dialer : connection?.subscriber;
      broken?.break(this.random.pick(NOTICES));
      this.#tell(server, `loses its connection to ${client.process.name}`);
    },

    /** A process loses notifications, and not its commands. */
    deafen: ({ client, server, ms }) => {
      this.scene.tally.deafenings++;
      this.#deafen(client, this.random.chance(0.5) ? [server] : this.scene.servers, ms);
    },

    /** A process that is notified crashes, stands still or loses notifications at that moment. */
    ambush: ({ ms }) => {
      const { world } = this.scene;
      this.scene.ambush ??= (name) => world.after(0, () => this.#ambush(name, ms));
    },

    crash: ({ server, ms }) => {
      this.scene.tally.crashes++;
      this.#crash(server, true, ms);
    },

    amnesia: ({ server, ms }) => {
      if (this.random.chance(0.7)) this.#hang(server);
      else this.forget(server, ms);
    },

    undermine: () => this.#undermine(),

    stop: ({ server, ms }) => {
      server.stop();
      this.#tell(server, `stops for ${ms} ms`);
      this.scene.world.after(ms, () => server.resume());
    },

    /** A server answers, but executes nothing that writes. */
    refuse: ({ server, ms }) => {
      if (server.isRefusing) return;
      this.scene.tally.errorSpells++;
      const error = this.random.pick(REFUSALS);
      server.refuse(error);
      this.#tell(server, `answers ${error} for ${ms} ms`);
      this.scene.world.after(ms, () => server.comply());
    },

    expire: ({ server, ms }) => {
      server.setClock(ms);
      this.#tell(server, `has its clock set by ${ms} ms`);
    },

    pause: ({ client, ms }) => this.#pause(client, ms, false),

    /** As its machine goes to sleep: one of its clocks may stand still. */
    suspend: ({ client, ms }) => {
      this.scene.tally.suspensions++;
      this.#pause(client, ms, client.rightClock !== 'mono');
    },

    jump: ({ client: { process, rightClock }, ms }) => {
      this.scene.tally.jumps++;
      const back = rightClock !== 'wall' && this.random.chance(0.6);
      const far = (this.random.chance(0.2) ? 3_600_000 : ms) * (back ? -1 : 1);
      process.wall.jump(far);
      process.calmSince = this.scene.world.now + NOTICED;
      this.#tell(process, `has its wall clock set by ${far} ms`);
      this.scene.clockChanged(process);
    },

    kill: ({ client }) => {
      this.scene.tally.kills++;
      this.#kill(client);
    },

    close: ({ client }) => {
      if (client.isGone) return;
      this.#tell(client.process, 'closes');
      client.process.run(() => void client.close());
    },

    /** A server loses a set of shared holders, as an eviction policy may decide, and not the key beside it. */
    evict: ({ server }) => {
      const { tally, plan, wrong } = this.scene;
      const shared = plan.resources.find((key) => sharersOn(server.keyspace, key).size > 0);
      if (shared === undefined) return;
      tally.evictions++;
      server.keyspace.delete(setOf(shared));
      if (wrong.freesOrphans) server.keyspace.delete(shared);
      this.#tell(server, `loses the set of those who share ${shared}`);
    },
  };

  begin(): void {
    const { world, plan } = this.scene;
    const total = Object.values(plan.faults).reduce((sum, weight) => sum + weight, 0);
    const pause = -Math.log(1 - this.random.next()) * plan.faultEvery;
    if (total === 0 || world.now + pause >= plan.faultsUntil) {
      world.at(plan.faultsUntil, () => this.#end());
      return;
    }
    world.after(pause, () => {
      this.#strike(this.random.weighted(plan.faults));
      this.begin();
    });
  }

  #strike(fault: Fault): void {
    const { plan, world, disturbances, servers } = this.scene;
    const server = this.random.pick(servers as [Server, ...Server[]]);
    const client = this.#clientFor(fault);
    const ms = plan.ttl * this.random.pick([0.05, 0.2, 0.6, 1.2, 2.5]);
    if (fault !== 'ambush') disturbances.note(world.now);
    this.#faults[fault]({ client, server, ms });
  }

  /** Some faults matter most to those who wait. */
  #clientFor(fault: Fault): Client {
    const { clients } = this.deployment;
    const client = this.random.pick(clients as [Client, ...Client[]]);
    if (!['kill', 'pause', 'deafen'].includes(fault) || this.random.chance(0.5)) return client;
    const [waiting] = this.scene.waiting;
    return clients.find(({ process }) => process === waiting?.process) ?? client;
  }

  /** Everything works again, and stays so. */
  #end(): void {
    const { disturbances, world, servers } = this.scene;
    this.scene.tell('', 'no more faults');
    if (disturbances.latest > -Infinity) disturbances.note(world.now);
    for (const client of this.deployment.clients) {
      for (const { up, down, calls } of client.routes)
        for (const path of [up, down, calls]) path.mend();
      this.wake(client);
    }
    for (const server of servers) {
      server.restart();
      server.resume();
      server.comply();
    }
  }

  #undermine(): void {
    const { holdings, servers, tally } = this.scene;
    const holder = this.deployment.clients.find(({ isBesieged }) => isBesieged);
    const holding = holdings.all.findLast(
      ({ believed, first, process }) => believed && first && process === holder?.process,
    );
    const rest = [...servers];
    const [lost] = rest.splice(this.random.integer(0, rest.length - 1), 1);
    const last = rest[this.random.integer(0, rest.length - 1)];
    if (!holding || !holder || !lost || !last || this.#undermining?.isOn) return;
    tally.underminings++;
    this.#tell(lost, `is to vote twice, against ${holding.token}, with ${last.name}`);
    this.#undermining = new Undermining(this, holding, holder.ttl, lost, last);
    this.#undermining.begin();
  }

  #pause(client: Client, ms: number, monoStands: boolean): void {
    if (client.process.paused || client.process.crashed) return;
    this.stall(client, monoStands);
    this.scene.world.after(ms, () => this.wake(client));
  }

  stall({ process }: Client, monoStands: boolean): void {
    if (process.paused || process.crashed) return;
    process.pause();
    if (monoStands) process.mono.stand();
    this.#tell(process, `is paused${monoStands ? ' with its clock' : ''}`);
  }

  wake({ process }: Client): void {
    if (!process.paused || process.crashed) return;
    const { stands } = process.mono;
    process.mono.goOn();
    process.wake();
    if (stands) process.calmSince = this.scene.world.now + NOTICED;
    this.#tell(process, 'wakes');
  }

  #kill(client: Client): void {
    const { process } = client;
    const { plan, holdings, adoptable } = this.scene;
    if (process.crashed) return;
    for (const holding of holdings.all) {
      const { first, detached, released } = holding;
      if (holding.process !== process || !holding.believed || !first || detached || released)
        continue;
      if (this.random.chance(0.5)) adoptable.push(holding);
    }
    client.crash();
    this.#tell(process, 'crashes');
    for (const { dialer, subscriber } of client.connections) {
      dialer.break(Infinity);
      subscriber.dialer.break(Infinity);
    }
    const knowing = plan.faults.amnesia === 0 || plan.quarantine === 'strict';
    if (knowing && this.random.chance(0.7)) this.deployment.replace(client);
  }

  #ambush(name: string, ms: number): void {
    const { clients } = this.deployment;
    const client = clients.find(({ process }) => process.name === name);
    const { world, plan, tally, servers, disturbances } = this.scene;
    if (!client || client.isGone || world.now >= plan.faultsUntil) return;
    tally.ambushes++;
    const how = this.random.weighted({ kill: 1, pause: 2, deafen: plan.faults.deafen });
    disturbances.note(world.now);
    if (how === 'kill' && clients.length > 1) this.#kill(client);
    else if (how === 'deafen') this.#deafen(client, servers, ms);
    else this.#pause(client, ms, false);
  }

  #deafen(client: Client, servers: readonly Server[], ms: number): void {
    const isCut = this.random.chance(0.5);
    for (const server of servers) {
      const index = this.#indexOf(server);
      if (isCut) client.routes[index]?.calls.block(ms);
      else client.connections[index]?.subscriber.break(this.random.pick(NOTICES));
      this.#tell(server, `is not heard by ${client.process.name}`);
    }
  }

  #crash(server: Server, keepsData: boolean, ms: number): void {
    if (server.state === 'crashed') return;
    const streams = new Set(server.crash(keepsData));
    this.#tell(server, keepsData ? 'crashes' : 'crashes and forgets');
    for (const { connections } of this.deployment.clients) {
      for (const { dialer, subscriber } of connections) {
        if (dialer.stream && streams.has(dialer.stream)) dialer.break(this.random.pick(NOTICES));
        const { stream } = subscriber.dialer;
        if (stream && streams.has(stream)) subscriber.break(this.random.pick(NOTICES));
      }
    }
    this.scene.world.after(ms, () => {
      server.restart();
      this.#tell(server, 'is back');
    });
  }

  /** It hangs, is killed and at once back: what was under way is sent again to one that has forgotten. */
  #hang(server: Server): void {
    if (server.state !== 'running') return;
    server.stop();
    this.#tell(server, 'hangs');
    this.scene.world.after(this.random.between(0, LONGEST_HANG), () => {
      // Not if it goes on for another reason.
      if (server.state !== 'stopped') return;
      this.forget(server, this.random.pick([1, 5]));
      server.resume();
    });
  }

  /** A server loses its data, if no more nodes than may forget have forgotten then. */
  forget(server: Server, ms: number): void {
    const { servers, plan, world, tally } = this.scene;
    const since = world.now - forgettingLasts(plan);
    const forgetting = servers.filter((each) => each !== server && each.forgotAt > since);
    if (server.state === 'crashed' || forgetting.length >= nodesThatMayForget(plan.nodes)) return;
    tally.amnesias++;
    this.#crash(server, false, ms);
  }

  #someWays(client: Client, server: Server): readonly Route['up'][] {
    const route = client.routes[this.#indexOf(server)];
    if (!route) return [];
    const { up, down, calls } = route;
    return this.random.pick([[up], [down, calls], [up, down, calls]]);
  }

  #indexOf(server: Server): number {
    return this.scene.servers.indexOf(server);
  }

  #tell({ name }: { readonly name: string }, what: string): void {
    this.scene.tell(name, what);
  }
}
