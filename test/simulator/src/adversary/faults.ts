import type { Random } from 'test-kit/random';
import type { Path } from '../network/path.js';
import { forgettingLasts, nodesThatMayForget } from '../plan/assumptions.js';
import type { Fault } from '../plan/faults.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import { setOf } from '../core.js';
import type { Server } from '../server/server.js';
import { sharersOn } from '../server/sharers.js';
import { Undermining } from './undermining.js';

/** Whom a fault hurts, and for how long. */
export interface Target {
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

/** What each fault does, and how it ends. */
export class Faults implements Readonly<Record<Fault, (target: Target) => void>> {
  #undermining: Undermining | null = null;

  constructor(
    private readonly scene: Scene,
    private readonly random: Random,
    private readonly deployment: Deployment,
  ) {}

  slow({ client, server, ms }: Target): void {
    for (const path of this.#someWays(client, server)) path.slow(ms);
    this.#tell(server, `is slow for ${client.process.name} for ${ms} ms`);
  }

  cut({ client, server, ms }: Target): void {
    // Not where a node's clock is so slow that what then comes on a connection given up stays on.
    const long = this.random.chance(0.1) && this.scene.plan.kind !== 'wild' ? 12_000 : ms;
    for (const path of this.#someWays(client, server)) path.block(long);
    this.#tell(server, `is cut off from ${client.process.name} for ${long} ms`);
  }

  reset({ client, server }: Target): void {
    const connection = client.connections[this.#indexOf(server)];
    const broken = this.random.chance(0.7) ? connection?.dialer : connection?.subscriber;
    broken?.break(this.random.pick(NOTICES));
    this.#tell(server, `loses its connection to ${client.process.name}`);
  }

  /** A process loses notifications, and not its commands. */
  deafen({ client, server, ms }: Target): void {
    this.scene.tally.deafenings++;
    this.#deafen(client, this.random.chance(0.5) ? [server] : this.scene.servers, ms);
  }

  /** A process that is notified is gone, stands still or is deaf at that moment. */
  ambush({ ms }: Target): void {
    const { world } = this.scene;
    this.scene.ambush ??= (name) => world.after(0, () => this.#ambush(name, ms));
  }

  crash({ server, ms }: Target): void {
    this.scene.tally.crashes++;
    this.#crash(server, true, ms);
  }

  amnesia({ server, ms }: Target): void {
    if (this.random.chance(0.7)) this.#hang(server);
    else this.#forget(server, ms);
  }

  undermine(): void {
    const { clients } = this.deployment;
    const { holdings, servers, tally } = this.scene;
    const holder = clients.find(({ isBesieged }) => isBesieged);
    const holding = holdings.all.findLast(
      ({ believed, first, process }) => believed && first && process === holder?.process,
    );
    const [lost, last] = this.#two(servers);
    if (!holding || !holder || !lost || !last || this.#undermining?.isOn) return;
    tally.underminings++;
    this.#tell(lost, `is to vote twice, against ${holding.token}, with ${last.name}`);
    const ways = {
      random: this.random,
      clients,
      to: (server: Server, which: (client: Client) => boolean) =>
        clients.filter(which).flatMap((client) => this.#wayTo(client, server)),
      forget: (server: Server) => this.#forget(server, 1),
      pause: (client: Client) =>
        this.#stall(client, client.rightClock !== 'mono' && this.random.chance(0.5)),
      wake: (client: Client) => this.wake(client),
    };
    const victim = { holding, ttl: holder.ttl };
    this.#undermining = new Undermining(this.scene, ways, victim, [lost, last]);
    this.#undermining.begin();
  }

  stop({ server, ms }: Target): void {
    server.stop();
    this.#tell(server, `stops for ${ms} ms`);
    this.scene.world.after(ms, () => server.resume());
  }

  /** A server answers, but executes nothing that writes. */
  refuse({ server, ms }: Target): void {
    if (server.isRefusing) return;
    this.scene.tally.errorSpells++;
    const error = this.random.pick(REFUSALS);
    server.refuse(error);
    this.#tell(server, `answers ${error} for ${ms} ms`);
    this.scene.world.after(ms, () => server.comply());
  }

  /** The keys of a server expire too early. */
  expire({ server, ms }: Target): void {
    server.setClock(ms);
    this.#tell(server, `has its clock set by ${ms} ms`);
  }

  pause({ client, ms }: Target): void {
    this.#pause(client, ms, false);
  }

  /** As its machine goes to sleep: one of its clocks may stand still. */
  suspend({ client, ms }: Target): void {
    this.scene.tally.suspensions++;
    this.#pause(client, ms, client.rightClock !== 'mono');
  }

  jump({ client, ms }: Target): void {
    this.scene.tally.jumps++;
    const back = client.rightClock !== 'wall' && this.random.chance(0.6);
    const far = this.random.chance(0.2) ? 3_600_000 : ms;
    client.process.wall.jump(back ? -far : far);
    client.process.calmSince = this.scene.world.now + NOTICED;
    this.#tell(client.process, `has its wall clock set by ${back ? -far : far} ms`);
    this.scene.clockChanged(client.process);
  }

  kill({ client }: Target): void {
    this.scene.tally.kills++;
    this.#kill(client);
  }

  close({ client }: Target): void {
    if (client.isGone) return;
    this.#tell(client.process, 'closes');
    client.process.run(() => void client.close());
  }

  /** A server loses a set of shared holders, as an eviction policy may decide, and not the key beside it. */
  evict({ server }: Target): void {
    const { tally, plan } = this.scene;
    const shared = plan.resources.find((key) => sharersOn(server.keyspace, key).size > 0);
    if (shared === undefined) return;
    tally.evictions++;
    server.keyspace.delete(setOf(shared));
    if (this.scene.wrong.freesOrphans) server.keyspace.delete(shared);
    this.#tell(server, `loses the set of those who share ${shared}`);
  }

  /** Everything works again, and stays so. */
  end(): void {
    for (const client of this.deployment.clients) {
      for (const { up, down, calls } of this.deployment.routes(client))
        for (const path of [up, down, calls]) path.mend();
      this.wake(client);
    }
    for (const server of this.scene.servers) {
      server.restart();
      server.resume();
      server.comply();
    }
  }

  wake({ process }: Client): void {
    if (!process.paused || process.crashed) return;
    const { stands } = process.mono;
    process.mono.goOn();
    process.wake();
    if (stands) process.calmSince = this.scene.world.now + NOTICED;
    this.#tell(process, 'wakes', null);
  }

  #pause(client: Client, ms: number, monoStands: boolean): void {
    if (client.process.paused || client.process.crashed) return;
    this.#stall(client, monoStands);
    this.scene.world.after(ms, () => this.wake(client));
  }

  /** Until it is woken. */
  #stall({ process }: Client, monoStands: boolean): void {
    if (process.paused || process.crashed) return;
    process.pause();
    if (monoStands) process.mono.stand();
    this.#tell(process, `is paused${monoStands ? ' with its clock' : ''}`, 'paused');
  }

  #kill(client: Client): void {
    const { process } = client;
    const { plan, holdings, adoptable, story } = this.scene;
    if (process.crashed) return;
    for (const holding of holdings.all) {
      const { lock, first, detached, released } = holding;
      if (holding.process !== process || !holding.believed || !first || detached || released)
        continue;
      if (this.random.chance(0.5)) adoptable.push(holding);
      for (const resource of lock.resources) story?.span(`${process.name} ${resource}`, null);
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
      if (isCut) this.deployment.routes(client)[index]?.calls.block(ms);
      else client.connections[index]?.subscriber.break(this.random.pick(NOTICES));
      this.#tell(server, `is not heard by ${client.process.name}`);
    }
  }

  #crash(server: Server, keepsData: boolean, ms: number): void {
    if (server.state === 'crashed') return;
    const streams = new Set(server.crash(keepsData));
    this.#tell(server, keepsData ? 'crashes' : 'crashes and forgets', 'crashed');
    for (const { connections } of this.deployment.clients) {
      for (const { dialer, subscriber } of connections) {
        if (dialer.stream && streams.has(dialer.stream)) dialer.break(this.random.pick(NOTICES));
        const { stream } = subscriber.dialer;
        if (stream && streams.has(stream)) subscriber.break(this.random.pick(NOTICES));
      }
    }
    this.scene.world.after(ms, () => {
      server.restart();
      this.#tell(server, 'is back', null);
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
      this.#forget(server, this.random.pick([1, 5]));
      server.resume();
    });
  }

  /** If no more nodes than may forget have forgotten then. */
  #forget(server: Server, ms: number): void {
    const { servers, plan, world, tally } = this.scene;
    const since = world.now - forgettingLasts(plan);
    const forgetting = servers.filter((each) => each !== server && each.forgotAt > since);
    if (server.state === 'crashed' || forgetting.length >= nodesThatMayForget(plan.nodes)) return;
    tally.amnesias++;
    this.#crash(server, false, ms);
  }

  #wayTo(client: Client, server: Server): readonly Path[] {
    const route = this.deployment.routes(client)[this.#indexOf(server)];
    return route ? [route.up] : [];
  }

  #someWays(client: Client, server: Server): readonly Path[] {
    const route = this.deployment.routes(client)[this.#indexOf(server)];
    if (!route) return [];
    const { up, down, calls } = route;
    return this.random.pick([[up], [down, calls], [up, down, calls]]);
  }

  #two<T>(all: readonly T[]): readonly (T | undefined)[] {
    const rest = [...all];
    const one = rest.splice(this.random.integer(0, rest.length - 1), 1);
    return [...one, rest[this.random.integer(0, rest.length - 1)]];
  }

  #indexOf(server: Server): number {
    return this.scene.servers.indexOf(server);
  }

  /** @param state what the row of a server or a process shows from now on in a picture; null: nothing */
  #tell({ name }: { readonly name: string }, what: string, state?: string | null): void {
    this.scene.tell(name, what);
    if (state !== undefined) this.scene.story?.span(`${name} `, state);
  }
}
