import type { LockMode } from '../options.js';
import type { ErrorData } from '../vote.js';
import { describeError } from './errors.js';
import type { Operation } from './operations.js';
import { SHARED } from './token.js';

/** The result of one operation on one node: the meaning of its reply, or why no reply counts. */
export type Reading =
  | { readonly vote: 'granted'; readonly detail: GrantDetail | KeyState | undefined }
  | { readonly vote: 'denied'; readonly detail: Denied | Unextended | undefined }
  | Failure;

export interface Failure {
  readonly vote: 'failed';
  readonly detail?: undefined;
  readonly error: ErrorData;
  /** The rest of the quarantine in ms, if that is the reason. */
  readonly quarantinedFor?: number;
}

/** What a node that granted an acquire has now. */
export interface GrantDetail {
  /** The value of its counters; 0 without fencing. */
  readonly counter: number;
  /** For an adoption: when the keys expire, by the node's clock in ms. */
  readonly expiresAt?: number;
}

/** Why a node denied an acquire. */
export interface Denied {
  /** The node's clock, in microseconds. */
  readonly time: number;
  readonly denials: readonly Denial[];
}

/** One key that denied. */
export interface Denial {
  /** The position of the resource in the request. */
  readonly resource: number;
  /**
   * The start of the key's value, for comparing only; it is never shown. null: the key is free, but a waiter is ahead in
   * its queue.
   */
  readonly value: string | null;
  /** How long that lasts, in ms; Infinity if the key never expires. */
  readonly remaining: number;
  /** How many entries in the queue have lower tickets. */
  readonly rank: number;
  /** If the key is shared: the start of the tokens of some holders. They are never shown. */
  readonly tokens: readonly string[];
  /** For semaphores: which permits are free on this node. */
  readonly free: readonly number[];
  /** For semaphores: whether another permit would be granted to this caller. */
  readonly room: boolean;
}

/** Why a node did not extend: it lacks the token, or a later grant has raised its counter. */
type Unextended = 'missing' | 'superseded';

/** The holder of a key on one node. */
export interface KeyHolder {
  readonly token: string;
  /** Ms until it expires; null: it never does. */
  readonly expiresIn: number | null;
  readonly mode: LockMode;
}

/** The key of a resource as one node has it. */
export interface KeyState {
  /** What the key says: `free`, or how it is held. A key that is shared may name no holders. */
  readonly state: 'free' | LockMode;
  readonly holders: readonly KeyHolder[];
  /** The value of the key. null: there is none, or it is shared. */
  readonly token: string | null;
  readonly expiresIn: number | null;
  /** How many entries its queue has. */
  readonly waiting: number;
}

const INTEGER = /^-?\d+$/;

/** The reading of reply 1: the node did what was requested. */
export function granted(operation: Operation): Reading {
  return operation.verb === 'acquire'
    ? { vote: 'granted', detail: { counter: operation.fence } }
    : DONE;
}

const DONE: Reading = { vote: 'granted', detail: undefined };
const NOT_DONE: Reading = { vote: 'denied', detail: undefined };

/** What a reply to an operation means. */
export function read(operation: Operation, reply: unknown): Reading {
  try {
    // A string is the error of this operation alone, unless it is an integer in a client's words.
    if (typeof reply === 'string' && !INTEGER.test(reply)) throw new Error(reply);
    return READERS[operation.verb](reply, operation);
  } catch (error) {
    return { vote: 'failed', error: describeError(error) };
  }
}

const READERS: Record<Operation['verb'], (reply: unknown, operation: Operation) => Reading> = {
  acquire: readAcquire,
  extend: (reply) => {
    const value = integer(reply);
    if (value === 1) return DONE;
    if (value === 0) return { vote: 'denied', detail: 'missing' };
    if (value === -1) return { vote: 'denied', detail: 'superseded' };
    throw unexpectedReply();
  },
  release: (reply) => {
    const value = integer(reply);
    if (value !== 0 && value !== 1) throw unexpectedReply();
    return value === 1 ? DONE : NOT_DONE;
  },
  inspect: readKeyState,
};

function readAcquire(reply: unknown, { fence, adopts, keys }: Operation): Reading {
  if (!Array.isArray(reply)) {
    const counter = integer(reply);
    // 0: the token was there already, and the counter is missing.
    if (counter < 0 || (fence === 0 && counter !== 1)) throw unexpectedReply();
    return { vote: 'granted', detail: { counter: counter === 1 ? fence : counter } };
  }
  const [first, second, ...others] = reply as unknown[];
  if (adopts !== null && !Array.isArray(second)) {
    return { vote: 'granted', detail: { counter: integer(first), expiresAt: integer(second) } };
  }
  // An adoption is for one permit, whatever the others are.
  const ofSemaphore = keys.semaphore !== null && adopts === null;
  const denials = [second, ...others].map((each) => readDenial(each, ofSemaphore));
  return { vote: 'denied', detail: { time: integer(first), denials } };
}

function readDenial(reply: unknown, ofSemaphore: boolean): Denial {
  const [resource, what, pttl, rank, tokens, states, room] = list(reply);
  const remaining = integer(pttl);
  const text = String(what);
  return {
    resource: integer(resource),
    // A value that another program wrote may begin with > too. It is then taken for a queue, which only costs a poll.
    value: text.startsWith('>') ? null : text,
    remaining: remaining < 0 ? Infinity : remaining,
    rank: integer(rank),
    tokens: Array.isArray(tokens) ? tokens.map(String) : [],
    free: ofSemaphore ? freePermits(states) : [],
    room: ofSemaphore && integer(room) === 1,
  };
}

/** @param states one character for each permit, 1 if it is free */
function freePermits(states: unknown): readonly number[] {
  const text = String(states);
  if (!/^[01]+$/.test(text)) throw unexpectedReply();
  return text.split('').flatMap((state, permit) => (state === '1' ? [permit] : []));
}

function readKeyState(reply: unknown): Reading {
  const [value, pttl, waiting, sharers] = list(reply);
  const expiry = integer(pttl);
  const expiresIn = expiry >= 0 ? expiry : null;
  const token = typeof value === 'string' && value !== SHARED ? value : null;
  const state = token !== null ? 'exclusive' : typeof value === 'string' ? 'shared' : 'free';
  const holders: KeyHolder[] =
    token === null
      ? readSharers(Array.isArray(sharers) ? sharers : [])
      : [{ token, expiresIn, mode: 'exclusive' }];
  const detail: KeyState = { state, holders, token, expiresIn, waiting: integer(waiting) };
  return { vote: 'granted', detail };
}

/** @param replies tokens, each followed by the ms that are left to it */
function readSharers(replies: readonly unknown[]): KeyHolder[] {
  const holders: KeyHolder[] = [];
  for (let i = 0; i < replies.length; i += 2) {
    const expiresIn = integer(replies[i + 1]);
    holders.push({ token: String(replies[i]), expiresIn, mode: 'shared' });
  }
  return holders;
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

/**
 * The replies to the operations of a command, in their order.
 * @returns 1: everything was done; null: the script gives no such reply
 */
export function repliesIn(reply: unknown, operations: number): 1 | readonly unknown[] | null {
  if (reply === 1 || reply === '1' || reply === 1n) return 1;
  if (operations === 1) return [reply];
  return Array.isArray(reply) && reply.length === operations ? reply : null;
}

/** The error for a reply that the script does not give. A proxy may give one, or a server that is not Redis. */
export function unexpectedReply(): Error {
  const error = new TypeError('the reply is not one that the script gives; is there a proxy?');
  return Object.assign(error, { code: 'UNEXPECTED_REPLY' });
}
