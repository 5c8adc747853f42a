import { type EncodedOperation, SHARED } from '../../core.js';
import type { Call, Oracle, QueueChange } from '../../run/events.js';
import type { Scene } from '../../run/scene.js';
import {
  isAhead,
  isRequest,
  isSamePlace,
  operationsIn,
  type Ticketed,
  ticketedOf,
} from '../../server/commands.js';
import { isHeldBy, isOrphaned } from '../../server/sharers.js';

/** A waiter for several keys keeps those that it was notified for during this part of its wait. */
const PART = 0.1;
/** Clocks drift, and a call may begin before its ticket is known; in ms, and as a factor. */
const SLACK = 5;
const DRIFT = 1.3;
/** A request may take so many usual delays to a node. */
const SLOWEST = 3;
/** Two entries of one process differ in their last ms. */
const ROUNDING = 8;

/**
 * A denied request is in the queue of each key that denied it, for its lease, and of no other key except one that it was in
 * already: that key it keeps for as long as it says, or gives up. What a waiter says is a tenth of its wait, at least a
 * window, at most its ttl, and counted from the first request that said so, until it has given the keys up.
 */
export function keeping(scene: Scene): Oracle {
  /** Since when and until when a node keeps a key for a waiter, by the request that it began to do so with. */
  const periods = new Map<string, { readonly since: number; readonly until: number }>();
  /** The longest window that a waiter has had, by its process and ticket, in ms. */
  const windows = new Map<string, number>();
  const tokens = new Set<string>();

  /** @param keep for how many ms the node keeps the key; 0: it does not */
  function judgePeriod(
    { server, queue }: QueueChange,
    { ticket, channel }: Ticketed,
    keep: number,
  ): void {
    const id = `${server.name} ${queue} ${ticket} ${channel}`;
    const { now } = server.keyspace;
    const until = now + keep;
    const known = periods.get(id);
    const period = known && known.until > now ? known : { since: now, until };
    if (keep === 0) {
      periods.delete(id);
      return;
    }
    periods.set(id, period);
    const { disturbances, world, plan, tally } = scene;
    tally.kept++;
    if (disturbances.isDisturbedSince(world.now)) return;
    const slack = SLACK + SLOWEST * plan.delay + plan.driftFactor * (now - period.since);
    if (until > period.until + slack)
      scene.fail(
        'keep',
        `${ticket} keeps ${queue} of ${server.name} until ${until}, and had said ${period.until}`,
      );
  }

  /** How long the first call for some keys has waited, in true ms. */
  function waited(keys: readonly string[]): number {
    const { waiting, world } = scene;
    const waits = [...waiting].filter(({ resources }) =>
      keys.every((key) => resources.includes(key)),
    );
    return world.now - Math.min(world.now, ...waits.map(({ since }) => since));
  }

  function fail({ server, queue }: QueueChange, what: string): void {
    scene.fail('keep', `${queue} of ${server.name}: ${what}`);
  }

  return {
    queued(change: QueueChange): void {
      const [operation, ...others] = operationsIn(change.command);
      if (!operation || others.length > 0 || !isRequest(operation)) return;
      const place = ticketedOf(operation);
      if (!place || place.lease === null || scene.plan.semaphore) return;
      const { server, queue, before, after } = change;
      const { keys, token, queues } = operation;
      if (keys.every((each) => isHeldBy(server.keyspace, each, token))) return;
      const { now } = server.keyspace;
      const was = before.find((entry) => isSamePlace(entry, place));
      if (was && was.until <= now) return;
      const entry = after.find((each) => isSamePlace(each, place));
      const isDenied = hasDenied(change, operation, place, queues.indexOf(queue));
      const wanted = isDenied ? place.lease : was ? place.keep : 0;
      judgePeriod(change, place, isDenied || !was ? 0 : wanted);
      if (wanted === 0) {
        if (entry) fail(change, `${place.ticket} keeps a key that it does not ask to keep`);
      } else if (!entry || entry.isNotified === isDenied) {
        const what = isDenied ? 'waits for' : 'keeps';
        fail(change, `${place.ticket} ${what} a key, and its entry does not say so`);
      } else if (Math.abs(entry.until - now - wanted) > ROUNDING) {
        fail(change, `${place.ticket} stays for ${entry.until - now} ms, and not for ${wanted}`);
      }
    },

    called({ process, command }: Call): void {
      for (const operation of operationsIn(command)) {
        const { keys, token, ttl } = operation;
        const place = ticketedOf(operation);
        if (!place || place.lease === null || keys.length < 2 || tokens.has(token)) continue;
        tokens.add(token);
        const { keep, ticket: own } = place;
        const id = `${process.name} ${own}`;
        const window = Math.max(place.window, windows.get(id) ?? 0);
        windows.set(id, window);
        const longest = Math.max(window, Math.min(ttl ?? 0, PART * DRIFT * waited(keys)));
        if (keep > longest + SLACK)
          scene.fail(
            'keep',
            `${process.name} keeps keys with ${own} for ${keep} ms, and may for ${longest}`,
          );
      }
    },
  };
}

/** Whether one key has denied a request. */
function hasDenied(
  { server, after }: QueueChange,
  { keys, shared, token }: EncodedOperation,
  place: Ticketed,
  position: number,
): boolean {
  const { keyspace } = server;
  const key = keys[position] ?? '';
  if (isHeldBy(keyspace, key, token)) return false;
  if (isOrphaned(keyspace, key)) return true;
  if (keyspace.has(key) && !(shared && keyspace.get(key) === SHARED)) return true;
  return after.some(
    (entry) => isAhead(entry, place) && entry.until > keyspace.now && !(shared && entry.shares),
  );
}
