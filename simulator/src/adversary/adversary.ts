import { forgettingLasts, nodesThatMayForget } from '../plan/assumptions.js';
import type { Client } from '../run/client.js';
import type { Mailbox } from '../jobs/mailbox.js';
import type { Path } from '../network/path.js';
import type { Fault } from '../plan/faults.js';
import type { Random } from 'testbed/random';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import type { Deployment } from '../run/deployment.js';
import { Undermining } from './undermining.js';

/** How long a process may take to find out that its connection is gone, in ms. */
const NOTICES = [0, 1, 20, 500, Infinity] as const;

/** As a server says that loads its data, runs a slow script, was made a replica or has lost its own. */
const REFUSALS = [
  'LOADING Redis is loading the dataset in memory',
  'BUSY Redis is busy running a script',
  "READONLY You can't write against a read only replica",
  'NOREPLICAS Not enough good replicas to write',
] as const;

/** A clock that was set, or that has stood still, is looked at within a second, in ms. */
const NOTICED = 1100;

/** Before it is killed, in ms. */
const LONGEST_HANG = 30;

/** Hurts nodes, connections, processes and clocks, until its time is over. */
export class Adversary {
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #deployment: Deployment;
  readonly #mailbox: Mailbox;
  #undermining: Undermining | null = null;

  constructor(scene: Scene, random: Random, deployment: Deployment, mailbox: Mailbox) {
    this.#scene = scene;
    this.#random = random;
    this.#deployment = deployment;
    this.#mailbox = mailbox;
  }

  begin(): void {
    const { world, plan } = this.#scene;
    const total = Object.values(plan.faults).reduce((sum, weight) => sum + weight, 0);
    const pause = -Math.log(1 - this.#random.next()) * plan.faultEvery;
    if (total === 0 || world.now + pause >= plan.faultsUntil) {
      world.at(plan.faultsUntil, () => this.#end());
      return;
    }
    world.after(pause, () => {
      this.#strike(this.#random.weighted(plan.faults));
      this.begin();
    });
  }

  #strike(fault: Fault): void {
    const random = this.#random;

    const { tally, plan } = this.#scene;
    const server = random.pick(this.#scene.servers as [Server, ...Server[]]);
    const client = this.#clientFor(fault);
    const ms = plan.ttl * random.pick([0.05, 0.2, 0.6, 1.2, 2.5]);
    const { process } = client;
    if (fault !== 'ambush') {
      const isAbsent = fault === 'pause' || fault === 'kill';
      this.#scene.disturbances.add({
        at: this.#scene.world.now,
        absent: isAbsent ? process : null,
      });
    }
    switch (fault) {
      case 'slow':
        for (const path of this.#paths(client, server)) path.slow(ms);
        this.#tell(server.name, `is slow for ${client.process.name} for ${ms} ms`);
        return;
      case 'cut': {
        // Not where a node's clock is so slow that what then comes on a connection given up stays on.
        const long = random.chance(0.1) && !plan.wild ? 12_000 : ms;
        for (const path of this.#paths(client, server)) path.block(long);
        this.#tell(server.name, `is cut off from ${client.process.name} for ${long} ms`);
        return;
      }
      case 'reset':
        this.#reset(client, server);
        return;
      case 'crash':
        tally.crashes++;
        this.#crash(server, true, ms);
        return;
      case 'amnesia':
        if (random.chance(0.7)) this.#hang(server);
        else this.#forget(server, ms);
        return;
      case 'undermine':
        this.#undermine();
        return;
      case 'stop':
        server.stop();
        this.#tell(server.name, `stops for ${ms} ms`);
        this.#scene.world.after(ms, () => server.resume());
        return;
      case 'refuse':
        this.#refuse(server, ms);
        return;
      case 'expire':
        server.setClock(ms);
        this.#tell(server.name, `has its clock set by ${ms} ms`);
        return;
      case 'pause':
        this.#pause(client, ms, false);
        return;
      case 'suspend':
        tally.suspensions++;
        this.#pause(client, ms, client.rightClock !== 'mono');
        return;
      case 'jump':
        tally.jumps++;
        this.#jump(client, ms);
        return;
      case 'kill':
        tally.kills++;
        this.#kill(client);
        return;
      case 'close':
        if (client.isGone) return;
        this.#tell(client.process.name, 'closes');
        client.process.run(() => void client.close());
        return;
      case 'deafen':
        tally.deafenings++;
        this.#deafen(client, random.chance(0.5) ? [server] : this.#scene.servers, ms);
        return;
      case 'ambush':
        this.#scene.ambush ??= (name) => this.#scene.world.after(0, () => this.#ambush(name, ms));
    }
  }

  /** Some faults matter most to those who wait. */
  #clientFor(fault: Fault): Client {
    const { clients } = this.#deployment;
    const client = this.#random.pick(clients as [Client, ...Client[]]);
    if (!['kill', 'pause', 'deafen'].includes(fault) || this.#random.chance(0.5)) return client;
    const [waiting] = this.#scene.waiting;
    return clients.find(({ process }) => process === waiting?.process) ?? client;
  }

  /** It loses calls, and not its commands. */
  #deafen(client: Client, servers: readonly Server[], ms: number): void {
    const isCut = this.#random.chance(0.5);
    for (const server of servers) {
      const index = this.#scene.servers.indexOf(server);
      if (isCut) this.#deployment.routes(client)[index]?.calls.block(ms);
      else client.connections[index]?.subscriber.break(this.#random.pick(NOTICES));
      this.#tell(server.name, `is not heard by ${client.process.name}`);
    }
  }

  /** A process that is called is gone, stands still or is deaf at that moment. */
  #ambush(name: string, ms: number): void {
    const client = this.#deployment.clients.find(({ process }) => process.name === name);
    const { world, plan, tally } = this.#scene;
    if (!client || client.isGone || world.now >= plan.faultsUntil) return;
    tally.ambushes++;
    const how = this.#random.weighted({ kill: 1, pause: 2, deafen: plan.faults.deafen });
    this.#scene.disturbances.add({
      at: world.now,
      absent: how === 'deafen' ? null : client.process,
    });
    if (how === 'kill' && this.#deployment.clients.length > 1) this.#kill(client);
    else if (how === 'deafen') this.#deafen(client, this.#scene.servers, ms);
    else this.#pause(client, ms, false);
  }

