import type { Random } from 'test-kit/random';
import type { Mailbox } from '../jobs/mailbox.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';

/** A clock that was set, or that has stood still, is looked at within a second, in ms. */
const NOTICED = 1100;

/** What happens to processes and to their clocks. */
export class ProcessFaults {
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #deployment: Deployment;
  readonly #mailbox: Mailbox;

  constructor(scene: Scene, random: Random, deployment: Deployment, mailbox: Mailbox) {
    this.#scene = scene;
    this.#random = random;
    this.#deployment = deployment;
    this.#mailbox = mailbox;
  }

  pause(client: Client, ms: number, monoStands: boolean): void {
    if (client.process.paused || client.process.crashed) return;
    this.stall(client, monoStands);
    this.#scene.world.after(ms, () => this.wake(client));
  }

  /** Until it is woken. */
  stall({ process }: Client, monoStands: boolean): void {
    if (process.paused || process.crashed) return;
    process.pause();
    if (monoStands) process.mono.stand();
    this.#tell(process.name, `is paused${monoStands ? ' with its clock' : ''}`);
    this.#scene.story?.span(`${process.name} `, 'paused');
  }

  wake({ process }: Client): void {
    if (!process.paused || process.crashed) return;
    const { stands } = process.mono;
    process.mono.goOn();
    process.wake();
    if (stands) process.calmSince = this.#scene.world.now + NOTICED;
    this.#tell(process.name, 'wakes');
    this.#scene.story?.span(`${process.name} `, null);
  }

  jump(client: Client, ms: number): void {
    const back = client.rightClock !== 'wall' && this.#random.chance(0.6);
    const far = this.#random.chance(0.2) ? 3_600_000 : ms;
    client.process.wall.jump(back ? -far : far);
    client.process.calmSince = this.#scene.world.now + NOTICED;
    this.#tell(client.process.name, `has its wall clock set by ${back ? -far : far} ms`);
    this.#scene.clockChanged(client.process);
  }

  kill(client: Client): void {
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

  close(client: Client): void {
    if (client.isGone) return;
    this.#tell(client.process.name, 'closes');
    client.process.run(() => void client.close());
  }

  #tell(who: string, what: string): void {
    this.#scene.story?.tell(who, what);
  }
}
