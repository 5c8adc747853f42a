import type { Random } from 'test-kit/random';
import { forgettingLasts, nodesThatMayForget } from '../plan/assumptions.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { NOTICES } from './notices.js';

/** As a server says that loads its data, runs a slow script, was made a replica or has lost its own. */
const REFUSALS = [
  'LOADING Redis is loading the dataset in memory',
  'BUSY Redis is busy running a script',
  "READONLY You can't write against a read only replica",
  'NOREPLICAS Not enough good replicas to write',
] as const;

/** Before it is killed, in ms. */
const LONGEST_HANG = 30;

/** What happens to servers. */
export class ServerFaults {
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #deployment: Deployment;

  constructor(scene: Scene, random: Random, deployment: Deployment) {
    this.#scene = scene;
    this.#random = random;
    this.#deployment = deployment;
  }

  crash(server: Server, keepsData: boolean, ms: number): void {
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

  forget(server: Server, ms: number): void {
    if (!this.#mayForget(server)) return;
    this.#scene.tally.amnesias++;
    this.crash(server, false, ms);
  }

  /** It hangs, is killed and at once back: what was under way is sent again to one that has forgotten. */
  hang(server: Server): void {
    if (server.state !== 'running') return;
    server.stop();
    this.#tell(server.name, 'hangs');
    this.#scene.world.after(this.#random.between(0, LONGEST_HANG), () => {
      // Not if it goes on for another reason.
      if (server.state !== 'stopped') return;
      this.forget(server, this.#random.pick([1, 5]));
      server.resume();
    });
  }

  stop(server: Server, ms: number): void {
    server.stop();
    this.#tell(server.name, `stops for ${ms} ms`);
    this.#scene.world.after(ms, () => server.resume());
  }

  /** It answers, but executes nothing that writes. */
  refuse(server: Server, ms: number): void {
    if (server.isRefusing) return;
    this.#scene.tally.errorSpells++;
    const error = this.#random.pick(REFUSALS);
    server.refuse(error);
    this.#tell(server.name, `answers ${error} for ${ms} ms`);
    this.#scene.world.after(ms, () => server.comply());
  }

  /** Its keys expire too early. */
  expire(server: Server, ms: number): void {
    server.setClock(ms);
    this.#tell(server.name, `has its clock set by ${ms} ms`);
  }

  #mayForget(server: Server): boolean {
    const { servers, plan, world } = this.#scene;
    const since = world.now - forgettingLasts(plan);
    const forgetting = servers.filter((each) => each !== server && each.forgotAt > since);
    return server.state !== 'crashed' && forgetting.length < nodesThatMayForget(plan.nodes);
  }

  #tell(who: string, what: string): void {
    this.#scene.story?.tell(who, what);
  }
}
