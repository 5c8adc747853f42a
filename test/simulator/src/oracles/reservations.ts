import type { Contention, Oracle } from './oracle.js';
import { encodedIn, isOfCalled } from '../commands/operations.js';
import {
  calledBy,
  calledKey,
  isCall,
  isReservation,
  memberOf,
  processOf,
  reservationOf,
} from '../commands/queue-member.js';
import { queueOf } from '../commands/queue-name.js';
import type { Scene } from '../run/scene.js';
import { SHARED } from '../core.js';
import type { Server } from '../server/server.js';
import type { Change, Message, QueueChange, SharingChange } from '../server/witness.js';

/** For how long a key may be reserved at most, in ms. */
const LONGEST = 1000;
/**
 * How often a node may call one process while nobody takes the key there. Once is the rule: the call takes the process
 * out of the queue, and it enters again by a try, which takes the key if it is reserved for it. A try that is lost, or a
 * waiter that leaves while another one of the process comes, are the exceptions.
 */
const MOST_IN_VAIN = 6;
/**
 * A waiter that wants several keys, and was denied what is kept for others, makes way for so many round trips at most.
 * Meanwhile a key may be kept for it, and waiters for that and another key are called for the other one in vain.
 */
const MAKING_WAY = 32;

/** The calls of one process by one node for keys of one queue that nobody has taken since. */
interface Calls {
  readonly since: number;
  readonly times: number;
}

/**
 * A node reserves a key for the first process of the queue that hears its call, and for nobody else. Nobody else takes
 * the key meanwhile; but a permit goes to any process that was called for one of the same semaphore. The reservation ends
 * when the process has had the time that it asked for, and a second at most; and the node does not reserve the key for the
 * same process again and again.
 */