  /** It answers, but executes nothing that writes. */
  #refuse(server: Server, ms: number): void {
    if (server.isRefusing) return;
    this.#scene.tally.errorSpells++;
    const error = this.#random.pick(REFUSALS);
    server.refuse(error);
    this.#tell(server.name, `answers ${error} for ${ms} ms`);
    this.#scene.world.after(ms, () => server.comply());
  }

  #forget(server: Server, ms: number): void {
    if (!this.#mayForget(server)) return;
    this.#scene.tally.amnesias++;
    this.#crash(server, false, ms);
  }

  /** It hangs, is killed and at once back: what was under way is sent again to one that has forgotten. */
  #hang(server: Server): void {
    if (server.state !== 'running') return;
    server.stop();
    this.#tell(server.name, 'hangs');
    this.#scene.world.after(this.#random.between(0, LONGEST_HANG), () => {
      // Not if it goes on for another reason.
      if (server.state !== 'stopped') return;
      this.#forget(server, this.#random.pick([1, 5]));
      server.resume();
    });
  }

  #undermine(): void {
    const holder = this.#deployment.clients.find(({ isBesieged }) => isBesieged);
    const holding = this.#scene.holdings.all.findLast(
      ({ believed, first, process }) => believed && first && process === holder?.process,
    );
    const [lost, last] = this.#two(this.#scene.servers);
    if (!holding || !holder || !lost || !last || this.#undermining?.isOn) return;
    this.#scene.tally.underminings++;
    this.#tell(lost.name, `is to vote twice, against ${holding.token}, with ${last.name}`);
    const ways = {
      clients: this.#deployment.clients,
      to: (server: Server, which: (client: Client) => boolean) =>
        this.#deployment.clients.filter(which).flatMap((client) => this.#pathTo(client, server)),
      forget: (server: Server) => this.#forget(server, 1),
      pause: (client: Client) =>
        this.#stall(client, client.rightClock !== 'mono' && this.#random.chance(0.5)),
      wake: (client: Client) => this.#wake(client),
    };
    this.#undermining = new Undermining(this.#scene, ways, { holding, ttl: holder.ttl }, [
      lost,
      last,
    ]);
    this.#undermining.begin();
  }

  #two<T>(all: readonly T[]): readonly (T | undefined)[] {
    const rest = [...all];
    const one = rest.splice(this.#random.integer(0, rest.length - 1), 1);
    return [...one, rest[this.#random.integer(0, rest.length - 1)]];
  }

  #mayForget(server: Server): boolean {
    const { servers, plan, world } = this.#scene;
    const since = world.now - forgettingLasts(plan);
    const forgetting = servers.filter((each) => each !== server && each.forgotAt > since);
    return server.state !== 'crashed' && forgetting.length < nodesThatMayForget(plan.nodes);
  }

  /** Everything works again, and stays so. */
  #end(): void {
    this.#tell('', 'no more faults');
    if (this.#scene.disturbances.all.some(({ absent }) => absent === null)) {
      this.#scene.disturbances.add({ at: this.#scene.world.now, absent: null });
    }
    for (const client of this.#deployment.clients) {
      for (const { up, down, calls } of this.#deployment.routes(client)) {
        for (const path of [up, down, calls]) path.mend();
      }
      this.#wake(client);
    }
    for (const server of this.#scene.servers) {
      server.restart();
      server.resume();
      server.comply();
    }
  }

  #pathTo(client: Client, server: Server): readonly Path[] {
    const route = this.#deployment.routes(client)[this.#scene.servers.indexOf(server)];
    return route ? [route.up] : [];
  }

  #paths(client: Client, server: Server): readonly Path[] {
    const route = this.#deployment.routes(client)[this.#scene.servers.indexOf(server)];
    if (!route) return [];
    const { up, down, calls } = route;
    return this.#random.pick([[up], [down, calls], [up, down, calls]]);
  }

  #reset(client: Client, server: Server): void {
    const connection = client.connections[this.#scene.servers.indexOf(server)];
    const broken = this.#random.chance(0.7) ? connection?.dialer : connection?.subscriber;
    broken?.break(this.#random.pick(NOTICES));
    this.#tell(server.name, `loses its connection to ${client.process.name}`);
  }

  #crash(server: Server, keepsData: boolean, ms: number): void {
    if (server.state === 'crashed') return;
    const streams = new Set(server.crash(keepsData));
    this.#tell(server.name, keepsData ? 'crashes' : 'crashes and forgets');
    this.#scene.story?.span(`${server.name} `, 'crashed');
    for (const { connections } of this.#deployment.clients) {
      for (const { dialer, subscriber } of connections) {
        if (dialer.stream && streams.has(dialer.stream)) dialer.break(this.#random.pick(NOTICES));
        const { stream } = subscriber.dialer;
        if (stream && streams.has(stream)) subscriber.break(this.#random.pick(NOTICES));
      }
    }
    this.#scene.world.after(ms, () => {
      server.restart();
      this.#tell(server.name, 'is back');
      this.#scene.story?.span(`${server.name} `, null);
    });
  }

  #pause(client: Client, ms: number, monoStands: boolean): void {
    if (client.process.paused || client.process.crashed) return;
    this.#stall(client, monoStands);
    this.#scene.world.after(ms, () => this.#wake(client));
  }

  /** Until it is woken. */
  #stall({ process }: Client, monoStands: boolean): void {
    if (process.paused || process.crashed) return;
    process.pause();
    if (monoStands) process.mono.stand();
    this.#tell(process.name, `is paused${monoStands ? ' with its clock' : ''}`);
    this.#scene.story?.span(`${process.name} `, 'paused');
  }

  #wake({ process }: Client): void {
    if (!process.paused || process.crashed) return;
    const { stands } = process.mono;
    process.mono.goOn();
    process.wake();
    if (stands) process.calmSince = this.#scene.world.now + NOTICED;
    this.#tell(process.name, 'wakes');
    this.#scene.story?.span(`${process.name} `, null);
  }

  #jump(client: Client, ms: number): void {
    const back = client.rightClock !== 'wall' && this.#random.chance(0.6);
    const far = this.#random.chance(0.2) ? 3_600_000 : ms;
    client.process.wall.jump(back ? -far : far);
    client.process.calmSince = this.#scene.world.now + NOTICED;
    this.#tell(client.process.name, `has its wall clock set by ${back ? -far : far} ms`);
    this.#scene.clockChanged(client.process);
  }

  #kill(client: Client): void {
    const { process } = client;
    const { plan } = this.#scene;
    if (process.crashed) return;
    for (const holding of this.#scene.holdings.all) {
      const { lock, first, detached, released } = holding;
      if (holding.process !== process || !holding.believed || !first || detached || released)
        continue;
      if (this.#random.chance(0.5)) this.#mailbox.put(holding);
      for (const resource of lock.resources) {
        this.#scene.story?.span(`${process.name} ${resource}`, null);
      }
    }
    client.crash();
    this.#tell(process.name, 'crashes');
    for (const { dialer, subscriber } of client.connections) {
      dialer.break(Infinity);
      subscriber.dialer.break(Infinity);
    }
    const knowing = plan.faults.amnesia === 0 || plan.quarantine === 'strict';
    if (knowing && this.#random.chance(0.7)) this.#deployment.replace(client);
  }

  #tell(who: string, what: string): void {
    this.#scene.story?.tell(who, what);
  }
}
