import { Adversary, type Deployment } from '../adversary/adversary.js';
import { nodeRateOf, quorumOf } from '../plan/assumptions.js';
import { Client } from './client.js';
import { Clock } from '../world/clock.js';
import { Job } from '../jobs/job.js';
import { Mailbox } from '../jobs/mailbox.js';
import { Answers } from '../oracles/answers.js';
import { Asking } from '../oracles/asking.js';
import { Calls } from '../oracles/calls.js';
import { Exclusion } from '../oracles/exclusion.js';
import { Footing } from '../oracles/footing.js';
import { LossNotice } from '../oracles/loss-notice.js';
import { NodeOrder } from '../oracles/node-order.js';
import { ReEntry } from '../oracles/re-entry.js';
import { ReleaseProof } from '../oracles/release-proof.js';
import { Repetition } from '../oracles/repetition.js';
import { Queues } from '../oracles/queues.js';
import { leftInQueues, remainingQueues } from '../oracles/left-in-queues.js';
import { Reservations } from '../oracles/reservations.js';
import { Retries } from '../oracles/retries.js';
import { Shares } from '../oracles/shares.js';
import { Survival } from '../oracles/survival.js';
import { Tickets } from '../oracles/tickets.js';
import { TokenOrder } from '../oracles/token-order.js';
import { Turns } from '../oracles/turns.js';
import { Path } from '../network/path.js';
import { planOf, type Plan } from '../plan/plan.js';
import { Random } from 'testbed/random';
import { Scene, type Violation } from './scene.js';
import { EPOCH, Server } from '../server/server.js';
import { settled } from '../campaign/settling.js';
import { Story } from '../story/story.js';
import type { Route } from '../network/stream.js';
import type { Tally } from './tally.js';
import { World } from '../world/world.js';
import { remains } from '../oracles/remains.js';

/** So long after the faults everybody must be done, in true ms. */
const LONGEST = 900_000;
/** A run that is longer goes round in circles. */
const MOST_EVENTS = 150_000;
/** A silent connection is replaced after 10 s: by then everything is cleaned up. In ms. */
const CLEANED_UP = 15_000;
/** Longer than every ttl. In ms. */
const EXPIRED = 45_000;
/** Everybody, one after another, without faults. In ms. */
const EPILOGUE = 60_000;
/** Longer than a queue stays: 50 times the longest `retryDelay`. In ms. */
const QUEUES_EXPIRED = 700_000;
const LAST_TTL = 2000;

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly digest: string;
  readonly events: number;
  readonly tally: Tally;
  readonly plan: Plan;
  readonly story: Story | null;
}

/** One run of the real core in a world of its own, from one seed. */
export class Simulation implements Deployment {
  readonly clients: Client[] = [];
  readonly #seed: number;
  readonly #random: Random;
  readonly #world = new World();
  readonly #scene: Scene;
  readonly #mailbox = new Mailbox();
  readonly #routes = new Map<Client, readonly Route[]>();
  readonly #jobs = new Map<Job, Client>();
  #processes = 0;

