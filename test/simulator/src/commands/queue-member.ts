import { isReserved, PermitKeys, RESERVED } from '../core.js';

/** What an entry of a queue, a channel or a reservation says about the process that it stands for. */
export interface Called {
  /** The name of the process. */
  readonly process: string;
  /** For how many ms a key is reserved for it; 0: that is not said. */
  readonly ms: number;
  /** Whether it wants to share the key. */
  readonly shares: boolean;
  readonly channel: string;
}

/** @param member of a queue, as `ms:channel`, or as `ms` and `s:channel` where the process wants to share the key */
export function calledBy(member: string): Called {
  const terms = member.slice(0, member.indexOf(':'));
  const channel = member.slice(terms.length + 1);
  const shares = terms.endsWith('s');
  return { process: processOf(channel), ms: parseInt(terms, 10) || 0, shares, channel };
}

/** Of the entry with which a command enters a queue, or leaves it. */
export function memberOf(entry: string): string {
  return entry.replace(/^[-+=*]?(-?\d+:\d+:(?=\d+s?:))?/, '');
}

/**
 * The name of the process that listens to a channel, that a key is reserved for, or that has made a token: all of these
 * end with one of its tokens.
 */
export function processOf(channel: string): string {
  const id = channel.slice(channel.lastIndexOf(':') + 1);
  return id.slice(0, id.indexOf('.'));
}

/** Whether a value is that of a key which is reserved for a process. */
export function isReservation(value: string | null): value is string {
  return value !== null && isReserved(value);
}

/** What a node says to the process that it calls; of a semaphore, with the number of the permit that it keeps for it. */
const CALL = /^called(?: (\d+))?$/;

/** Whether a message on a channel calls a process; other messages tell it to stand by. */
export function isCall(text: string): boolean {
  return CALL.test(text);
}

/** The key that a node keeps for the process that it calls. */
export function calledKey(channel: string, text: string): string {
  const [key = ''] = channel.split(':called:');
  const [, permit] = CALL.exec(text) ?? [];
  if (permit === undefined) return key;
  return new PermitKeys(key, Number(permit), 0, false).keys[0] ?? '';
}

/** The value of a key while it is reserved for the process that listens to a channel. */
export function reservationOf(channel: string): string {
  return RESERVED + channel.slice(channel.lastIndexOf(':') + 1);
}

/** Whether a key of a command is a set of shared holders. */
export function isSet(key: string): boolean {
  return key.endsWith(':shared');
}

/** Whether a key of a command is a queue. */
export function isQueue(key: string): boolean {
  return key.endsWith(':waiting');
}
