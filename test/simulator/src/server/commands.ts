import { decode, queueOf, SCRIPTS, SemaphoreKeys, type EncodedOperation } from '../core.js';
import type { Plan } from '../plan/plan.js';

const NONE: readonly EncodedOperation[] = [];

/** Perf: every node is given the same command, and several oracles read it, each time somebody sends or executes it. */
const known = new WeakMap<readonly string[], readonly EncodedOperation[]>();

/** The operations of a command, as an adapter is given it. Commands that run no script of the core have none. */
export function operationsIn(command: readonly string[]): readonly EncodedOperation[] {
  const operations = known.get(command) ?? read(command);
  known.set(command, operations);
  return operations;
}

function read([name = '', code = '', ...args]: readonly string[]): readonly EncodedOperation[] {
  const byDigest = /^evalsha$/i.test(name);
  if (!byDigest && !/^eval$/i.test(name)) return NONE;
  const script = SCRIPTS.find(({ sha, source }) => code === (byDigest ? sha : source));
  return script ? decode({ script, args }).operations : NONE;
}

/** Whether an operation asks for keys that are free, as opposed to an adoption. */
export function isRequest({ verb, other }: EncodedOperation): boolean {
  return verb === 'a' && other === null;
}

/** Whether an operation ends what a token holds. A release of no lock, which only leaves queues, does so too. */
export function isRelease({ verb }: EncodedOperation): boolean {
  return verb === 'r';
}

/** The place of a waiter in an order that is the same on all nodes. */
export interface Place {
  readonly ticket: number;
  /** Decides between equal tickets. */
  readonly channel: string;
}

/** A waiter in the queue of a node. */
export interface QueueEntry extends Place {
  readonly isNotified: boolean;
  /** On the clock by which the node expires keys, in ms. */
  readonly until: number;
  readonly shares: boolean;
  /** How long it has to come back once it is notified, in ms. */
  readonly window: number;
  /** How many permits it may use; 0: it waits for no semaphore. */
  readonly permits: number;
}

/** A request that carries a ticket. */
export interface Ticketed extends Omit<QueueEntry, 'isNotified' | 'until'> {
  /** For how long it is entered, in ms; null: it is not, and has neither a window nor keeps anything. */
  readonly lease: number | null;
  readonly keep: number;
}

const MEMBER = /^(!?)(\d+):(.*)$/s;
const TAIL = /^([xs]):([\d.]+):(\d*):(.*)$/s;

/** @param member of a queue: `[!]until:mode:window:permits:channel` */
export function entryOf(member: string, ticket: number): QueueEntry {
  const [, mark, until, tail = ''] = MEMBER.exec(member) ?? [];
  return { ticket, isNotified: mark === '!', until: Number(until), ...tailOf(tail) };
}

/** What a request says of the waiter that makes it; null: it has no ticket. */
export function ticketedOf({
  ticketed,
  shared: shares,
  permitKeys,
}: Pick<EncodedOperation, 'ticketed' | 'shared' | 'permitKeys'>): Ticketed | null {
  if (!ticketed) return null;
  const { ticket: text, channel, entry } = ticketed;
  const ticket = Number(text);
  if (entry) return { ticket, lease: entry.lease, keep: entry.keep, ...tailOf(entry.tail) };
  const permits = permitKeys.length;
  return { ticket, channel, lease: null, keep: 0, shares, window: 0, permits };
}

function tailOf(tail: string): Pick<QueueEntry, 'shares' | 'window' | 'permits' | 'channel'> {
  const [, mode, window, permits, channel = ''] = TAIL.exec(tail) ?? [];
  return { shares: mode === 's', window: Number(window), permits: Number(permits), channel };
}

export function isSamePlace(one: Place, other: Place): boolean {
  return one.ticket === other.ticket && one.channel === other.channel;
}

/** @param place null: of a request without a ticket, which is behind everybody */
export function isAhead(one: Place, place: Place | null): boolean {
  if (!place) return true;
  if (one.ticket !== place.ticket) return one.ticket < place.ticket;
  return one.channel < place.channel;
}

/** The name of the process that listens to a channel, whose last part is one of the process's tokens. */
export function processOf(channel: string): string {
  const id = channel.slice(channel.lastIndexOf(':') + 1);
  return id.slice(0, id.indexOf('.'));
}

/** What a node says to a waiter that it notifies: its ticket, and of a semaphore a permit. */
export function notificationOf(text: string): { ticket: number; permit: number | null } {
  const [ticket, permit] = text.split(' ');
  return { ticket: Number(ticket), permit: permit === undefined ? null : Number(permit) };
}

export function isQueue(key: string): boolean {
  return key.endsWith(':waiting');
}

/** The queues in which processes wait for the resources of a run. All permits of a semaphore have one. */
export function queuesOf({ semaphore, resources }: Plan): readonly string[] {
  if (semaphore) return [new SemaphoreKeys(semaphore.name, '', semaphore.permits).queue];
  return resources.map(queueOf);
}
