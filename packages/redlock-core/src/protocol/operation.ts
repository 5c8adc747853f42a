import type { Claim } from './claim.js';
import {
  readDone,
  readExtend,
  readGrant,
  readKeyState,
  readRelease,
  type ExtendDetail,
  type GrantDetail,
  type KeyState,
  type Reading,
} from './reading.js';

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

export function inspect(claim: Claim): Operation<KeyState> {
  // An inspection has no ttl from which the node's timeout could follow, so it takes the longest one.
  return { kind: 'inspect', claim, ttl: Infinity, fence: null, read: readKeyState };
}

function fenceOf({ lockKeys }: Claim, fence: number): number | null {
  return lockKeys.fenced ? fence : null;
}
