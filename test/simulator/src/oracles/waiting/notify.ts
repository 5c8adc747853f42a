import { type EncodedOperation, SHARED } from '../../core.js';
import type { Message, Oracle, QueueChange } from '../../run/events.js';
import type { Scene } from '../../run/scene.js';
import {
  isAhead,
  isRequest,
  isSamePlace,
  notificationOf,
  operationsIn,
  type Place,
  type QueueEntry,
  ticketedOf,
} from '../../server/commands.js';
import type { Server } from '../../server/server.js';
import { isOrphaned } from '../../server/sharers.js';

/** Two entries of one process differ in their last ms. */
const ROUNDING = 8;

/**
 * A release after which a key is free notifies the first waiter, and all shared ones up to the first exclusive; of a
 * semaphore, the first that is not notified yet and may use the permit. A request notifies the first waiter in its way, and
 * all of them only if one has let its window pass. Each of them then has its window; one whose notification no subscriber
 * receives leaves the queue. No other operation touches a queue.
 */
export function notify(scene: Scene): Oracle {
  /** What was published during the present event of the world, by one execution of a command. */
  let published: Message[] = [];
  let event = -1;

  /** Whether what was published belongs to one execution of a command. */
  function isOf({ server, command }: Pick<Message, 'server' | 'command'>): boolean {
    const [first] = published;
    const isNow = event === scene.world.events;
    return isNow && first?.server === server && first.command === command;
  }

  function judgeMessage(change: QueueChange, { server, channel, text, receivers }: Message): void {
    const { ticket, permit } = notificationOf(text);
    const place: Place = { ticket, channel };
    const { now } = server.keyspace;
    const before = change.before.find((entry) => isSamePlace(entry, place));
    const after = change.after.find((entry) => isSamePlace(entry, place));
    if (!before) return;
    if (before.isNotified && before.until > now)
      fail(change, `${ticket} is notified again within its window`);
    if (permit !== null && permit >= before.permits)
      fail(change, `${ticket} is notified of permit ${permit}, and may use ${before.permits}`);
    if (receivers === 0 && scene.plan.redirects === 0) {
      if (after) fail(change, `no subscriber receives the notification of ${ticket}, and it stays`);
    } else if (!after?.isNotified || after.until > now + before.window + ROUNDING) {
      fail(
        change,
        `${ticket} is notified, and is not marked for its window of ${before.window} ms`,
      );
    }
  }

  function judgeRequest(
    change: QueueChange,
    operation: EncodedOperation,
    notified: readonly Message[],
  ): void {
    const { server, before } = change;
    const place = ticketedOf(operation);
    // It may give up what it has kept, which notifies the next.
    if (place?.lease != null && place.keep === 0) return;
    const heard = notified.filter(({ receivers }) => receivers > 0);
    const behind = heard
      .map(({ channel, text }) => ({ channel, ticket: notificationOf(text).ticket }))
      .find((each) => !isAhead(each, place));
    if (behind)
      fail(change, `${behind.ticket} is notified, and is not ahead of ${operation.token}`);
    const hasLapsed = before.some(
      ({ isNotified, until }) => isNotified && until <= server.keyspace.now,
    );
    if (heard.length > 1 && operation.queues.length < 2 && !hasLapsed)
      fail(change, `${operation.token} has ${heard.length} waiters notified at once`);
  }

  function judgeRelease(change: QueueChange, { keys, queues }: EncodedOperation): void {
    const { server, queue, before, after } = change;
    const { keyspace } = server;
    const key = keys[queues.indexOf(queue)] ?? '';
    const isShared = keyspace.get(key) === SHARED;
    if ((keyspace.has(key) && !isShared) || isOrphaned(keyspace, key)) return;
    const living = after.filter(({ until }) => until > keyspace.now);
    const { semaphore, resources } = scene.plan;
    const next = semaphore
      ? nextForPermit(resources.indexOf(key), before, living, (entry) => isHeard(server, entry))
      : nextFor(living, isShared);
    const told = new Set(living.filter(({ isNotified }) => isNotified).map(({ ticket }) => ticket));
    const missed = next.find(({ isNotified, ticket }) => !isNotified && !told.has(ticket));
    if (missed) fail(change, `${key} is free, and ${missed.ticket} is not notified`);
  }

  /** A Cluster does not know whether a notification has receivers. */
  function isHeard({ channels }: Server, { channel }: QueueEntry): boolean {
    return scene.plan.redirects > 0 || channels.hasReceiver(channel);
  }

  function fail({ server, queue }: QueueChange, what: string): void {
    scene.fail('notify', `${queue} of ${server.name}: ${what}`);
  }

  return {
    published(message: Message): void {
      if (!isOf(message)) published = [];
      event = scene.world.events;
      published.push(message);
    },

    queued(change: QueueChange): void {
      const [operation, ...others] = operationsIn(change.command);
      if (!operation || others.length > 0) return;
      const messages = isOf(change) ? published : [];
      const notified = messages.filter(({ channel, text }) => {
        const place = { channel, ticket: notificationOf(text).ticket };
        return change.before.some((entry) => isSamePlace(entry, place));
      });
      // A waiter may be in several queues, and its notification does not say in which.
      if (operation.queues.length < 2)
        for (const message of notified) judgeMessage(change, message);
      if (isRequest(operation)) judgeRequest(change, operation, notified);
      else if (operation.verb === 'r' && operation.other === null && operation.queues.length > 0)
        judgeRelease(change, operation);
      else if (notified.length > 0 || change.before.length !== change.after.length)
        fail(change, `${operation.token} changes the queue, and neither requests nor leaves`);
    },
  };
}

/** Who must be notified of a free or shared key. */
function nextFor(living: readonly QueueEntry[], isShared: boolean): readonly QueueEntry[] {
  const exclusive = living.findIndex(({ shares }) => !shares);
  const sharers = exclusive < 0 ? living : living.slice(0, exclusive);
  return sharers.length > 0 || isShared ? sharers : living.slice(0, 1);
}

/** Who must be notified of a free permit: the first that was not, and still is in the queue. */
function nextForPermit(
  permit: number,
  before: readonly QueueEntry[],
  living: readonly QueueEntry[],
  isHeard: (entry: QueueEntry) => boolean,
): readonly QueueEntry[] {
  const first = before.find(
    (entry) =>
      !entry.isNotified &&
      entry.permits > permit &&
      isHeard(entry) &&
      living.some((each) => isSamePlace(each, entry)),
  );
  return living.filter((entry) => first && isSamePlace(entry, first));
}
