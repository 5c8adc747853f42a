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
import type { EncodedOperation } from '../../core.js';
import type { Holding } from '../../run/holding.js';
import type { Scene } from '../../run/scene.js';
import { isHeldBy } from '../../server/sharers.js';
import type { Call, Oracle, QueueChange } from '../../run/events.js';

/** How long a ticket that was granted may be inherited inside its process, and how late that may be seen; in ms. */
const INHERITED_FOR = 100;
const LATENESS = 2;

/**
 * Tickets decide at the grant. A node grants a key to a request only if no waiter that conflicts with it is ahead in the
 * queue and has time left; of a semaphore, only if fewer are ahead than permits are free. A waiter leaves a queue only by
 * its own request, its own release, its time, or because no subscriber receives its notification. Hand-overs inside a
 * process inherit a ticket for 100 ms.
 */
export class Order implements Oracle {
  /** The ticket of each token, and when each ticket of a process was first granted, on its monotonic clock. */
  readonly #tickets = new Map<string, number>();
  readonly #firstGrants = new Map<string, number>();

  constructor(private readonly scene: Scene) {}

  queued(change: QueueChange): void {
    const { server, queue, after } = change;
    const operations = operationsIn(change.command);
    for (const operation of operations) {
      const position = operation.queues.indexOf(queue);
      if (!isRequest(operation) || position < 0) continue;
      const { token, keys } = operation;
      const key = keys[position] ?? '';
      const wasHeld = change.keys.get(key) === token || change.sharers.get(key)?.has(token);
      if (!wasHeld && isHeldBy(server.keyspace, key, token)) this.#judge(change, operation);
    }
    for (const entry of this.#living(change)) {
      if (after.some((each) => isSamePlace(each, entry))) continue;
      if (!server.channels.hasReceiver(entry.channel)) continue;
      if (operations.some((operation) => mayRemove(operation, entry))) continue;
      this.#fail(`${tell(entry)} is dropped from ${queue} of ${server.name} before its time`);
    }
  }

  #judge(change: QueueChange, { token, shared, permitKeys, ...request }: EncodedOperation): void {
    const { server, queue, after, keys, command } = change;
    const place = ticketedOf({ shared, permitKeys, ...request });
    if (place) this.scene.tally.turns++;
    const ahead = this.#living(change).filter(
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
    this.#fail(`${server.name} grants ${token} a key of ${queue} past ${names}`);
  }

  /** Those whose time had not ended before the command. */
  #living({ before, server }: QueueChange): readonly QueueEntry[] {
    return before.filter(({ until }) => until > server.keyspace.now);
  }

  called({ process, command, at }: Call): void {
    const operations = operationsIn(command);
    const released = new Set(
      operations.filter(isRelease).map(({ token }) => this.#tickets.get(token)),
    );
    for (const operation of operations) {
      const place = ticketedOf(operation);
      const { token } = operation;
      if (!place || this.#tickets.has(token)) continue;
      this.#tickets.set(token, place.ticket);
      if (!released.has(place.ticket)) continue;
      const first = this.#firstGrants.get(`${process.name} ${place.ticket}`) ?? Infinity;
      if (at - first <= INHERITED_FOR + LATENESS) continue;
      if (first < Infinity && !this.#isDisturbed)
        this.#fail(`${token} inherits the ticket ${place.ticket} ${at - first} ms after its grant`);
    }
  }

  acquired({ process, token }: Holding): void {
    const id = `${process.name} ${this.#tickets.get(token)}`;
    if (!this.#firstGrants.has(id)) this.#firstGrants.set(id, process.mono.read());
  }

  get #isDisturbed(): boolean {
    const { disturbances, world } = this.scene;
    return disturbances.isDisturbedSince(world.now);
  }

  #fail(what: string): void {
    this.scene.fail('order', what);
  }
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
