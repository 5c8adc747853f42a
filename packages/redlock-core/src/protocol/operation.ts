import type { LockMode } from '../mode.js';
import type { Claim } from './claim.js';
import { parsePermitStates, type PermitStates } from './permit-states.js';

/** One operation that a node is asked for a claim, as the program takes it. */
export interface Operation<T = unknown> {
  readonly kind:
    'grant' | 'adopt' | 'extend' | 'confirm' | 'heal' | 'release' | 'leave' | 'inspect';
  readonly claim: Claim;
  /**
   * The expiry that the operation sets, if it sets one, in ms. The node's default timeout follows from it in any case.
   */
  readonly ttl: number;
  /** A proposal or a fencing token; null without fencing. */
  readonly fence: number | null;
  /** Of an adoption: the token that it replaces. */
  readonly from?: string;
  /** Of a release: the token that is put in the place of the claim's own; null: the keys are deleted. */
  readonly successor?: string | null;
  /** Of a release: for how many ms the successor stays; 0: until the keys expire. */
  readonly keepFor?: number;
  /**
   * Of a grant, a release or a leave: what it does in the queues, one entry for each key, as {@link QueueEntries} makes
   * them; null: nothing, and a release calls the next.
   */
  readonly entries?: readonly string[] | null;
  /** Reads the reply. Throws if the program gives no such reply. */
  read(reply: unknown): Reading<T>;
}

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

/** @param entries those with which a denial enters the queues; null: the caller does not wait in a queue */
export function grant(
  claim: Claim,
  ttl: number,
  proposal: number,
  entries: readonly string[] | null = null,
): Operation<GrantDetail> {
  const fence = fenceOf(claim, proposal);
  const asProposed: Reading<number> = { vote: 'granted', detail: fence ?? 0 };
  const ofPermit = claim.lockKeys.permits > 0;
  return {
    kind: 'grant',
    claim,
    ttl,
    fence,
    entries,
    read: (reply) => (reply === 1 ? asProposed : readGrant(reply, fence ?? 0, ofPermit)),
  };
}

/** The same as a grant, for keys that hold another token, which is replaced. */
export function adopt(
  claim: Claim,
  ttl: number,
  proposal: number,
  from: string,
): Operation<GrantDetail> {
  return { ...grant(claim, ttl, proposal), kind: 'adopt', from };
}

/**
 * Why a node does not count for an extension. `overtaken`: it holds our token, but a later grant has raised the
 * counter. `missing`: it lacks a key and may be healed. `foreign`: a key belongs to another owner.
 */
export type ExtendDetail = 'overtaken' | 'missing' | 'foreign' | undefined;

export function extend(claim: Claim, ttl: number): Operation<ExtendDetail> {
  const fence = fenceOf(claim, claim.fencingToken);
  return { kind: 'extend', claim, ttl, fence, read: readExtend };
}

/**
 * Raises a node's counter to a fencing token, if the keys there hold our token and no later grant has raised the
 * counter above it.
 */
export function confirm(
  claim: Claim,
  ttl: number,
  fencingToken = claim.fencingToken,
): Operation<void> {
  const fence = fenceOf(claim, fencingToken);
  return { kind: 'confirm', claim, ttl, fence, read: readDone };
}

/** Puts a held lock back on a node that lacks it. */
export function heal(claim: Claim, ttl: number): Operation<void> {
  const fence = fenceOf(claim, claim.fencingToken);
  return { kind: 'heal', claim, ttl, fence, read: readDone };
}

/** What a release does besides. */
export interface ReleaseTerms {
  /** What it does in the queues, one entry for each key; null: it calls the next. By default, the claim says. */
  readonly entries?: readonly string[] | null | undefined;
  /**
   * Whether the node has executed a release of this claim already. Never repeat a `keepFor` release: it would restart
   * the retention.
   */
  readonly again?: boolean;
}

/** Releases a claim. `detail` of its reading: how many processes wait for a resource. */
export function release(
  claim: Claim,
  ttl: number,
  { entries = claim.quiet ? quietEntries(claim) : null, again = false }: ReleaseTerms = {},
): Operation<number> {
  const { keepFor } = claim;
  const successor = again && keepFor > 0 ? null : claim.successor;
  const read = readRelease;
  return { kind: 'release', claim, ttl, fence: null, successor, keepFor, entries, read };
}

/** The entries of a release that calls nobody, and enters or leaves no queue. */
function quietEntries({ lockKeys }: Claim): readonly string[] {
  return lockKeys.keys.map(() => '=');
}

/**
 * Leaves the queues of a claim's keys. If a key is free, or reserved for this process, the next one is called.
 * @param claim one whose token no key holds
 */
export function leave(claim: Claim, entries: readonly string[]): Operation<number> {
  return { kind: 'leave', claim, ttl: Infinity, fence: null, entries, read: readRelease };
}

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

export function inspect(claim: Claim): Operation<KeyState> {
  // An inspection has no ttl from which the node's timeout could follow, so it takes the longest one.
  return { kind: 'inspect', claim, ttl: Infinity, fence: null, read: readKeyState };
}

function fenceOf({ lockKeys }: Claim, fence: number): number | null {
  return lockKeys.fenced ? fence : null;
}

function readGrant(reply: unknown, proposed: number, ofPermit: boolean): Reading<GrantDetail> {
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

function readExtend(reply: unknown): Reading<ExtendDetail> {
  const value = integer(reply);
  if (value === 1) return DONE;
  const detail = EXTEND_DETAILS.get(value);
  if (!detail) throw unexpectedReply();
  return { vote: 'denied', detail };
}

const DONE: Reading<undefined> = { vote: 'granted', detail: undefined };
const NOT_DONE: Reading<undefined> = { vote: 'denied', detail: undefined };

function readDone(reply: unknown): Reading<void> {
  const done = integer(reply);
  if (done !== 0 && done !== 1) throw unexpectedReply();
  return done === 1 ? DONE : NOT_DONE;
}

const NOBODY_WAITS: Reading<number> = { vote: 'granted', detail: 0 };

function readRelease(reply: unknown): Reading<number> {
  if (reply === 1) return NOBODY_WAITS;
  const waiting = integer(reply) - 1;
  if (waiting < -1) throw unexpectedReply();
  return waiting < 0 ? { vote: 'denied', detail: 0 } : { vote: 'granted', detail: waiting };
}

/** The value of a key that is reserved begins with this; the process follows. */
export const RESERVED = 'reserved:';

/** Whether a key with this value is kept for a process that was called. */
export function isReserved(value: string): boolean {
  return value.startsWith(RESERVED);
}

/** The value of a key that has shared holders, or is reserved for some. */
export const SHARED = 'shared';

/** Whether a value of a key is a word of the protocol, and so no token. */
export function isWord(value: string): boolean {
  return value === SHARED || isReserved(value);
}

function readKeyState(reply: unknown): Reading<KeyState> {
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
