import { encodedIn, isQueueTry } from '../commands/operations.js';
import { isCall, isReservation, processOf } from '../commands/queue-member.js';
import { SHARED, type EncodedOperation } from '../core.js';
import type { Change, Message, QueueChange, SharingChange, Witness } from '../server/witness.js';
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
    if (has('u')) tally.sharedHeals++;
    if (operations.some((each) => isQueueTry(each))) tally.queueTries++;
    for (const operation of operations) if (operation.letter === 'r') this.#countRelease(operation);
  }

  queued(change: QueueChange): void {
    this.#scene.queueEntries.note(change, this.#scene.world.now);
    for (const oracle of this.#scene.panel.queued) oracle.queued?.(change);
  }

  shared(change: SharingChange): void {
    const { tally, story, panel, world, replacements } = this.#scene;
    const { server, key, before, after, command } = change;
    for (const [member, end] of after) {
      if (before.get(member) === end) continue;
      world.trace.text(member);
      world.trace.number(end);
      if (isReservation(member)) tally.sharedReservations++;
      else if (!before.has(member)) tally.sharedHolders++;
    }
    // The token that replaces another one is among the holders, and the other one is not any more.
    for (const { letter, token, other } of encodedIn(command)) {
      const [from, to] = letter === 'd' ? [other, token] : [token, other];
      if ('dlt'.includes(letter) && before.has(from) && !after.has(from) && after.has(to))
        replacements.note(server.name, from, to);
    }
    story?.sharers(server.name, key, [...after.keys()]);
    for (const oracle of panel.shared) oracle.shared?.(change);
  }

  published(message: Message): void {
    const { tally, story, panel } = this.#scene;
    const { text, channel, receivers } = message;
    if (!isCall(text)) tally.standBys++;
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
    if (after !== SHARED) story?.key(server.name, key, after);
    if (isReservation(after)) tally.reservations++;
    if (isReservation(before) && after !== null) {
      tally.reservationsTaken++;
      if (processOf(before) !== processOf(after)) tally.permitsSwapped++;
    } else if (
      before !== null &&
      after !== null &&
      !isReservation(after) &&
      ![before, after].includes(SHARED)
    ) {
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