  constructor(seed: number, told = false) {
    this.#seed = seed;
    this.#random = new Random(seed);
    const plan = planOf(new Random(seed, 1));
    const story = told ? new Story(this.#world) : null;
    this.#scene = new Scene(plan, this.#world, quorumOf(plan.nodes), story);
    const scene = this.#scene;
    const always = [
      new NodeOrder(scene),
      new LossNotice(scene),
      new Repetition(scene),
      new Queues(scene),
      new Asking(scene, this),
      new Calls(scene),
      new Tickets(scene),
      new Answers(scene, this),
      new ReEntry(scene),
    ];
    const withRightClocks = [
      new Exclusion(scene),
      new TokenOrder(scene),
      new Footing(scene),
      new ReleaseProof(scene),
      new Survival(scene, this),
      new Retries(scene, this),
      new Reservations(scene),
      new Turns(scene, this),
      new Shares(scene, this),
    ];
    scene.oracles = plan.wild ? always : [...always, ...withRightClocks];
    scene.servers = Array.from({ length: plan.nodes }, (_, index) => this.#server(index));
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
    const { plan, world } = this.#scene;
    for (let left = plan.clients; left > 0; left--) this.#start();
    const adversary = new Adversary(this.#scene, new Random(this.#seed, 2), this, this.#mailbox);
    world.at(plan.quietFor, () => adversary.begin());
    await this.#finish('the jobs', plan.faultsUntil + LONGEST, () => this.#jobsDone());
    await this.#until(Math.max(world.now, plan.faultsUntil) + CLEANED_UP);
    this.#check(() => remains(this.#scene, this.clients));
    this.#check(() => leftInQueues(this.#scene, this.clients));
    await this.#epilogue();
  }

  routes(client: Client): readonly Route[] {
    return this.#routes.get(client) ?? [];
  }

  replace(client: Client): void {
    this.clients.splice(this.clients.indexOf(client), 1);
    this.#start();
  }

  #server(index: number): Server {
    const { plan, world } = this.#scene;
    const random = this.#random;
    const clock = new Clock(world, nodeRateOf(plan, random), EPOCH);
    const skew = plan.skew * random.between(-1, 1);
    const isMute = plan.channels[index] === 'mute';
    const isOld = new Random(this.#seed, 500 + index).chance(0.2);
    return new Server(`n${index + 1}`, world, { clock, skew, isMute, isOld }, this.#scene);
  }

  #start(): void {
    const { plan, world } = this.#scene;
    const number = ++this.#processes;
    const random = new Random(this.#seed, 100 + number);
    const path = (delay: number, lag: number): Path =>
      new Path(world, random, { delay, lag }, plan);
    const lagging = random.integer(0, plan.nodes - 1);
    const routes = this.#scene.servers.map((_, index) => {
      const delay = plan.delay * random.pick([0.3, 1, 1, 2]);
      const up = path(delay, index === lagging ? plan.lag : 0);
      return { up, down: path(delay, 0), calls: path(delay, 0) };
    });
    const client = new Client(`p${number}`, this.#scene, random, routes);
    this.clients.push(client);
    this.#routes.set(client, routes);
    for (let left = plan.jobs; left > 0; left--) {
      const job = new Job(client, this.#scene, random, this.#mailbox);
      this.#jobs.set(job, client);
      const start = Math.max(world.now, plan.quietFor) + random.between(0, 2 * plan.delay);
      world.at(start, () =>
        client.process.run(() => {
          job.run().catch((error: unknown) => this.#scene.fail('errors', String(error)));
        }),
      );
    }
  }

  #jobsDone(): boolean {
    // Until then others may be started for those who are killed.
    if (this.#world.now < this.#scene.plan.faultsUntil) return false;
    for (const [job, { process }] of this.#jobs) if (!job.done && !process.crashed) return false;
    return true;
  }

  /** Without faults everybody gets the lock, one after another, and nothing is left of anybody. */
  async #epilogue(): Promise<void> {
    const { world, plan } = this.#scene;
    const alive = this.clients.filter((client) => !client.isGone);
    await this.#until(world.now + EXPIRED);
    this.#check(() => {
      for (const { name, keyspace } of this.#scene.servers) {
        for (const resource of plan.resources) {
          const token = keyspace.get(resource);
          if (token !== null) this.#scene.fail('expiry', `${token} is still on ${name}`);
        }
      }
    });
    let turns = 0;
    for (const client of alive)
      client.process.run(() => void this.#lastTurn(client, () => turns++));
    await this.#finish('those who wait', world.now + EPILOGUE, () => turns === alive.length);
    const closing = this.clients.filter(({ process }) => !process.crashed);
    for (const client of closing) client.process.run(() => void client.close());
    await this.#finish('closing', world.now + CLEANED_UP, () => !this.#pending());
    await this.#until(world.now + CLEANED_UP);
    this.#check(() => {
      for (const { process, connections } of closing) {
        if (process.pendingTimers > 0)
          this.#scene.fail('timers', `${process.name} has timers left`);
        if (connections.every(({ subscriber }) => subscriber.isIdle)) continue;
        this.#scene.fail('timers', `${process.name} has subscriptions left`);
      }
    });
    await this.#until(world.now + QUEUES_EXPIRED);
    this.#check(() => remainingQueues(this.#scene));
  }

  async #lastTurn(client: Client, done: () => void): Promise<void> {
    const wait = this.#scene.waits(client.process, {});
    try {
      const acquire = client.redlock.acquire(this.#scene.plan.resources[0], LAST_TTL, {
        wait: Infinity,
      });
      const lock = await client.calling('the last acquire', acquire);
      this.#scene.waitEnds(wait);
      this.#scene.releasing(this.#scene.handle(client.process, lock));
      await client.calling('the last release', lock.release());
      done();
    } catch (error) {
      this.#scene.fail('progress', String(error));
    }
  }

  #pending(): boolean {
    return this.clients.some(({ process, pending }) => !process.crashed && pending.size > 0);
  }

  #check(check: () => void): void {
    if (!this.#scene.violation) check();
  }

  async #finish(what: string, end: number, done: () => boolean): Promise<void> {
    await this.#until(end, done);
    if (this.#scene.violation || done()) return;
    const pending = this.clients
      .filter(({ process }) => !process.crashed)
      .flatMap((client) =>
        [...client.pending.values()].map((call) => `${client.process.name}: ${call}`),
      );
    this.#scene.fail('progress', `${what} did not come to an end: ${pending.join(', ')}`);
  }

  async #until(end: number, done: () => boolean = () => false): Promise<void> {
    const world = this.#world;
    const scene = this.#scene;
    await settled();
    while (!scene.violation && !done() && world.step(end)) {
      if (!scene.active) continue;
      await settled();
      scene.lookAtActive();
      if (world.events > MOST_EVENTS) scene.fail('progress', `more than ${MOST_EVENTS} events`);
    }
  }
}
