import { encodedIn } from '../commands/operations.js';
import { calledBy, isReservation, processOf } from '../commands/queue-member.js';
import { queueOf } from '../commands/queue-name.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import type { SharingChange } from '../server/witness.js';
import type { Oracle } from './oracle.js';

/**
 * Readers do not keep a writer out for ever: while a process stands in the queue of a node for an exclusive lock and hears
 * when it is called, the node grants a shared one to nobody behind it, except to a process that it has called itself.
 */
export class Precedence implements Oracle {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  shared({ server, key, value, before, after, command }: SharingChange): void {
    const tries = encodedIn(command).filter(({ letter }) => letter === 'b');
    const joined = tries.find(({ token }) => after.has(token) && !before.has(token))?.token;
    if (joined === undefined) return;
    const process = processOf(joined);
    const isCalled = [value, ...before.keys()].some(
      (each) => isReservation(each) && processOf(each) === process,
    );
    if (isCalled) return;
    const ticket = ticketOf(tries.find(({ token }) => token === joined)?.entries[0] ?? '', server);
    const set = server.keyspace.sortedSet(queueOf(key));
    // A process knows best what its own waiters want, and its command may have entered one just now.
    const passed = server.membersOf(queueOf(key)).find((member) => {
      const waiting = calledBy(member);
      const isOther = !waiting.shares && waiting.process !== process;
      const isEarlier = (set?.score(member) ?? 0) <= ticket;
      return isOther && isEarlier && server.channels.hasReceiver(waiting.channel);
    });
    if (passed === undefined) return;
    this.#scene.fail('precedence', `${joined} shares ${key} of ${server.name} past ${passed}`);
  }
}

/** The ticket that a try has, whether it enters the queue of a node if it is denied or not; behind everybody, if none. */
function ticketOf(entry: string, { keyspace }: Server): number {
  const given = parseInt(entry.replace('?', ''), 10);
  if (Number.isNaN(given)) return Infinity;
  return given > 0 ? given : keyspace.clock.wallNow() * 1000 + given;
}
