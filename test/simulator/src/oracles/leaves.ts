import { encodedIn } from '../commands/operations.js';
import { processOf } from '../commands/queue-member.js';
import { queueOf, queuesOf } from '../commands/queue-name.js';
import { RESENT } from '../network/connection.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Holding } from '../run/holding.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import type { ClientProcess } from '../world/process.js';
import type { Call, Oracle } from './oracle.js';

/** By then a command that leaves a queue has arrived, if nothing holds it up: in usual delays, and for late timers in ms. */
const ARRIVED = 10;
const SLACK = 20;
/** A command that nothing holds up is answered within this, in usual delays. */
const ANSWERED = 8;

/**
 * A process that neither waits for a key nor has a lock on it leaves the key's queue, at once and on every node that it can
 * reach. Otherwise a node calls it in vain, and everybody else waits until that reservation has ended.
 */
export class Leaves implements Oracle {
  readonly #scene: Scene;
  readonly #deployment: Deployment;
  /** The calls under way of each process, by the queue of what they want. */
  readonly #calls = new Map<ClientProcess, Map<string, number>>();
  /** When each process began its latest call, in true time. */
  readonly #beganAt = new Map<ClientProcess, number>();
  /** The commands of each process that are not answered. */
  readonly #open = new Map<ClientProcess, Set<Call>>();
  /** The nodes that were asked for a grant, by its token. */
  readonly #asked = new Map<string, Set<number>>();
  /** By when what each node last answered a process too late has been sent again, if it had to be, in true time. */
  readonly #lateAt = new Map<ClientProcess, number[]>();

  constructor(scene: Scene, deployment: Deployment) {
    this.#scene = scene;
    this.#deployment = deployment;
  }

  began(process: ClientProcess, resources: readonly string[]): void {
    for (const queue of queuesOf(resources)) this.#count(process, queue, 1);
    this.#beganAt.set(process, this.#scene.world.now);
  }

  ended(process: ClientProcess, resources: readonly string[]): void {
    for (const queue of queuesOf(resources)) this.#count(process, queue, -1);
    this.#remind(process, resources);
  }

  called(call: Call): void {
    const open = this.#open.get(call.process) ?? new Set<Call>();
    this.#open.set(call.process, open.add(call));
    for (const { letter, token } of encodedIn(call.command)) {
      if (!'gqabdp'.includes(letter)) continue;
      const nodes = this.#asked.get(token) ?? new Set<number>();
      this.#asked.set(token, nodes.add(call.node));
    }
  }

  answered(call: Call): void {
    const { process, node, answeredAt } = call;
    this.#open.get(process)?.delete(call);
    if (!this.#isLate(call, answeredAt)) return;
    const late = this.#lateAt.get(process) ?? [];
    this.#lateAt.set(process, late);
    late[node] = this.#scene.world.now + RESENT * this.#scene.plan.delay;
  }

  lost({ process, lock }: Holding): void {
    this.#remind(process, lock.resources);
  }

  detached({ process, lock }: Holding): void {
    this.#remind(process, lock.resources);
  }

  #count(process: ClientProcess, queue: string, more: number): void {
    const calls = this.#calls.get(process) ?? new Map<string, number>();
    this.#calls.set(process, calls.set(queue, (calls.get(queue) ?? 0) + more));
  }

  #remind(process: ClientProcess, resources: readonly string[]): void {
    const { plan, world, reminders } = this.#scene;
    // Commands of a Cluster overtake each other, and an adapter that throws has sent nothing.
    if (plan.throws + plan.redirects > 0) return;
    // One try for two resources may enter a queue of each, on different nodes; its waiter stands for one of them alone.
    if (queuesOf(plan.resources).length > 1) return;
    const since = world.now;
    for (const queue of queuesOf(resources)) {
      if (this.#isConcerned(process, queue)) continue;
      reminders.add(since + ARRIVED * plan.delay + SLACK, () => this.#judge(process, queue, since));
    }
  }

  /** Whether a process waits in a queue or has a lock that others wait for there, as far as it knows. */
  #isConcerned(process: ClientProcess, queue: string): boolean {
    if ((this.#calls.get(process)?.get(queue) ?? 0) > 0) return true;
    return this.#scene.holdings.live.some(
      (holding) =>
        holding.process === process &&
        holding.lock.resources.some((resource) => queueOf(resource) === queue) &&
        holding.losses === 0 &&
        !holding.released &&
        !holding.detached,
    );
  }

  /** @param since when the process was done with what the queue is for, in true time */
  #judge(process: ClientProcess, queue: string, since: number): void {
    const client = this.#deployment.clients.find((each) => each.process === process);
    if (!client || process.crashed || process.paused || process.calmSince > since) return;
    // Whatever it has begun since ends once more.
    if (this.#isConcerned(process, queue) || (this.#beganAt.get(process) ?? 0) >= since) return;
    for (const [index, server] of this.#scene.servers.entries()) {
      const member = server.membersOf(queue).find((each) => processOf(each) === process.name);
      if (member === undefined) continue;
      const entered = this.#scene.queueEntries.since(server.name, member);
      if (entered > since || this.#calmSince(client, server, index) >= entered) continue;
      if (this.#isPastBy(process, index, entered)) continue;
      this.#scene.fail(
        'leaves',
        `${process.name} neither waits nor has a lock, and stands in ${queue} of ${server.name}`,
      );
    }
  }

  /** Since when nothing has held up what a process sends to a server, in true time. */
  #calmSince(client: Client, server: Server, index: number): number {
    const { plan } = this.#scene;
    const { dialer } = client.connections[index] ?? {};
    const { up } = this.#deployment.routes(client)[index] ?? {};
    if (server.state !== 'running' || !dialer?.isWhole || !up) return Infinity;
    const late = this.#lateSince(client.process, index);
    return Math.max(
      server.calmSince,
      dialer.upSince + RESENT * plan.delay,
      up.disturbedUntil,
      late,
    );
  }

  /**
   * Whether the lock that a process had last, and still had at a moment, was not asked of a node. The release of a lock
   * goes to the nodes that were asked for it, and takes the process out of their queues alone.
   */
  #isPastBy(process: ClientProcess, node: number, time: number): boolean {
    const { holdings, plan } = this.#scene;
    const own = holdings.all.filter((holding) => holding.process === process);
    // A process may have several permits of a semaphore at once, and give them back in any order.
    const latest = plan.semaphore ? own : own.slice(-1);
    return latest.some(
      ({ released, token }) =>
        (released?.at ?? Infinity) >= time && !this.#asked.get(token)?.has(node),
    );
  }

  /** By when a node has what it last answered a process too late: a process sends a silent node no leave, nor what comes after. */
  #lateSince(process: ClientProcess, node: number): number {
    const now = process.mono.read();
    for (const call of this.#open.get(process) ?? [])
      if (call.node === node && this.#isLate(call, now)) return Infinity;
    return this.#lateAt.get(process)?.[node] ?? -Infinity;
  }

  #isLate({ at }: Call, now: number): boolean {
    return now - at > ANSWERED * this.#scene.plan.delay;
  }
}
