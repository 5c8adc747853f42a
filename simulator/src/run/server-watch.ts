import { encodedIn } from '../commands/operations.js';
import { isReservation, processOf } from '../commands/queue-member.js';
import type { EncodedOperation } from '../core.js';
import type { Change, Message, QueueChange, Witness } from '../server/witness.js';
import type { Scene } from './scene.js';

/** Counts what servers do, and tells the oracles. */
export class ServerWatch implements Witness {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  executed(command: readonly string[]): void {
    const { tally } = this.#scene;
    if (command[0] === 'set') {
      tally.nativeGrants++;
      return;
    }
    const operations = encodedIn(command);
    const has = (wanted: string): boolean => operations.some(({ letter }) => letter === wanted);
    if (operations.some((each) => each.letter === 'g' && isPlain(each))) tally.scriptGrants++;
    if (has('c')) tally.confirms++;
    if (has('h')) tally.heals++;
    if (has('q')) tally.queueTries++;
    for (const operation of operations) if (operation.letter === 'r') this.#countRelease(operation);
  }

  queued(change: QueueChange): void {
    this.#scene.queueEntries.note(change, this.#scene.world.now);
    for (const oracle of this.#scene.panel.queued) oracle.queued?.(change);
  }

  published(message: Message): void {
    const { tally, story, panel } = this.#scene;
    const { text, channel, receivers } = message;
    if (text !== 'called') tally.standBys++;
    else if (receivers === 0) tally.callsUnheard++;
    else {
      tally.calls++;
      story?.tell(message.server.name, `calls ${processOf(channel)}`);
      const { ambush } = this.#scene;
      this.#scene.ambush = null;
      ambush?.(processOf(channel));
    }
    for (const oracle of panel.published) oracle.published?.(message);
  }

  changed(change: Change): void {
    const { tally, story, panel, world, replacements } = this.#scene;
    const { server, key, before, after } = change;
    if (before === after) return;
    if (key.endsWith(':fencing')) {
      for (const oracle of panel.counted) oracle.counted?.(change);
      return;
    }
    world.trace.text(after ?? '');
    story?.key(server.name, key, after);
    if (isReservation(after)) tally.reservations++;
    if (isReservation(before) && after !== null) tally.reservationsTaken++;
    else if (before !== null && after !== null && !isReservation(after)) {
      replacements.note(server.name, before, after);
    }
    for (const oracle of panel.changed) oracle.changed?.(change);
  }

  #countRelease({ token, entries: [entry = ''] }: EncodedOperation): void {
    const { tally, granted } = this.#scene;
    const isOfLock = granted.has(token);
    if (isOfLock && entry.startsWith('+')) tally.handOvers++;
    if (!isOfLock && entry.startsWith('-')) tally.leaves++;
  }
}

/** Whether an operation is on one key without fencing. */
function isPlain({ keys, fence }: EncodedOperation): boolean {
  return keys.length === 1 && fence === null;
}
