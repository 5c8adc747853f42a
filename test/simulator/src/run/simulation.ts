import { Random } from 'test-kit/random';
import { Adversary } from '../adversary/adversary.js';
import { Job } from '../jobs/job.js';
import { Mailbox } from '../jobs/mailbox.js';
import { oraclesOf } from '../oracles/all.js';
import { leftInQueues } from '../oracles/left-in-queues.js';
import { Panel } from '../oracles/panel.js';
import { remains } from '../oracles/remains.js';
import { quorumOf } from '../plan/assumptions.js';
import { planOf } from '../plan/plan-of.js';
import type { Plan } from '../plan/plan.js';
import { Story } from '../story/story.js';
import { World } from '../world/world.js';
import type { Client } from './client.js';
import { Course } from './course.js';
import { Deployment } from './deployment.js';
import { Epilogue } from './epilogue.js';
import { Scene } from './scene.js';
import { ServerWatch } from './server-watch.js';
import type { Tally } from './tally.js';
import type { Violation } from './violation.js';

/** So long after the faults everybody must be done, in true ms. */
const LONGEST = 900_000;
/** A silent connection is replaced after 10 s: by then everything is cleaned up. In ms. */
const CLEANED_UP = 15_000;

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly digest: string;
  readonly events: number;
  readonly tally: Tally;
  readonly plan: Plan;
  readonly story: Story | null;
}

/** One run of the real core in a world of its own, from one seed: faults, then quiet, then everybody once more. */
export class Simulation {
  readonly #seed: number;
  readonly #scene: Scene;
  readonly #deployment: Deployment;
  readonly #course: Course;
  readonly #mailbox = new Mailbox();
  readonly #jobs = new Map<Job, Client>();

  constructor(seed: number, told = false) {
    this.#seed = seed;
    const world = new World();
    const plan = planOf(seed);
    const scene = new Scene(plan, world, quorumOf(plan.nodes), told ? new Story(world) : null);
    const deployment = new Deployment(seed, scene, (client, random) =>
      this.#employ(client, random),
    );
    this.#scene = scene;
    this.#deployment = deployment;
    this.#course = new Course(scene, deployment);
    scene.panel = new Panel(oraclesOf(scene, deployment));
    scene.servers = deployment.serversFor(new ServerWatch(scene));
  }

  async run(): Promise<Outcome> {
    const { plan, world, tally, story } = this.#scene;
    try {
      await this.#play();
    } catch (error) {
      this.fail('errors', String(error));
    }
    return {
      seed: this.#seed,
      violation: this.#scene.violation,
      digest: world.trace.digest,
      events: world.events,
      tally,
      plan,
      story,
    };
  }

  fail(oracle: string, what: string): void {
    this.#scene.fail(oracle, what);
  }

  async #play(): Promise<void> {
    const scene = this.#scene;
    const { plan, world } = scene;
    const { clients } = this.#deployment;
    const course = this.#course;
    for (let left = plan.clients; left > 0; left--) this.#deployment.start();
    const random = new Random(this.#seed, 2);
    const adversary = new Adversary(scene, random, this.#deployment, this.#mailbox);
    world.at(plan.quietFor, () => adversary.begin());
    await course.finish('the jobs', plan.faultsUntil + LONGEST, () => this.#jobsDone());
    await course.until(Math.max(world.now, plan.faultsUntil) + CLEANED_UP);
    course.check(() => remains(scene, clients));
    course.check(() => leftInQueues(scene, clients));
    await new Epilogue(scene, this.#deployment, course).play();
  }

  /** Gives a process that was just started its jobs. */
  #employ(client: Client, random: Random): void {
    const { plan, world } = this.#scene;
    for (let left = plan.jobs; left > 0; left--) {
      const job = new Job(client, this.#scene, random, this.#mailbox);
      this.#jobs.set(job, client);
      const start = Math.max(world.now, plan.quietFor) + random.between(0, 2 * plan.delay);
      world.at(start, () =>
        client.process.run(() => {
          job.run().catch((error: unknown) => this.fail('errors', String(error)));
        }),
      );
    }
  }

  #jobsDone(): boolean {
    // Until then others may be started for those who are killed.
    if (this.#scene.world.now < this.#scene.plan.faultsUntil) return false;
    for (const [job, { process }] of this.#jobs) if (!job.done && !process.crashed) return false;
    return true;
  }
}
