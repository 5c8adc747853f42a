import type { EncodedOperation } from '../../core.js';
import type { Call, Oracle, QueueChange } from '../../run/events.js';
import type { Holding } from '../../run/holding.js';
import type { Scene } from '../../run/scene.js';
import {
  isAhead,
  isRelease,
  isRequest,
  isSamePlace,
  operationsIn,
  type Place,
  type QueueEntry,
  ticketedOf,
} from '../../server/commands.js';
import { isHeldBy } from '../../server/sharers.js';

/** How long a ticket that was granted may be inherited inside its process, and how late that may be seen; in ms. */
const INHERITED_FOR = 100;
const LATENESS = 2;

/**
 * Tickets decide at the grant. A node grants a key to a request only if no waiter that conflicts with it is ahead in the
 * queue and has time left; of a semaphore, only if fewer are ahead than permits are free. A waiter leaves a queue only by
 * its own request, its own release, its time, or because no subscriber receives its notification. Hand-overs inside a
 * process inherit a ticket for 100 ms.
 */
export function order(scene: Scene): Oracle {
  /** The ticket of each token, and when each ticket of a process was first granted, on its monotonic clock. */
  const tickets = new Map<string, number>();
  const firstGrants = new Map<string, number>();
  const fail = (what: string): void => scene.fail('order', what);

  function judge(
    change: QueueChange,
    { token, shared, permitKeys, ...request }: EncodedOperation,
  ): void {
    const { server, queue, after, keys, command } = change;
    const place = ticketedOf({ shared, permitKeys, ...request });
    if (place) scene.tally.turns++;
    const ahead = living(change).filter(
      (entry) =>
        isAhead(entry, place) &&
        !(shared && entry.shares) &&
        // One that no subscriber receives is dropped, and may enter again with the same command.
        (entry.isNotified || server.channels.hasReceiver(entry.channel)) &&
        after.some((each) => isSamePlace(each, entry)),
    );
    const free = permitKeys.map((key) => isFreeFor(key, keys, command));
    const room = free.filter(Boolean).length;
    const inTheWay =
      permitKeys.length === 0 ? ahead : ahead.filter(({ permits }) => permits > free.indexOf(true));
    if (inTheWay.length < Math.max(room, 1)) return;
    const names = inTheWay.map(tell).join(', ');
    fail(`${server.name} grants ${token} a key of ${queue} past ${names}`);
  }

  function isDisturbed(): boolean {
    const { disturbances, world } = scene;
    return disturbances.isDisturbedSince(world.now);
  }

  return {
    queued(change: QueueChange): void {
      const { server, queue, after } = change;
      const operations = operationsIn(change.command);
      for (const operation of operations) {
        const position = operation.queues.indexOf(queue);
        if (!isRequest(operation) || position < 0) continue;
        const { token, keys } = operation;
        const key = keys[position] ?? '';
        const wasHeld = change.keys.get(key) === token || change.sharers.get(key)?.has(token);
        if (!wasHeld && isHeldBy(server.keyspace, key, token)) judge(change, operation);
      }
      for (const entry of living(change)) {
        if (after.some((each) => isSamePlace(each, entry))) continue;
        if (!server.channels.hasReceiver(entry.channel)) continue;
        if (operations.some((operation) => mayRemove(operation, entry))) continue;
        fail(`${tell(entry)} is dropped from ${queue} of ${server.name} before its time`);
      }
    },

    called({ process, command, at }: Call): void {
      const operations = operationsIn(command);
      const released = new Set(operations.filter(isRelease).map(({ token }) => tickets.get(token)));
      for (const operation of operations) {
        const place = ticketedOf(operation);
        const { token } = operation;
        if (!place || tickets.has(token)) continue;
        tickets.set(token, place.ticket);
        if (!released.has(place.ticket)) continue;
        const first = firstGrants.get(`${process.name} ${place.ticket}`) ?? Infinity;
        if (at - first <= INHERITED_FOR + LATENESS) continue;
        if (first < Infinity && !isDisturbed())
          fail(`${token} inherits the ticket ${place.ticket} ${at - first} ms after its grant`);
      }
    },

    acquired({ process, token }: Holding): void {
      const id = `${process.name} ${tickets.get(token)}`;
      if (!firstGrants.has(id)) firstGrants.set(id, process.mono.read());
    },
  };
}

/** Whether an operation is one of the waiter itself. */
function mayRemove(operation: EncodedOperation, entry: Place): boolean {
  const { leaving } = operation;
  const place = ticketedOf(operation);
  if (place && isSamePlace(place, entry)) return true;
  return (
    leaving?.channel === entry.channel &&
    leaving.tickets.some((ticket) => Number(ticket) === entry.ticket)
  );
}

/** Whether a permit was free before a command, or the command has released it. */
function isFreeFor(
  key: string,
  before: ReadonlyMap<string, string | null>,
  command: readonly string[],
): boolean {
  const value = before.get(key) ?? null;
  if (value === null) return true;
  return operationsIn(command).some(
    ({ verb, keys, token, other }) =>
      verb === 'r' && other === null && token === value && keys.includes(key),
  );
}

function tell({ ticket, channel }: Place): string {
  return `${ticket} (${channel})`;
}

/** Those whose time had not ended before the command. */
function living({ before, server }: QueueChange): readonly QueueEntry[] {
  return before.filter(({ until }) => until > server.keyspace.now);
}
