import type { Claim } from './claim.js';

/** One thing to ask of a node for a claim, as the program takes it. */
export interface Operation<T = unknown> {
  readonly kind: 'grant' | 'adopt' | 'extend' | 'confirm' | 'heal' | 'release' | 'inspect';
  readonly claim: Claim;
  /** In ms. The expiry, where one is set; a node's default timeout follows from it in any case. */
  readonly ttl: number;
  /** A proposal or a fencing token; null without fencing. */
  readonly fence: number | null;
  /** Of an adoption: the token that is replaced. */
  readonly from?: string;
  /** Of a release: what is put in the token's place, and in ms for how long; null: the keys are deleted. */
  readonly successor?: string | null;
  readonly keepFor?: number;
  /** Throws where the reply is none that the program gives. */
  read(reply: unknown): Reading<T>;
}

/** What a node's reply means. */
export interface Reading<T> {
  readonly vote: 'granted' | 'denied';
  readonly detail: T;
}

/** Who stands in the way of a grant, on one node. */
interface Denial {
  /** Position of the resource in the request. */
  readonly resource: number;
  /** The start of the key's value: for comparing, never shown. */
  readonly value: string;
  /** Ms until its key expires; Infinity where it has no expiry. */
  readonly remaining: number;
}

/** Of a grant: the fencing counters' new value. Otherwise who stands in the way. */
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

/** As a grant, of keys that hold another token of ours. */
export function adopt(
  claim: Claim,
  ttl: number,
  proposal: number,
  from: string,
): Operation<GrantDetail> {
  return { ...grant(claim, ttl, proposal), kind: 'adopt', from };
}

/**
 * Why a node does not count for an extension. `overtaken`: it holds our token, under a counter above
 * ours. `missing`: it lacks a key and may be healed. `foreign`: a key is another's.
 */
export type ExtendDetail = 'overtaken' | 'missing' | 'foreign' | undefined;

export function extend(claim: Claim, ttl: number): Operation<ExtendDetail> {
  const fence = fenceOf(claim, claim.fencingToken);
  return { kind: 'extend', claim, ttl, fence, read: readExtend };
}

/** Makes a fencing token the one of a node where the claim is ours and the counter not above it. */
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
 * `detail`: how many subscribers were told that the resource, or one of them, is free.
 * @param again after one that the node has executed: what has come since is not kept anew
 */
export function release(claim: Claim, ttl: number, again = false): Operation<number> {
  const { keepFor } = claim;
  const successor = again && keepFor > 0 ? null : claim.successor;
  return { kind: 'release', claim, ttl, fence: null, successor, keepFor, read: readRelease };
}

/** The key as a node has it. */
export interface KeyState {
  readonly token: string | null;
  readonly ttl: number | null;
}

export function inspect(claim: Claim): Operation<KeyState> {
  // Without a ttl that a node's timeout could follow from, it takes the longest one.
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

/** Some clients are set to give integers as strings, or as bigints. */
function integer(reply: unknown): number {
  const value = typeof reply === 'string' || typeof reply === 'bigint' ? Number(reply) : reply;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw unexpectedReply();
}

function list(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw unexpectedReply();
}

/** As a proxy may give, or a server that is not Redis. */
export function unexpectedReply(): Error {
  const error = new TypeError('not a reply that the script gives');
  return Object.assign(error, { code: 'UNEXPECTED_REPLY' });
}