export class Reservations implements Oracle {
  readonly #scene: Scene;
  /** The reservations for processes that have received the call. */
  readonly #heard = new Set<string>();
  /** The command that has called somebody last, and the channels on which that was received. */
  #calling: readonly string[] = [];
  #caller = '';
  #called: readonly string[] = [];
  /** The time that each process has asked for in each queue of a node. */
  readonly #terms = new Map<string, number>();
  /** The calls of each process by each node since somebody had a key there that the process may wait for too. */
  readonly #inVain = new Map<string, Calls>();
  /** The longest pause of anybody who makes way, in ms. */
  #longestPause = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  contended({ resources, roundTrip }: Contention): void {
    if (resources.length === 1) return;
    this.#longestPause = Math.max(this.#longestPause, MAKING_WAY * roundTrip);
  }

  published({ server, channel, text, receivers, command }: Message): void {
    if (!isCall(text) || receivers === 0) return;
    this.#heard.add(`${server.name} ${calledKey(channel, text)} = ${reservationOf(channel)}`);
    const isMore = command === this.#calling && server.name === this.#caller;
    this.#called = isMore ? [...this.#called, channel] : [channel];
    this.#caller = server.name;
    this.#calling = command;
  }

  queued(change: QueueChange): void {
    const { server, queue, before, after } = change;
    if (before !== after) {
      this.#learn(
        server,
        queue,
        after.filter((member) => !before.includes(member)),
      );
    }
    this.#checkOrder(change);
    this.#checkCalled(change);
  }

  /** A process that was called for a permit is granted any that is reserved. */
  #checkCalled({ server, command }: QueueChange): void {
    const operations = encodedIn(command);
    // Another operation of the command may reserve the permit.
    if (operations.length > 1) return;
    for (const operation of operations) {
      const [key = ''] = operation.keys;
      const value = server.keyspace.get(key);
      if (isOfCalled(operation) && isReservation(value))
        this.#fail(`${operation.token} was denied ${key} on ${server.name}, which is ${value}`);
    }
  }

  changed({ server, key, before, after, command }: Change): void {
    if (isReservation(after)) {
      this.#learnFrom(server, command);
      this.#reserved(server, key, after, server.keyspace.remaining(key));
    } else if (after !== null && after !== SHARED) {
      this.#serve(server, key);
      if (isReservation(before)) this.#taken({ server, command }, before, after);
    }
  }

  /** Whoever shares the key leaves a reservation for others as it is. */
  shared({ server, key, value, before, after, command }: SharingChange): void {
    const taken = server.keyspace.get(key) ?? '';
    for (const [member, end] of after) {
      if (before.get(member) === end) continue;
      if (isReservation(member)) {
        this.#learnFrom(server, command);
        const remaining = end - server.keyspace.clock.now();
        this.#reserved(server, key, member, remaining);
      } else {
        this.#serve(server, key);
        if (isReservation(value)) this.#taken({ server, command }, value, member);
      }
    }
    if (taken === SHARED || taken === '' || isReservation(taken)) return;
    for (const member of before.keys())
      if (isReservation(member)) this.#taken({ server, command }, member, taken);
  }

  /** Somebody has taken a key. Those who want it together with others were called for these in vain. */
  #serve({ name: server }: Server, key: string): void {
    const { plan } = this.#scene;
    const start = plan.resources.length > 1 ? `${server} ` : `${server} ${queueOf(key)} `;
    for (const name of this.#inVain.keys()) if (name.startsWith(start)) this.#inVain.delete(name);
  }

  /** A command may enter a process and call it. */
  #learnFrom(server: Server, command: readonly string[]): void {
    for (const { entries, queues } of encodedIn(command)) {
      for (const [position, queue] of queues.entries())
        this.#learn(server, queue, [memberOf(entries[position] ?? '')]);
    }
  }

  #learn(server: Server, queue: string, members: readonly string[]): void {
    for (const member of members) {
      const { channel, ms } = calledBy(member);
      const name = `${server.name} ${queue} ${reservationOf(channel)}`;
      this.#terms.set(name, Math.max(this.#terms.get(name) ?? 0, ms));
    }
  }

  /** Of those who were in the queue and still are, nobody stands before the one that was called. */
  #checkOrder({ server, before, after, command }: QueueChange): void {
    // Nodes are given the same command.
    if (this.#calling !== command || this.#caller !== server.name) return;
    for (const channel of this.#called) {
      const position = before.findIndex((member) => calledBy(member).channel === channel);
      // Those that the command itself has entered may have another ticket now.
      const hasMoved = (end: string): boolean => command.some((arg) => arg.endsWith(end));
      if (position < 0 || hasMoved(channel)) continue;
      const passed = before.slice(0, position).find((member) => after.includes(member));
      if (passed === undefined || hasMoved(passed)) continue;
      this.#fail(`${server.name} called ${processOf(channel)} before ${passed}`);
    }
  }

  #reserved(server: Server, key: string, reservation: string, remaining: number): void {
    const value = `${key} = ${reservation}`;
    const name = `${server.name} ${queueOf(key)} ${reservation}`;
    const most = Math.min(this.#terms.get(name) ?? 0, LONGEST);
    if (remaining > most) {
      this.#fail(`${value} on ${server.name} for ${remaining} ms, and not for ${most} at most`);
    }
    if (!this.#heard.delete(`${server.name} ${value}`))
      this.#fail(`${value} is on ${server.name}, but nobody hears that call`);
    const { now } = this.#scene.world;
    const { since, times: before } = this.#inVain.get(name) ?? { since: now, times: 0 };
    const times = before + 1;
    this.#inVain.set(name, { since, times });
    if (times > MOST_IN_VAIN && now > since + this.#longestPause)
      this.#fail(`${value} is on ${server.name} for the ${times}th time in vain`);
  }

  #taken({ server, command }: Pick<Change, 'server' | 'command'>, before: string, after: string) {
    const process = processOf(before);
    if (process === processOf(after)) return;
    const isCalled = encodedIn(command).some((each) => each.token === after && isOfCalled(each));
    if (isCalled) return;
    this.#fail(`${after} took on ${server.name} what was reserved for ${process}`);
  }

  #fail(what: string): void {
    this.#scene.fail('reservations', what);
  }
}
