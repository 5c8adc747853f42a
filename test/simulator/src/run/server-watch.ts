import { isRequest, operationsIn } from '../commands/operations.js';
import { processOf } from '../commands/queue-entry.js';
import { SHARED, type EncodedOperation } from '../core.js';
import type { Change, Message, QueueChange, SharingChange, Witness } from '../server/witness.js';
import type { Scene } from './scene.js';

/** Counts what servers do, and tells the oracles. */
export class ServerWatch implements Witness {
  constructor(private readonly scene: Scene) {}

  executed(command: readonly string[]): void {
    const { tally, granted } = this.scene;
    const operations = operationsIn(command);
    const [first] = operations;
    if (operations.length === 1 && first && isPlain(first)) tally.smallGrants++;
    for (const { verb, token, repairs, shared, ticketed, leaving } of operations) {
      if (ticketed?.entry) tally.queued++;
      if (verb === 'e' && !granted.has(token)) tally.writeBacks++;
      if (repairs) tally.repairs++;
      if (repairs && shared) tally.sharedRepairs++;
      if (verb === 'r' && leaving && !granted.has(token)) tally.leaves++;
    }
    const isHandOver = (index: number): boolean =>
      operations[index]?.verb === 'r' && operations[index + 1]?.verb === 'a';
    if (operations.some((_, index) => isHandOver(index))) tally.handOvers++;
  }

  queued(change: QueueChange): void {
    this.scene.emit('queued', change);
  }

  shared(change: SharingChange): void {
    const { tally, story, world, replacements } = this.scene;
    const { server, key, before, after, command } = change;
    for (const [member, end] of after) {
      if (before.get(member) === end) continue;
      world.trace.text(member);
      world.trace.number(end);
      if (!before.has(member)) tally.sharedHolders++;
    }
    // The token that replaces another one is among the holders, and the other one is not any more.
    for (const { verb, token, other } of operationsIn(command)) {
      if (other === null) continue;
      const [from, to] = verb === 'a' ? [other, token] : [token, other];
      if (before.has(from) && !after.has(from) && after.has(to))
        replacements.note(server.name, from, to);
    }
    story?.sharers(server.name, key, [...after.keys()]);
    this.scene.emit('shared', change);
  }

  published(message: Message): void {
    const { tally } = this.scene;
    const { channel, receivers, server } = message;
    if (receivers === 0) tally.notificationsUnheard++;
    else {
      tally.notifications++;
      this.scene.tell(server.name, `notifies ${processOf(channel)} of ${message.text}`);
      const { ambush } = this.scene;
      this.scene.ambush = null;
      ambush?.(processOf(channel));
    }
    this.scene.emit('published', message);
  }

  changed(change: Change): void {
    const { story, world, replacements } = this.scene;
    const { server, key, before, after } = change;
    if (before === after) return;
    if (key.endsWith(':fencing')) {
      this.scene.emit('counted', change);
      return;
    }
    world.trace.text(after ?? '');
    if (after !== SHARED) story?.key(server.name, key, after);
    if (before !== null && after !== null && ![before, after].includes(SHARED))
      replacements.note(server.name, before, after);
    this.scene.emit('changed', change);
  }
}

/** Whether an operation runs the small script for one acquire. */
function isPlain(operation: EncodedOperation): boolean {
  return isRequest(operation) && operation.sets.length === 0 && operation.fence !== null;
}
