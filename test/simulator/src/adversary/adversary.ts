import type { Random } from 'test-kit/random';
import type { Mailbox } from '../jobs/mailbox.js';
import type { Fault } from '../plan/faults.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { NetworkFaults } from './network-faults.js';
import { ProcessFaults } from './process-faults.js';
import { ServerFaults } from './server-faults.js';
import { Undermining } from './undermining.js';

/** Hurts nodes, connections, processes and clocks, until its time is over. */
export class Adversary {
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #deployment: Deployment;
  readonly #servers: ServerFaults;
  readonly #network: NetworkFaults;
  readonly #processes: ProcessFaults;
  #undermining: Undermining | null = null;

  constructor(scene: Scene, random: Random, deployment: Deployment, mailbox: Mailbox) {
    this.#scene = scene;
    this.#random = random;
    this.#deployment = deployment;
    this.#servers = new ServerFaults(scene, random, deployment);
    this.#network = new NetworkFaults(scene, random, deployment);
    this.#processes = new ProcessFaults(scene, random, deployment, mailbox);
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
    const { tally, plan, world, disturbances } = this.#scene;
    const server = random.pick(this.#scene.servers as [Server, ...Server[]]);
    const client = this.#clientFor(fault);
    const ms = plan.ttl * random.pick([0.05, 0.2, 0.6, 1.2, 2.5]);
    if (fault !== 'ambush') {
      const isAbsent = fault === 'pause' || fault === 'kill';
      disturbances.add({ at: world.now, absent: isAbsent ? client.process : null });
    }
    switch (fault) {
      case 'slow':
        this.#network.slow(client, server, ms);
        return;
      case 'cut':
        this.#network.cut(client, server, ms);
        return;
      case 'reset':
        this.#network.reset(client, server);
        return;
      case 'deafen':
        tally.deafenings++;
        this.#network.deafen(client, random.chance(0.5) ? [server] : this.#scene.servers, ms);
        return;
      case 'crash':
        tally.crashes++;
        this.#servers.crash(server, true, ms);
        return;
      case 'amnesia':
        if (random.chance(0.7)) this.#servers.hang(server);
        else this.#servers.forget(server, ms);
        return;
      case 'stop':
        this.#servers.stop(server, ms);
        return;
      case 'refuse':
        this.#servers.refuse(server, ms);
        return;
      case 'expire':
        this.#servers.expire(server, ms);
        return;
      case 'pause':
        this.#processes.pause(client, ms, false);
        return;
      case 'suspend':
        tally.suspensions++;
        this.#processes.pause(client, ms, client.rightClock !== 'mono');
        return;
      case 'jump':
        tally.jumps++;
        this.#processes.jump(client, ms);
        return;
      case 'kill':
        tally.kills++;
        this.#processes.kill(client);
        return;
      case 'close':
        this.#processes.close(client);
        return;
      case 'undermine':
        this.#undermine();
        return;
      case 'ambush':
        this.#scene.ambush ??= (name) => world.after(0, () => this.#ambush(name, ms));
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

  /** A process that is called is gone, stands still or is deaf at that moment. */
  #ambush(name: string, ms: number): void {
    const { clients } = this.#deployment;
    const client = clients.find(({ process }) => process.name === name);
    const { world, plan, tally, servers, disturbances } = this.#scene;
    if (!client || client.isGone || world.now >= plan.faultsUntil) return;
    tally.ambushes++;
    const how = this.#random.weighted({ kill: 1, pause: 2, deafen: plan.faults.deafen });
    disturbances.add({ at: world.now, absent: how === 'deafen' ? null : client.process });
    if (how === 'kill' && clients.length > 1) this.#processes.kill(client);
    else if (how === 'deafen') this.#network.deafen(client, servers, ms);
    else this.#processes.pause(client, ms, false);
  }

  #undermine(): void {
    const { clients } = this.#deployment;
    const { holdings, servers, tally, story } = this.#scene;
    const holder = clients.find(({ isBesieged }) => isBesieged);
    const holding = holdings.all.findLast(
      ({ believed, first, process }) => believed && first && process === holder?.process,
    );
    const [lost, last] = this.#two(servers);
    if (!holding || !holder || !lost || !last || this.#undermining?.isOn) return;
    tally.underminings++;
    story?.tell(lost.name, `is to vote twice, against ${holding.token}, with ${last.name}`);
    const ways = {
      random: this.#random,
      clients,
      to: (server: Server, which: (client: Client) => boolean) =>
        clients.filter(which).flatMap((client) => this.#network.pathTo(client, server)),
      forget: (server: Server) => this.#servers.forget(server, 1),
      pause: (client: Client) =>
        this.#processes.stall(client, client.rightClock !== 'mono' && this.#random.chance(0.5)),
      wake: (client: Client) => this.#processes.wake(client),
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

  /** Everything works again, and stays so. */
  #end(): void {
    const { servers, disturbances, world, story } = this.#scene;
    story?.tell('', 'no more faults');
    if (disturbances.all.some(({ absent }) => absent === null)) {
      disturbances.add({ at: world.now, absent: null });
    }
    for (const client of this.#deployment.clients) {
      this.#network.mend(client);
      this.#processes.wake(client);
    }
    for (const server of servers) {
      server.restart();
      server.resume();
      server.comply();
    }
  }
}
