import { asksFor, encodedIn, isTry } from '../commands/operations.js';
import { calledBy, isReservation, memberOf, processOf } from '../commands/queue-member.js';
import type { EncodedOperation } from '../core.js';
import type { Call, Oracle } from './oracle.js';
import type { Scene } from '../run/scene.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import { queuesOf } from '../commands/queue-name.js';
import type { Holding } from '../run/holding.js';
import type { ClientProcess } from '../world/process.js';
import { Promptness } from './promptness.js';

/** A process has heard that a node keeps a key for it, and has neither asked for the key since nor given it up. */
interface OpenCall {
  readonly node: number;
  readonly key: string;
  /** In true time. */
  readonly at: number;
  /** Whether the node kept the key when that was heard. By then, a try may have taken what was reserved. */
  readonly isKept: boolean;
}

/**
 * A process that is called and wants nothing any more tells the node at once, so that the next one is called. So does a
 * process that was called for a permit and has another one. A process that waits, and for which a quorum of nodes keeps
 * the key, asks at once: nobody else can have the lock meanwhile.
 */
export class Answers implements Oracle {
  readonly #scene: Scene;
  readonly #deployment: Pick<Deployment, 'clients' | 'routes'>;
  readonly #promptness: Promptness;
  /** Whether all who wait want the same lock. */
  readonly #isOneLock: boolean;
  readonly #open = new Map<ClientProcess, readonly OpenCall[]>();
  /** The commands that are not answered. */
  readonly #underWay = new Set<Call>();
  /** For how many ms a key is reserved for each process. */
  readonly #reservations = new Map<ClientProcess, number>();

  constructor(scene: Scene, deployment: Pick<Deployment, 'clients' | 'routes'>) {
    this.#scene = scene;
    this.#deployment = deployment;
    this.#promptness = new Promptness(scene, deployment);
    const { resources, semaphore } = scene.plan;
    this.#isOneLock = semaphore === null && queuesOf(resources).length === 1;
  }

  lost({ process }: Holding): void {
    this.#promptness.lost(process);
  }

  heard(process: ClientProcess, node: number, key: string): void {
    // The try takes what is reserved.
    const isAsking = this.#underWayOf(process).some(
      (each) => each.node === node && asksFor(each.command, key),
    );
    if (isAsking) return;
    const isKept = this.#isReserved(process, node, key);
    const call = { node, key, at: this.#scene.world.now, isKept };
    this.#open.set(process, [...this.#openOf(process), call]);
    this.#remind(process);
  }

  ended(process: ClientProcess): void {
    this.#remind(process);
  }

  called(call: Call): void {
    const { process, node, command } = call;
    this.#underWay.add(call);
    for (const operation of encodedIn(command)) {
      const [entry = ''] = operation.entries;
      if (entry.includes(':called:')) this.#reservations.set(process, calledBy(memberOf(entry)).ms);
      const { keys } = operation;
      const isAnswered = (each: OpenCall): boolean =>
        keys.includes(each.key) && (isTry(operation) || (each.node === node && isLeave(operation)));
      const open = this.#openOf(process);
      if (!open.some(isAnswered)) continue;
      this.#open.set(
        process,
        open.filter((each) => !isAnswered(each)),
      );
    }
  }

  answered(call: Call): void {
    this.#underWay.delete(call);
    const { world, reminders } = this.#scene;
    if (this.#openOf(call.process).length === 0) return;
    reminders.add(world.now, () => {
      const client = this.#clientOf(call.process);
      if (client && this.#waits(client)) this.#judgeWaiting(client);
    });
  }

  #openOf(process: ClientProcess): readonly OpenCall[] {
    return this.#open.get(process) ?? [];
  }

  #underWayOf(process: ClientProcess): readonly Call[] {
    return [...this.#underWay].filter((each) => each.process === process);
  }

  /** The process has until the end of this moment. */
  #remind(process: ClientProcess): void {
    const { world, reminders } = this.#scene;
    if (this.#openOf(process).length > 0) reminders.add(world.now, () => this.#judge(process));
  }

  #judge(process: ClientProcess): void {
    const { world, disturbances, servers } = this.#scene;
    const client = this.#clientOf(process);
    if (!client) return;
    if (this.#waits(client)) {
      this.#judgeWaiting(client);
      return;
    }
    const open = this.#openOf(process);
    this.#open.delete(process);
    const ms = this.#reservations.get(process) ?? 0;
    if (disturbances.isDisturbedSince(world.now)) return;
    // Nobody needs to be told that the process does without a key which is not reserved any more.
    const ignored = open.find((call) => world.now < call.at + ms && !this.#hasGot(client, call));
    if (!ignored) return;
    this.#scene.fail(
      'answers',
      `${process.name} does not want ${ignored.key}, and did not answer the call of ${servers[ignored.node]?.name}`,
    );
  }

  /** Of a process that is not gone. */
  #clientOf(process: ClientProcess): Client | undefined {
    return this.#deployment.clients.find((each) => each.process === process && !each.isGone);
  }

  #judgeWaiting(client: Client): void {
    const { process } = client;
    const { world, disturbances, servers } = this.#scene;
    if (!this.#isOneLock || disturbances.isDisturbedSince(world.now)) return;
    if (process.paused || this.#promptness.awareSince(client) > world.now) return;
    // An attempt ends when its withdrawal is answered.
    if (this.#underWayOf(process).length > 0) return;
    const kept = this.#openOf(process).filter(
      ({ node, key, isKept }) => isKept && this.#isReserved(process, node, key),
    );
    const nodes = new Set(kept.map(({ node }) => node));
    if (nodes.size <= servers.length / 2 || kept.some((call) => this.#hasGot(client, call))) return;
    this.#scene.fail(
      'answers',
      `${process.name} waits, and did not answer the calls of ${nodes.size} nodes`,
    );
  }

  #isReserved({ name }: ClientProcess, node: number, key: string): boolean {
    const value = this.#scene.servers[node]?.keyspace.get(key) ?? null;
    return isReservation(value) && processOf(value) === name;
  }

  #waits({ process }: Client): boolean {
    return [...this.#scene.waiting].some((wait) => wait.process === process);
  }

  /** Whether a process holds what it was called for, or has got it since and has done with it. */
  #hasGot({ process }: Client, { key, at }: OpenCall): boolean {
    return this.#scene.holdings.all.some(
      (holding) =>
        holding.process === process &&
        holding.lock.resources.includes(key) &&
        (holding.believed || holding.since >= at),
    );
  }
}

/** Whether an operation gives up what is reserved for its process, and leaves the queue. */
function isLeave({ entries }: EncodedOperation): boolean {
  return entries.some((entry) => entry.startsWith('-') && entry.includes(':called:'));
}
