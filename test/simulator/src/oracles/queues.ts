import type { Oracle } from './oracle.js';
import { encodedIn, isQueueTry } from '../commands/operations.js';
import { calledBy } from '../commands/queue-member.js';
import type { EncodedOperation } from '../core.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { isHeldBy } from '../server/sharers.js';
import type { QueueChange } from '../server/witness.js';

/** Of an entry: a ticket, and the least time in ms that its queue stays. */
const ENTRY = /^[+=*]?(-?\d+):(\d+):/;

/**
 * A queue ends with the time of its entries. A process that a node grants a key, or calls, is out of the queue there, and
 * what has called it is gone. A waiter has one ticket, once nodes have given it one.
 */
export class Queues implements Oracle {
  readonly #scene: Scene;
  /** Until when the queue of each node may be there, by the clock by which the node expires keys. */
  readonly #ends = new Map<string, number>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  queued({ server, queue, before, after, command }: QueueChange): void {
    const now = server.keyspace.clock.now();
    const name = `${server.name} ${queue}`;
    if (before.length === 0) this.#ends.delete(name);
    const operations = encodedIn(command);
    for (const [index, operation] of operations.entries()) {
      const { keys, token, entries, queues } = operation;
      for (const [position, entry] of entries.entries()) {
        if (queues[position] !== queue) continue;
        const [, , expiry] = ENTRY.exec(entry) ?? [];
        if (expiry === undefined) continue;
        this.#ends.set(name, Math.max(this.#ends.get(name) ?? 0, now + Number(expiry)));
        // Another waiter of the process may enter the queue behind the one that is granted the key.
        const isLast = !operations.slice(index + 1).some((each) => enters(each));
        if (isQueueTry(operation) && isLast)
          this.#expectOut(server, keys[position] ?? '', token, entry, after);
        const member = entry.replace(ENTRY, '');
        if (operations.length === 1 && after.includes(member) && !before.includes(member))
          this.#expectNoneFree(server, operation, member);
      }
    }
    if (after.length === 0) return;
    const remaining = server.keyspace.remaining(queue);
    const most = (this.#ends.get(name) ?? 0) - now;
    if (remaining >= 0 && remaining <= most + 1) return;
    this.#fail(`${queue} stays on ${server.name} for ${remaining} ms, and not for ${most}`);
  }

  #expectOut(
    server: Server,
    key: string,
    token: string,
    entry: string,
    after: readonly string[],
  ): void {
    const member = entry.replace(ENTRY, '');
    // A command may take the key and release it again.
    if (!isHeldBy(server.keyspace, key, token) || !after.includes(member)) return;
    this.#fail(
      `${calledBy(member).process} holds ${key} on ${server.name}, and stands in its queue`,
    );
  }

  /** Nobody waits for a permit on a node that has another one to give. */
  #expectNoneFree(server: Server, { letter, token }: EncodedOperation, member: string): void {
    const { resources } = this.#scene.plan;
    const free = resources.find((resource) => server.keyspace.get(resource) === null);
    if (letter !== 'p' || free === undefined) return;
    const { process } = calledBy(member);
    this.#fail(
      `${process} enters a queue of ${server.name} with ${token}, although ${free} is free`,
    );
  }

  #fail(what: string): void {
    this.#scene.fail('queues', what);
  }
}

function enters({ entries }: EncodedOperation): boolean {
  return entries.some((entry) => ENTRY.test(entry));
}
