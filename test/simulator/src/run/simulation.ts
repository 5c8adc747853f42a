import { Random } from 'test-kit/random';
import { Adversary } from '../adversary/adversary.js';
import { settled } from '../campaign/settling.js';
import { Caller } from '../jobs/caller.js';
import { work } from '../jobs/jobs.js';
import { AROUND_CORE } from '../mutants/around-core.js';
import { oraclesOf } from '../oracles/all.js';
import { expectIdle, expectNoKeys, remains } from '../oracles/remains.js';
import { remainingQueues } from '../oracles/waiting/queues.js';
import type { Kind } from '../plan/kinds.js';
import { planOf } from '../plan/plan.js';
import { World } from '../world/world.js';
import { bookkeeping } from './bookkeeping.js';
import type { Client } from './client.js';
import { Deployment } from './deployment.js';
import { Scene } from './scene.js';
import type { Report } from './story.js';
import type { Tally } from './tally.js';

/** So long after the faults everybody must be done, in true ms. */
const LONGEST = 900_000;
/** A silent connection is replaced after 10 s: by then everything is cleaned up. In ms. */
const CLEANED_UP = 15_000;
/** Longer than every ttl. In ms. */
const EXPIRED = 45_000;
/** Everybody, one after another, without faults. In ms. */
const LAST_TURNS = 60_000;
const LAST_TTL = 2000;
/** By then all that a closed process had under way is over. In ms. */
const CLOSED = 15_000;
/** Longer than an entry stays: three of the longest polls, or the longest ttl. In ms. */
const QUEUES_EXPIRED = 100_000;
/** A run that is longer goes round in circles. */
const MOST_EVENTS = 150_000;

export interface Outcome {
  readonly report: Report;
  readonly events: number;
  readonly tally: Tally;
}

export interface Terms {
  /** The run is told, not only counted. */
  readonly told: boolean;
  /** The plan is of this kind; by default, of any. */
  readonly kind?: Kind | undefined;
  /** The name of a deliberate mistake. One in the core is compiled into it. */
  readonly mutant?: string | undefined;
  /** Only this oracle judges; by default, all do. */
  readonly oracle?: string | undefined;
}

/** One run of the real core in a world of its own, from one seed: faults, then quiet, then everybody once more. */
export class Simulation {
  readonly #scene: Scene;
  readonly #deployment: Deployment;
  /** Code that has not done with its jobs. */
  readonly #working = new Set<Caller>();

  constructor(
    private readonly seed: number,
    { kind, mutant = '', ...terms }: Terms,
  ) {
    const scene = new Scene(planOf(seed, kind), new World(), AROUND_CORE[mutant], terms);
    this.#scene = scene;
    this.#deployment = new Deployment(seed, scene, (client, random) =>
      this.#employ(client, random),
    );
    scene.watch([bookkeeping(scene), ...oraclesOf(scene, this.#deployment)]);
  }

  async run(): Promise<Outcome> {
    const { plan, world, tally, lines } = this.#scene;
    try {
      await this.#play();
      await this.#end();
    } catch (error) {
      this.fail('errors', String(error));
    }
    const { violation } = this.#scene;
    const { digest } = world.trace;
    const report = { seed: this.seed, violation, digest, plan, lines };
    return { report, events: world.events, tally };
  }

  fail(oracle: string, what: string): void {
    this.#scene.fail(oracle, what);
  }

  async #play(): Promise<void> {
    const scene = this.#scene;
    const { plan, world } = scene;
    const { clients } = this.#deployment;
    for (let left = plan.clients; left > 0; left--) this.#deployment.start();
    const adversary = new Adversary(scene, new Random(this.seed, 2), this.#deployment);
    world.at(plan.quietFor, () => adversary.begin());
    await this.#finish('the jobs', plan.faultsUntil + LONGEST, () => {
      // Until then others may be started for those who are killed.
      if (world.now < plan.faultsUntil) return false;
      return [...this.#working].every(({ client }) => client.process.crashed);
    });
    await this.#until(Math.max(world.now, plan.faultsUntil) + CLEANED_UP);
    this.#check(() => remains(scene, clients));
  }

  #employ(client: Client, random: Random): void {
    const { plan, world } = this.#scene;
    for (let left = plan.jobs; left > 0; left--) {
      const caller = new Caller(client, this.#scene, random);
      this.#working.add(caller);
      const start = Math.max(world.now, plan.quietFor) + random.between(0, 2 * plan.delay);
      const run = (): void => {
        work(caller).then(
          () => this.#working.delete(caller),
          (error: unknown) => this.fail('errors', String(error)),
        );
      };
      world.at(start, () => client.process.run(run));
    }
  }

  /** Without faults everybody gets the lock, one after another, and nothing is left of anybody. */
  async #end(): Promise<void> {
    const scene = this.#scene;
    const { world } = scene;
    const { clients } = this.#deployment;
    const alive = clients.filter((client) => !client.isGone);
    await this.#until(world.now + EXPIRED);
    this.#check(() => expectNoKeys(scene));
    let turns = 0;
    for (const client of alive)
      client.process.run(() => void this.#lastTurn(client, () => turns++));
    await this.#finish('those who wait', world.now + LAST_TURNS, () => turns === alive.length);
    const closing = clients.filter(({ process }) => !process.crashed);
    for (const client of closing) client.process.run(() => void client.close());
    await this.#finish(
      'closing',
      world.now + CLOSED,
      () => !clients.some((each) => !each.process.crashed && each.pending.size > 0),
    );
    await this.#until(world.now + CLOSED);
    this.#check(() => expectIdle(scene, closing));
    await this.#until(world.now + QUEUES_EXPIRED);
    this.#check(() => remainingQueues(scene));
  }

  async #lastTurn(client: Client, done: () => void): Promise<void> {
    const scene = this.#scene;
    const { process, redlock } = client;
    const semaphore = client.semaphore();
    const options = { wait: Infinity };
    const wait = scene.waits(process, client.wanted, options);
    try {
      const acquired = semaphore
        ? semaphore.acquire(LAST_TTL, options)
        : redlock.acquire(scene.plan.resources[0], LAST_TTL, options);
      const lock = await client.calling('the last acquire', acquired);
      scene.waitEnds(wait);
      scene.releasing(scene.handle(process, lock));
      await client.calling('the last release', lock.release());
      done();
    } catch (error) {
      scene.fail('progress', String(error));
    }
  }

  /** Lets the run go on, event by event, until a promise is broken. @param end in true time */
  async #until(end: number, done: () => boolean = () => false): Promise<void> {
    const scene = this.#scene;
    const { world } = scene;
    await settled();
    while (!scene.violation && !done()) {
      if (!world.step(end)) return;
      if (scene.active.size === 0) continue;
      await settled();
      scene.lookAtActive();
      if (world.events > MOST_EVENTS) scene.fail('progress', `more than ${MOST_EVENTS} events`);
    }
  }

  /** As {@link #until}, and it must be done by then. */
  async #finish(what: string, end: number, done: () => boolean): Promise<void> {
    await this.#until(end, done);
    if (this.#scene.violation || done()) return;
    const pending = this.#deployment.clients
      .filter(({ process }) => !process.crashed)
      .flatMap(({ process, pending: calls }) =>
        [...calls.values()].map((call) => `${process.name}: ${call}`),
      );
    this.fail('progress', `${what} did not come to an end: ${pending.join(', ')}`);
  }

  #check(check: () => void): void {
    if (!this.#scene.violation) check();
  }
}
