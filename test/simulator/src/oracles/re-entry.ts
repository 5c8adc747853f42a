import { encodedIn, isQueueTry } from '../commands/operations.js';
import type { Call, Oracle } from './oracle.js';
import type { ClientProcess } from '../world/process.js';
import { calledBy, isReservation, memberOf, processOf } from '../commands/queue-member.js';
import { queuesOf } from '../commands/queue-name.js';
import type { EncodedOperation } from '../core.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { isHeldBy } from '../server/sharers.js';
import type { Change, SharingChange } from '../server/witness.js';

/** A try that enters queues. */
interface Try {
  readonly process: ClientProcess;
  /** On how many nodes it has the key, or had it. */
  grants: number;
}

/**
 * A waiter whose try has failed stands in the queue again on each node that had granted it; otherwise it would lose its
 * turn there, since a grant or a call has taken it out.
 */
export class ReEntry implements Oracle {
  readonly #scene: Scene;
  readonly #tries = new Map<string, Try>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  called({ process, command }: Call): void {
    for (const operation of encodedIn(command)) {
      const { token } = operation;
      if (isQueueTry(operation) && !this.#tries.has(token))
        this.#tries.set(token, { process, grants: 0 });
    }
  }

  changed({ server, key, before, after, command }: Change): void {
    const taken = this.#tries.get(after ?? '');
    if (taken) taken.grants++;
    const failed = this.#tries.get(before ?? '');
    // The waiter's next try may have taken the key in the same command.
    if (!failed || (after !== null && !isReservation(after))) return;
    this.#expectInQueue(failed, { server, key, command }, before ?? '', after);
  }

  shared({ server, key, before, after, command }: SharingChange): void {
    for (const token of after.keys()) {
      const taken = before.has(token) ? undefined : this.#tries.get(token);
      if (taken) taken.grants++;
    }
    for (const token of before.keys()) {
      const failed = after.has(token) ? undefined : this.#tries.get(token);
      if (!failed) continue;
      const { name } = failed.process;
      const again = [...after.keys()].find((member) => processOf(member) === name);
      this.#expectInQueue(failed, { server, key, command }, token, again ?? null);
    }
  }

  /** @param value what the node has of the process in the place of the try, or the value of the key; null: nothing */
  #expectInQueue(
    failed: Try,
    { server, key, command }: Pick<Change, 'server' | 'key' | 'command'>,
    token: string,
    value: string | null,
  ): void {
    const { plan, quorum, world } = this.#scene;
    if (failed.grants >= quorum || queuesOf(plan.resources).length > 1) return;
    const { process } = failed;
    if (this.#waitsOf(process) !== 1 || this.#scene.disturbances.isDisturbedSince(world.now))
      return;
    const release = encodedIn(command).find((each) => each.letter === 'r' && each.token === token);
    const position = release?.keys.indexOf(key) ?? 0;
    const queue = release?.queues[position];
    // A waiter that goes on to another permit stays out of the queue of the semaphore until it is denied that one too.
    if (plan.semaphore && ['', '='].includes(release?.entries[position] ?? '')) return;
    // By the same command it may have got the other permit, or given back what it had, after which its next caller asks at
    // once.
    const others = encodedIn(command).filter((each) => each !== release);
    if (others.some((each) => isTakenBy(each, server) || leaves(each))) return;
    // If nobody hears it, a call takes it out at once.
    const { channel } = calledBy(memberOf(release?.entries[position] ?? ''));
    if (channel.includes(':called:') && !server.channels.hasReceiver(channel)) return;
    if (queue === undefined || (value !== null && processOf(value) === process.name)) return;
    if (server.membersOf(queue).some((member) => processOf(member) === process.name)) return;
    this.#scene.fail('re-entry', `${process.name} waits, and is not in ${queue} of ${server.name}`);
  }

  #waitsOf(process: ClientProcess): number {
    let waits = 0;
    for (const wait of this.#scene.waiting) if (wait.process === process && !wait.isOver) waits++;
    return waits;
  }
}

/** Whether a try has got its keys on a node. */
function isTakenBy(operation: EncodedOperation, { keyspace }: Server): boolean {
  const { keys, token } = operation;
  return isQueueTry(operation) && keys.every((key) => isHeldBy(keyspace, key, token));
}

/** Whether an operation takes its process out of a queue. */
function leaves({ entries }: EncodedOperation): boolean {
  return entries.some((entry) => entry.startsWith('-'));
}
