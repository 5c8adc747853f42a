import type { Claim } from './claim.js';

/** One operation that a node is asked for a claim, as the program takes it. */
export interface Operation<T = unknown> {
  readonly kind: 'grant' | 'adopt' | 'extend' | 'confirm' | 'heal' | 'release' | 'inspect';
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
  /** Reads the reply. Throws if the program gives no such reply. */
  read(reply: unknown): Reading<T>;
}

/** The meaning of a node's reply. */
export interface Reading<T> {
  readonly vote: 'granted' | 'denied';
  readonly detail: T;
}

/** What denies a grant on one node: a key with another value. */
interface Denial {
  /** The position of the resource in the request. */
  readonly resource: number;
  /** The start of the key's value. It serves for comparison only and is never shown. */
  readonly value: string;
  /** Ms until the key expires; Infinity if it never does. */
  readonly remaining: number;
}

/** If the node granted: the new value of its fencing counters, 0 without fencing. Otherwise: what denied the grant. */
export type GrantDetail = number | readonly Denial[];

export function grant(claim: Claim, ttl: number, proposal: number): Operation<GrantDetail> {
  const fence = fenceOf(claim, proposal);
  const asProposed: Reading<number> = { vote: 'granted', detail: fence ?? 0 };
  return {
    kind: 'grant',
    claim,
    ttl,
    fence,
    read: (reply) => (reply === 1 ? asProposed : readGrant(reply, fence ?? 0)),
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

/**
 * Releases a claim. `detail` of its reading: how many subscribers heard that a resource is free.
 * @param again whether the node has executed a release of this claim already. Never repeat a `keepFor` release: it
 * would restart the retention.
 */
export function release(claim: Claim, ttl: number, again = false): Operation<number> {
  const { keepFor } = claim;
  const successor = again && keepFor > 0 ? null : claim.successor;
  return { kind: 'release', claim, ttl, fence: null, successor, keepFor, read: readRelease };
}

/** The key of a resource as one node has it. */
export interface KeyState {
  readonly token: string | null;
  readonly ttl: number | null;
}

export function inspect(claim: Claim): Operation<KeyState> {
  // An inspection has no ttl from which the node's timeout could follow, so it takes the longest one.
  return { kind: 'inspect', claim, ttl: Infinity, fence: null, read: readSight };
}

function fenceOf({ lockKeys }: Claim, fence: number): number | null {
  return lockKeys.fenced ? fence : null;
}

function readGrant(reply: unknown, proposed: number): Reading<GrantDetail> {
  if (!Array.isArray(reply)) {
    const counter = integer(reply);
    if (counter < 1) throw unexpectedReply();
    return { vote: 'granted', detail: counter === 1 ? proposed : counter };
  }
  const detail = reply.map((denial) => {
    const [resource, value, pttl] = list(denial);
    const remaining = integer(pttl);
    return {
      resource: integer(resource),
      value: String(value),
      remaining: remaining < 0 ? Infinity : remaining,
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

const UNHEARD: Reading<number> = { vote: 'granted', detail: 0 };

function readRelease(reply: unknown): Reading<number> {
  if (reply === 1) return UNHEARD;
  const heard = integer(reply) - 1;
  if (heard < -1) throw unexpectedReply();
  return heard < 0 ? { vote: 'denied', detail: 0 } : { vote: 'granted', detail: heard };
}

function readSight(reply: unknown): Reading<KeyState> {
  const [value, pttl] = list(reply);
  const ttl = integer(pttl);
  return {
    vote: 'granted',
    detail: { token: typeof value === 'string' ? value : null, ttl: ttl >= 0 ? ttl : null },
  };
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
