import type { Oracle } from '../oracle.js';
import { calledBy, isReserved, processOf, reservationFor } from '../queue-member.js';
import type { Scene } from '../scene.js';
import type { Change, Message, QueueChange } from '../server.js';

/** For how long a key may be reserved at most, in ms. */
const LONGEST = 1000;
/**
 * How often a node may call one process while nobody takes the key there. Once is the rule: the call takes the process
 * out of the queue, and it enters again by a try, which takes the key if it is reserved for it. A try that is lost, or a
 * waiter that leaves while another one of the process comes, are the exceptions.
 */
const MOST_IN_VAIN = 6;

/**
 * A node reserves a key for the first process of the queue that hears its call, and for nobody else. Nobody else takes
 * the key meanwhile. The reservation ends when the process has had the time that it asked for, and a second at most; and
 * the node does not reserve the key for the same process again and again.
 */
export class Reservations implements Oracle {
  readonly #scene: Scene;
  /** The latest call of each node that somebody received. */
  readonly #calls = new Map<string, string>();
  /** The time that each process has asked for on each node. */
  readonly #terms = new Map<string, number>();
  /** How often a node has reserved a key for a process since somebody had the key there. */
  readonly #inVain = new Map<string, number>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  published({ server, channel, text, receivers }: Message): void {
    if (text === 'called' && receivers > 0) this.#calls.set(server.name, channel);
  }

  queued({ server, before, after }: QueueChange): void {
    for (const member of [...before, ...after]) {
      const { channel, ms } = calledBy(member);
      const name = `${server.name} ${reservationFor(channel)}`;
      this.#terms.set(name, Math.max(this.#terms.get(name) ?? 0, ms));
    }
    this.#checkOrder(server.name, before, after);
  }

  changed({ server, key, before, after }: Change): void {
    if (isReserved(after)) this.#reserved(server.name, after, server.keyspace.remaining(key));
    else if (after !== null) {
      for (const name of this.#inVain.keys()) {
        if (name.startsWith(`${server.name} `)) this.#inVain.delete(name);
      }
      if (isReserved(before)) this.#taken(server.name, before, after);
    }
  }

  /** Of those who were in the queue and still are, nobody stands before the one that was called. */
  #checkOrder(server: string, before: readonly string[], after: readonly string[]): void {
    const channel = this.#calls.get(server);
    const position = before.findIndex((member) => calledBy(member).channel === channel);
    const isOut = !after.some((member) => calledBy(member).channel === channel);
    if (channel === undefined || position < 0 || !isOut) return;
    const passed = before.slice(0, position).find((member) => after[0] === member);
    // The call may be that of an earlier command, and the process has left since.
    if (!passed || !this.#isLatest(server, channel)) return;
    this.#scene.fail('reservations', `${server} called ${channel} before ${passed}`);
  }

  #isLatest(server: string, channel: string): boolean {
    return this.#scene.latestCall?.server.name === server && this.#scene.latestCall.channel === channel;
  }

  #reserved(server: string, value: string, remaining: number): void {
    const name = `${server} ${value}`;
    const most = Math.min(this.#terms.get(name) ?? 0, LONGEST);
    if (remaining > most) {
      this.#fail(`${value} stays on ${server} for ${remaining} ms, and not for ${most} at most`);
    }
    const channel = this.#calls.get(server);
    if (channel === undefined || reservationFor(channel) !== value) {
      this.#fail(`${value} is on ${server}, but nobody hears that call`);
    }
    const times = (this.#inVain.get(name) ?? 0) + 1;
    this.#inVain.set(name, times);
    if (times > MOST_IN_VAIN) this.#fail(`${value} is on ${server} for the ${times}th time in vain`);
  }

  #taken(server: string, before: string, after: string): void {
    const process = processOf(before);
    if (process === processOf(after)) return;
    this.#fail(`${after} took on ${server} what was reserved for ${process}`);
  }

  #fail(what: string): void {
    this.#scene.fail('reservations', what);
  }
}
