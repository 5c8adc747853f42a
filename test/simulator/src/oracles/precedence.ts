import { encodedIn } from '../commands/operations.js';
import { calledBy, isReservation, processOf } from '../commands/queue-member.js';
import { queueOf } from '../commands/queue-name.js';
import { SHARED, type EncodedOperation } from '../core.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import type { SharingChange } from '../server/witness.js';
import type { Oracle } from './oracle.js';

/**
 * Readers do not keep a writer out for ever: while a process stands in the queue of a node for an exclusive lock and hears
 * when it is called, the node grants a shared one to nobody behind it, except to a process that it has called itself. And
 * whoever stands before all of these joins those that share the key.
 */
export class Precedence implements Oracle {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  shared(change: SharingChange): void {
    const { before, after, command } = change;
    const operations = encodedIn(command);
    const tries = operations.filter(({ letter }) => letter === 'b');
    const joined = tries.find(({ token }) => after.has(token) && !before.has(token));
    if (joined) this.#judgeJoined(change, joined);
    const [alone] = tries;
    if (alone?.keys.length === 1 && operations.length === 1) this.#judgeDenied(change, alone);
  }

  #judgeJoined({ server, key, value, before }: SharingChange, joined: EncodedOperation): void {
    const process = processOf(joined.token);
    const isCalled = [value, ...before.keys()].some(
      (each) => isReservation(each) && processOf(each) === process,
    );
    if (isCalled) return;
    // A process knows best what its own waiters want, and its command may have entered one just now.
    const passed = writersBefore(server, key, joined).find((each) => each !== process);
    if (passed === undefined) return;
    this.#fail(`${joined.token} shares ${key} of ${server.name} past ${passed}`);
  }

  #judgeDenied({ server, key, value, after }: SharingChange, denied: EncodedOperation): void {
    if (value !== SHARED || after.has(denied.token)) return;
    if (writersBefore(server, key, denied).length > 0) return;
    this.#fail(`${denied.token} was denied ${key} of ${server.name}, and nobody stands before it`);
  }

  #fail(what: string): void {
    this.#scene.fail('precedence', what);
  }
}

/** The processes that wait for an exclusive lock before a try, and hear when they are called. */
function writersBefore(
  server: Server,
  key: string,
  { entries: [entry = ''] }: EncodedOperation,
): readonly string[] {
  const ticket = ticketOf(entry, server);
  const set = server.keyspace.sortedSet(queueOf(key));
  return server.membersOf(queueOf(key)).flatMap((member) => {
    const { shares, channel, process } = calledBy(member);
    const isEarlier = (set?.score(member) ?? 0) <= ticket;
    return !shares && isEarlier && server.channels.hasReceiver(channel) ? [process] : [];
  });
}

/** The ticket that a try has, whether it enters the queue of a node if it is denied or not; behind everybody, if none. */
function ticketOf(entry: string, { keyspace }: Server): number {
  const given = parseInt(entry.replace('?', ''), 10);
  if (Number.isNaN(given)) return Infinity;
  return given > 0 ? given : keyspace.clock.wallNow() * 1000 + given;
}
