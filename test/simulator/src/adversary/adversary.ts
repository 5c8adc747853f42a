import type { Random } from 'test-kit/random';
import type { Fault } from '../plan/faults.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { Faults } from './faults.js';

/** Hurts nodes, connections, processes and clocks, until its time is over. */
export class Adversary {
  readonly #faults: Faults;

  constructor(
    private readonly scene: Scene,
    private readonly random: Random,
    private readonly deployment: Deployment,
  ) {
    this.#faults = new Faults(scene, random, deployment);
  }

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

  #end(): void {
    const { disturbances, world } = this.scene;
    this.scene.tell('', 'no more faults');
    if (disturbances.latest > -Infinity) disturbances.note(world.now);
    this.#faults.end();
  }
}
