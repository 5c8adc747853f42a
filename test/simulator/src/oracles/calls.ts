import { encodedIn } from '../commands/operations.js';
import type { Oracle } from './oracle.js';
import { calledBy, isReservation, processOf } from '../commands/queue-member.js';
import type { Scene } from '../run/scene.js';
import { sharersOn } from '../server/sharers.js';
import type { QueueChange } from '../server/witness.js';

/**
 * A node where a key is free after a release calls somebody, if the queue has somebody who hears: also where the release
 * finds the key free, and where the process that leaves is the one that was called. A shared key calls all those at the head
 * of the queue that want to share it.
 */
export class Calls implements Oracle {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  queued({ server, queue, before, after, command }: QueueChange): void {
    const operations = encodedIn(command);
    const [release] = operations;
    // Another operation of the command may take the key, or bring the process that leaves back.
    if (operations.length > 1 || release?.letter !== 'r') return;
    const position = release.queues.indexOf(queue);
    const entry = release.entries[position] ?? '';
    const key = release.keys[position] ?? '';
    const value = server.keyspace.get(key);
    if (entry.startsWith('=')) return;
    const hearing = after.find((member) => server.channels.hasReceiver(calledBy(member).channel));
    const sharers = sharersOn(server.keyspace, key);
    const isOpen = value === null || (sharers.size > 0 && hearing && calledBy(hearing).shares);
    if (isOpen && hearing !== undefined) {
      this.#fail(`${server.name} calls nobody more, although ${hearing} waits in ${queue}`);
    }
    if (!entry.startsWith('-')) return;
    const kept = [value ?? '', ...sharers.keys()].find(
      (each) => isReservation(each) && processOf(each) === processOf(entry),
    );
    if (kept === undefined) return;
    // It may have an entry that asks for another time, and was called by that.
    const isTwice = before.some(
      (member) => member !== entry.slice(1) && processOf(member) === processOf(entry),
    );
    if (!isTwice) {
      this.#fail(`${server.name} keeps ${kept} for a process that has left ${queue}`);
    }
  }

  #fail(what: string): void {
    this.#scene.fail('calls', what);
  }
}
