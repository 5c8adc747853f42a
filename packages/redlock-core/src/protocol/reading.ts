import type { LockMode } from '../mode.js';
import { parsePermitStates, type PermitStates } from './permit-states.js';
import { isWord } from './word.js';

/** The meaning of a node's reply. */
export interface Reading<T> {
  readonly vote: 'granted' | 'denied';
  readonly detail: T;
}

/** What denies a grant on one node: a key with another value. */
export interface Denial {
  /** The position of the resource in the request. */
  readonly resource: number;
  /** The start of the key's value. It serves for comparison only and is never shown. */
  readonly value: string;
  /** Ms until the key expires; Infinity if it never does. */
  readonly remaining: number;
  /** The ticket in the queue of the resource, in microseconds, if the denial has led to one. */
  readonly ticket?: number;
  /** How many processes stand before this one in that queue. */
  readonly rank?: number;
  /** If the key is shared: the start of the tokens of some holders. They are never shown. */
  readonly tokens?: readonly string[];
  /** Of a semaphore: what the node has for each of its permits. */
  readonly permits?: PermitStates;
}

/** If the node granted: the new value of its fencing counters, 0 without fencing. Otherwise: what denied the grant. */
export type GrantDetail = number | readonly Denial[];

/**
 * Why a node does not count for an extension. `overtaken`: it holds our token, but a later grant has raised the
 * counter. `missing`: it lacks a key and may be healed. `foreign`: a key belongs to another owner.
 */
export type ExtendDetail = 'overtaken' | 'missing' | 'foreign' | undefined;

/** Somebody who holds a key on one node. */
export interface KeyHolder {
  readonly token: string;
  /** Ms until it expires; null: it never does. */
  readonly ttl: number | null;
  readonly mode: LockMode;
}

/** The key of a resource as one node has it. */
export interface KeyState {
  /** Those that hold it; none if there is no key, or if it is reserved for processes that were called. */
  readonly holders: readonly KeyHolder[];
  /** The value of the key. Null: there is no key, it is shared, or it is reserved. */
  readonly token: string | null;
  /** Null: there is no key, or it never expires. */
  readonly ttl: number | null;
  /** How many processes are in its queue. */
  readonly waiting: number;
}

export function readGrant(
  reply: unknown,
  proposed: number,
  ofPermit: boolean,
): Reading<GrantDetail> {
  if (!Array.isArray(reply)) {
    const counter = integer(reply);
    if (counter < 1) throw unexpectedReply();
    return { vote: 'granted', detail: counter === 1 ? proposed : counter };
  }
  const detail = reply.map((denial) => {
    const [resource, value, pttl, ticket, rank, tokens, states] = list(denial);
    const remaining = integer(pttl);
    return {
      resource: integer(resource),
      value: String(value),
      remaining: remaining < 0 ? Infinity : remaining,
      ...(isGiven(ticket) && { ticket: integer(ticket), rank: integer(rank) }),
      ...(isGiven(tokens) && { tokens: list(tokens).map(String) }),
      ...(ofPermit && { permits: readPermitStates(states) }),
    };
  });
  return { vote: 'denied', detail };
}

const EXTEND_DETAILS = new Map<number, ExtendDetail>([
  [2, 'overtaken'],
  [0, 'foreign'],
  [-1, 'missing'],
]);

export function readExtend(reply: unknown): Reading<ExtendDetail> {
  const value = integer(reply);
  if (value === 1) return DONE;
  const detail = EXTEND_DETAILS.get(value);
  if (!detail) throw unexpectedReply();
  return { vote: 'denied', detail };
}

const DONE: Reading<undefined> = { vote: 'granted', detail: undefined };
const NOT_DONE: Reading<undefined> = { vote: 'denied', detail: undefined };

export function readDone(reply: unknown): Reading<void> {
  const done = integer(reply);
  if (done !== 0 && done !== 1) throw unexpectedReply();
  return done === 1 ? DONE : NOT_DONE;
}

const NOBODY_WAITS: Reading<number> = { vote: 'granted', detail: 0 };

export function readRelease(reply: unknown): Reading<number> {
  if (reply === 1) return NOBODY_WAITS;
  const waiting = integer(reply) - 1;
  if (waiting < -1) throw unexpectedReply();
  return waiting < 0 ? { vote: 'denied', detail: 0 } : { vote: 'granted', detail: waiting };
}

export function readKeyState(reply: unknown): Reading<KeyState> {
  const [value, pttl, waiting, sharers] = list(reply);
  const expiry = integer(pttl);
  const ttl = expiry >= 0 ? expiry : null;
  const token = typeof value === 'string' && !isWord(value) ? value : null;
  const exclusive: KeyHolder[] = token === null ? [] : [{ token, ttl, mode: 'exclusive' }];
  const holders = sharers === undefined ? exclusive : readSharers(list(sharers));
  return { vote: 'granted', detail: { holders, token, ttl, waiting: integer(waiting) } };
}

/** @param replies tokens, each followed by the ms that are left to it */
function readSharers(replies: readonly unknown[]): KeyHolder[] {
  const holders: KeyHolder[] = [];
  for (let i = 0; i < replies.length; i += 2) {
    holders.push({ token: String(replies[i]), ttl: integer(replies[i + 1]), mode: 'shared' });
  }
  return holders;
}

/** Whether a reply has a value at a position that others leave empty. */
function isGiven(reply: unknown): boolean {
  return reply !== undefined && reply !== null;
}

function readPermitStates(reply: unknown): PermitStates {
  const states = parsePermitStates(String(reply));
  if (states === null) throw unexpectedReply();
  return states;
}

/** Reads an integer. Some clients are set to return integers as strings or as bigints. */
function integer(reply: unknown): number {
  const value = typeof reply === 'string' || typeof reply === 'bigint' ? Number(reply) : reply;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw unexpectedReply();
}

function list(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw unexpectedReply();
}

/** The error for a reply that the script does not give. A proxy may give one, or a server that is not Redis. */
export function unexpectedReply(): Error {
  const error = new TypeError('the reply is not one that the script gives; is there a proxy?');
  return Object.assign(error, { code: 'UNEXPECTED_REPLY' });
}
