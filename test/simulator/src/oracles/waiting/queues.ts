import type { Call, Oracle, QueueChange } from '../../run/events.js';
import type { Scene } from '../../run/scene.js';
import {
  isRequest,
  isSamePlace,
  operationsIn,
  processOf,
  queuesOf,
  ticketedOf,
} from '../../server/commands.js';
import { isHeldBy } from '../../server/sharers.js';

/** An expiry is in whole ms, and two entries of one process differ in their last ms. */
const ROUNDING = 8;

/**
 * Queues end by themselves. An entry stays for its lease, its window or what it keeps; a queue, until the
 * last entry that it has had may go.
 * A request that is granted is in no queue of the node. A process that cannot subscribe never enters one.
 */
export function queues(scene: Scene): Oracle {
  /** When the last entry ends that a queue has had since it began, by node and queue; on the clock of the node. */
  const ends = new Map<string, number>();
  const fail = (what: string): void => scene.fail('queues', what);

  /** @param longest for how long the command may make an entry stay, in ms */
  function judgeEnd({ server, queue, before, after }: QueueChange, longest: number): void {
    const { keyspace } = server;
    const id = `${server.name} ${queue}`;
    const known = before.length > 0 ? (ends.get(id) ?? 0) : 0;
    const untils = [...before, ...after].map(({ until }) => until);
    const end = Math.max(known, keyspace.now + longest, ...untils);
    ends.set(id, end);
    if (after.length === 0) return;
    const remaining = keyspace.remaining(queue);
    if (remaining < 0 || remaining > end - keyspace.now + ROUNDING)
      fail(`${queue} of ${server.name} stays for ${remaining} ms`);
  }

  function judgeTies({ after }: QueueChange): void {
    const tickets = new Set(after.map(({ ticket }) => ticket));
    scene.tally.ties += after.length - tickets.size;
    const isTwice = after.find((entry) =>
      after.some((each) => each !== entry && isSamePlace(each, entry)),
    );
    if (isTwice) fail(`${isTwice.ticket} of ${isTwice.channel} is in a queue twice`);
  }

  return {
    queued(change: QueueChange): void {
      const { server, queue, before, after, command } = change;
      const { keyspace } = server;
      const operations = operationsIn(command);
      for (const [index, operation] of operations.entries()) {
        const place = ticketedOf(operation);
        const key = operation.keys[operation.queues.indexOf(queue)];
        if (!place || key === undefined || !isHeldBy(keyspace, key, operation.token)) continue;
        // Another waiter with this ticket may follow in the same command.
        const isLast = !operations.slice(index + 1).some(isRequest);
        if (isLast && after.some((entry) => isSamePlace(entry, place)))
          fail(`${place.ticket} holds ${key} of ${server.name}, and is in its queue`);
      }
      judgeTies(change);
      const longest = Math.max(0, ...operations.map((operation) => longestOf(operation)));
      for (const entry of after) {
        const known = before.find((each) => isSamePlace(each, entry));
        const latest = keyspace.now + Math.max(longest, entry.window) + ROUNDING;
        if (known?.until !== entry.until && entry.until > latest)
          fail(`${entry.ticket} stays in ${queue} of ${server.name} until ${entry.until}`);
      }
      judgeEnd(change, longest);
    },

    called({ process, command }: Call): void {
      for (const operation of operationsIn(command)) {
        const place = ticketedOf(operation);
        if (!place || place.lease === null) continue;
        if (processOf(place.channel) !== process.name)
          fail(`${process.name} enters a queue with the channel ${place.channel}`);
        if (!process.canSubscribe)
          fail(`${process.name} enters a queue with ${place.ticket}, and cannot subscribe`);
      }
    },
  };
}

/** For how long an operation may make an entry stay, in ms. */
function longestOf(operation: Parameters<typeof ticketedOf>[0]): number {
  const place = ticketedOf(operation);
  return place ? Math.max(place.lease ?? 0, place.keep) : 0;
}

/** Later than every entry may stay, no node has a queue. */
export function remainingQueues(scene: Scene): void {
  for (const server of scene.servers) {
    for (const queue of queuesOf(scene.plan)) {
      const [entry] = server.entriesOf(queue);
      if (entry) scene.fail('queues', `${entry.ticket} is still in ${queue} of ${server.name}`);
    }
  }
}
