import type { Random } from 'test-kit/random';
import type { Path } from '../network/path.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { NOTICES } from './notices.js';

/** What happens to connections and to the ways between processes and servers. */
export class NetworkFaults {
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #deployment: Deployment;

  constructor(scene: Scene, random: Random, deployment: Deployment) {
    this.#scene = scene;
    this.#random = random;
    this.#deployment = deployment;
  }

  slow(client: Client, server: Server, ms: number): void {
    for (const path of this.#paths(client, server)) path.slow(ms);
    this.#tell(server.name, `is slow for ${client.process.name} for ${ms} ms`);
  }

  cut(client: Client, server: Server, ms: number): void {
    // Not where a node's clock is so slow that what then comes on a connection given up stays on.
    const long = this.#random.chance(0.1) && !this.#scene.plan.wild ? 12_000 : ms;
    for (const path of this.#paths(client, server)) path.block(long);
    this.#tell(server.name, `is cut off from ${client.process.name} for ${long} ms`);
  }

  reset(client: Client, server: Server): void {
    const connection = client.connections[this.#scene.servers.indexOf(server)];
    const broken = this.#random.chance(0.7) ? connection?.dialer : connection?.subscriber;
    broken?.break(this.#random.pick(NOTICES));
    this.#tell(server.name, `loses its connection to ${client.process.name}`);
  }

  /** It loses calls, and not its commands. */
  deafen(client: Client, servers: readonly Server[], ms: number): void {
    const isCut = this.#random.chance(0.5);
    for (const server of servers) {
      const index = this.#scene.servers.indexOf(server);
      if (isCut) this.#deployment.routes(client)[index]?.calls.block(ms);
      else client.connections[index]?.subscriber.break(this.#random.pick(NOTICES));
      this.#tell(server.name, `is not heard by ${client.process.name}`);
    }
  }

  mend(client: Client): void {
    for (const { up, down, calls } of this.#deployment.routes(client)) {
      for (const path of [up, down, calls]) path.mend();
    }
  }

  pathTo(client: Client, server: Server): readonly Path[] {
    const route = this.#deployment.routes(client)[this.#scene.servers.indexOf(server)];
    return route ? [route.up] : [];
  }

  #paths(client: Client, server: Server): readonly Path[] {
    const route = this.#deployment.routes(client)[this.#scene.servers.indexOf(server)];
    if (!route) return [];
    const { up, down, calls } = route;
    return this.#random.pick([[up], [down, calls], [up, down, calls]]);
  }

  #tell(who: string, what: string): void {
    this.#scene.story?.tell(who, what);
  }
}
