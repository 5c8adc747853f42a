import type { LockKeys } from './keys.js';

/** What a node can do, by the first letter of {@link Operation.verb} in commands. */
type Verb = 'acquire' | 'extend' | 'release' | 'inspect';

/** One request for one token on one set of keys. protocol/commands.ts says how it is written. */
export interface Operation {
  readonly verb: Verb;
  readonly keys: LockKeys;
  readonly token: string;
  /** For acquire and extend: the expiry of the keys in ms. The default timeout of every operation follows from it. */
  readonly ttl: number;
  /** For acquire: the proposal; for extend: the fencing token. 0: not fenced. In microseconds. */
  readonly fence: number;
  /** For acquire: the token that the keys must hold, if a lock is adopted. Otherwise the keys must be free. */
  readonly adopts: string | null;
  /** For extend: whether keys that are missing are set. */
  readonly repairs: boolean;
  /** For release: what takes the place of the token; null: the keys are deleted. */
  readonly successor: Successor | null;
  readonly queue: QueueTerms | null;
}

/** The token that a release leaves in the keys. */
export interface Successor {
  readonly token: string;
  /** When it expires: after a time in ms, at a time by the node's clock in ms, or when the keys would have. */
  readonly until: { readonly ms: number } | { readonly at: number } | 'unchanged';
}

/** What an operation does in the queues of its keys. */
export type QueueTerms = Ticketed | Leaving;

/** For acquire: a caller that waits. */
export interface Ticketed {
  readonly ticket: number;
  /** The channel on which this process is notified. */
  readonly channel: string;
  /** How a denial enters the queue; null: it does not. */
  readonly entry: Entry | null;
}

/** How a denied acquire is entered. */
export interface Entry {
  /** How long the entry stays if it is not renewed, in ms. */
  readonly lease: number;
  /** How long a notified caller has to request again, in ms. */
  readonly window: number;
  /** How long nodes keep keys that did not deny for the caller, in ms; 0: not at all. */
  readonly keep: number;
}

/** For release: the entries that are removed; the next waiter is notified. Without it, a release touches no queue. */
export interface Leaving {
  readonly channel: string;
  readonly tickets: readonly number[];
}

const NOTHING = {
  fence: 0,
  adopts: null,
  repairs: false,
  successor: null,
  queue: null,
} as const;

/** @param fence the proposal in microseconds; without fencing it is ignored */
export function acquire(
  keys: LockKeys,
  token: string,
  ttl: number,
  fence: number,
  queue: Ticketed | null = null,
): Operation {
  return {
    verb: 'acquire',
    keys,
    token,
    ttl,
    fence: keys.fenced ? fence : 0,
    adopts: null,
    repairs: false,
    successor: null,
    queue,
  };
}

/** The same for keys that hold another token, which is replaced; the expiry stays as it is. */
export function adopt(
  keys: LockKeys,
  token: string,
  ttl: number,
  fence: number,
  from: string,
): Operation {
  return { ...acquire(keys, token, ttl, fence), adopts: from };
}

/**
 * An extension, and the write-back of a fencing token, which is the same command: a node that holds the token and has
 * no higher counter renews the expiry and takes the fencing token as its counter.
 */
export function extend(keys: LockKeys, token: string, ttl: number, fence: number): Operation {
  return { ...NOTHING, verb: 'extend', keys, token, ttl, fence: keys.fenced ? fence : 0 };
}

/** An extension that also sets keys which are missing. */
export function repair(keys: LockKeys, token: string, ttl: number, fence: number): Operation {
  return { ...extend(keys, token, ttl, fence), repairs: true };
}

/** @param queue null: names no queue and notifies no waiter */
export function release(
  keys: LockKeys,
  token: string,
  ttl: number,
  queue: Leaving | null = null,
  successor: Successor | null = null,
): Operation {
  return {
    verb: 'release',
    keys,
    token,
    ttl,
    fence: 0,
    adopts: null,
    repairs: false,
    successor,
    queue,
  };
}

/** Asks for the state of one key. It has no ttl, so it takes the longest default timeout. */
export function inspect(keys: LockKeys): Operation {
  return { ...NOTHING, verb: 'inspect', keys, token: '', ttl: Infinity };
}

/**
 * The connection on which a command was written to each node, by the node's position; `undefined`: to that node it was
 * not written. Perf: memory of a lock. All operations of a batch share one.
 */
export type Written = (number | undefined)[];

/** Perf: memory of a lock. Claims that were written nowhere share it. */
const NOWHERE: Readonly<Written> = Object.freeze([]);

/**
 * One token on one set of keys: an attempt and, once granted, the lock. The claim has ended when the attempt has failed,
 * or when the lock was released or lost. From then on only releases are written for it.
 */
export class Claim {
  over = false;
  /** Whether the lock was left to its ttl: nothing is written for it any more. */
  isDetached = false;
  /** The fencing token, known once the claim is granted; 0 without fencing. */
  fencingToken = 0;
  /** The longest time for which nodes may keep the keys, in ms; Infinity: it is not known. */
  ttl = 0;
  /** The ticket that its acquire carried. */
  ticket: number | null = null;
  /** Whether nodes may have an entry with that ticket, which a release then removes. */
  hasEntry = false;
  /** When its attempt began, on the monotonic clock. */
  startedAt = 0;
  /** For an adoption that has not succeeded yet: the token that a release gives back. */
  adoptedFrom: string | null = null;
  /** The same: when the keys of each node expired before it, by the node's clock in ms, as far as nodes have said. */
  adoptedExpiry: Map<number, number> | null = null;
  /** For a lock that is released with `keepFor`: who keeps the keys, and until when on the monotonic clock. */
  kept: { readonly token: string; readonly until: number } | null = null;
  /** When the keys have expired by themselves, on the monotonic clock. Known once a release could not be executed. */
  expiredBy: number | null = null;
  /** Whether a release on all nodes is about to be sent, behind all that was sent for it. */
  isReleaseQueued = false;
  /** Where its acquire was written. */
  acquireWrittenOn: Readonly<Written> = NOWHERE;
  /** Where the latest release was written. */
  releaseWrittenOn: Readonly<Written> = NOWHERE;
  /**
   * Which nodes have answered a release, one bit each. A bit stays: each command that is answered after it is released
   * again. From the 33rd node on, nodes share bits, which costs a release more.
   */
  releaseAnswered = 0;
  /** Nodes to which no acquire was written, but an extension or a repair. */
  extendedOn: Set<number> | null = null;

  constructor(
    readonly keys: LockKeys,
    readonly token: string,
  ) {}

  /** Whether the node may have something of the claim. */
  wasWrittenTo(node: number): boolean {
    return this.acquireWrittenOn[node] !== undefined || this.extendedOn?.has(node) === true;
  }
}
