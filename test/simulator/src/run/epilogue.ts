import type { Lock } from '../core.js';
import { remainingQueues } from '../oracles/left-in-queues.js';
import { livingIn, setOf } from '../server/sharers.js';
import type { Client } from './client.js';
import type { Course } from './course.js';
import type { Deployment } from './deployment.js';
import type { Scene } from './scene.js';

/** Longer than every ttl. In ms. */
const EXPIRED = 45_000;
/** Everybody, one after another, without faults. In ms. */
const LAST_TURNS = 60_000;
/** By then all that a closed process had under way is over. In ms. */
const CLOSED = 15_000;
/** Longer than a queue stays: 50 times the longest `retryDelay`. In ms. */
const QUEUES_EXPIRED = 700_000;
const LAST_TTL = 2000;

/** The end of a run. Without faults everybody gets the lock, one after another, and nothing is left of anybody. */
export class Epilogue {
  readonly #scene: Scene;
  readonly #deployment: Deployment;
  readonly #course: Course;

  constructor(scene: Scene, deployment: Deployment, course: Course) {
    this.#scene = scene;
    this.#deployment = deployment;
    this.#course = course;
  }

  async play(): Promise<void> {
    const { world } = this.#scene;
    const course = this.#course;
    const { clients } = this.#deployment;
    const alive = clients.filter((client) => !client.isGone);
    await course.until(world.now + EXPIRED);
    course.check(() => this.#expectNoKeys());
    let turns = 0;
    for (const client of alive)
      client.process.run(() => void this.#lastTurn(client, () => turns++));
    await course.finish('those who wait', world.now + LAST_TURNS, () => turns === alive.length);
    const closing = clients.filter(({ process }) => !process.crashed);
    for (const client of closing) client.process.run(() => void client.close());
    await course.finish('closing', world.now + CLOSED, () => !this.#isPending());
    await course.until(world.now + CLOSED);
    course.check(() => this.#expectIdle(closing));
    await course.until(world.now + QUEUES_EXPIRED);
    course.check(() => remainingQueues(this.#scene));
  }

  async #lastTurn(client: Client, done: () => void): Promise<void> {
    const scene = this.#scene;
    const wait = scene.waits(client.process, {});
    try {
      const lock = await client.calling('the last acquire', this.#acquire(client));
      scene.waitEnds(wait);
      scene.releasing(scene.handle(client.process, lock));
      await client.calling('the last release', lock.release());
      done();
    } catch (error) {
      scene.fail('progress', String(error));
    }
  }

  #acquire({ redlock }: Client): Promise<Lock> {
    const { resources, semaphore } = this.#scene.plan;
    const options = { wait: Infinity };
    if (!semaphore) return redlock.acquire(resources[0], LAST_TTL, options);
    return redlock.semaphore(semaphore.name, semaphore.permits).acquire(LAST_TTL, options);
  }

  #isPending(): boolean {
    const { clients } = this.#deployment;
    return clients.some(({ process, pending }) => !process.crashed && pending.size > 0);
  }

  #expectNoKeys(): void {
    for (const { name, keyspace } of this.#scene.servers) {
      for (const resource of this.#scene.plan.resources) {
        const token = keyspace.get(resource);
        if (token !== null) this.#scene.fail('expiry', `${token} is still on ${name}`);
        const [member] = livingIn(keyspace, setOf(resource)).keys();
        if (member !== undefined)
          this.#scene.fail('expiry', `${member} is still in ${setOf(resource)} on ${name}`);
      }
    }
  }

  #expectIdle(closed: readonly Client[]): void {
    for (const { process, connections } of closed) {
      if (process.pendingTimers > 0) this.#scene.fail('timers', `${process.name} has timers left`);
      if (connections.every(({ subscriber }) => subscriber.isIdle)) continue;
      this.#scene.fail('timers', `${process.name} has subscriptions left`);
    }
  }
}
