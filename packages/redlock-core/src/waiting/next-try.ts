import type { Refused } from '../attempt/refused.js';
import { denialsIn, isQuiet } from '../attempt/refusal.js';
import type { Request } from '../attempt/request.js';
import type { Denial } from '../protocol/reading.js';
import { isReserved } from '../protocol/word.js';
import { quorumOf } from '../quorum/verdict.js';
import type { Vote } from '../vote.js';
import { standByTime } from './reservation.js';

/** While calls are heard, the first in a queue polls at this many times `retryDelay`. */
const POLL_DELAYS = 2.5;
/** The longest interval of polls, in times `retryDelay`. A Cluster does not tell whether a call was heard. */
export const MOST_POLL_DELAYS = 50;
const MOST_POLL_DELAYS_ON_CLUSTER = 10;

const NONE: ReadonlySet<number> = new Set();

/** The nodes, as far as it matters for polls. */
export interface PolledNodes {
  readonly count: number;
  readonly hasCluster: boolean;
}

/** When a waiter asks the nodes again. */
export class NextTry {
  readonly #nodes: PolledNodes;
  /** The nodes that have called since the last try was sent, and keep the key; null: none. */
  #calledBy: Set<number> | null = null;
  /** The nodes that had called before that try was withdrawn, and had not granted it: their calls are not answered. */
  #unanswered = NONE;
  /** The nodes that have called in the withdrawal of that try, as its own doing; null: none. */
  #calledInWithdrawal: Set<number> | null = null;
  #missed = false;
  /** The nodes whose votes on the latest try have failed: were they asked again, their grants would not count either. */
  #failed = NONE;
  /** How many nodes have denied the try and entered the process in no queue, because they have another permit to give. */
  #passedBy = 0;
  /** When to ask, if another process was called and has not taken the lock, on the monotonic clock. */
  #standByUntil = Infinity;
  /** When the holder's keys expire on a quorum of nodes, on the monotonic clock. */
  #freeAt = Infinity;
  /** How many processes stand before this one in the queues, as the last try tells. */
  #rank = 0;

  constructor(nodes: PolledNodes) {
    this.#nodes = nodes;
  }

  /** A try is being sent. Only what comes from now on is a reason for the next one. */
  asking(): void {
    this.#calledBy = null;
    this.#unanswered = NONE;
    this.#calledInWithdrawal = null;
    this.#missed = false;
    this.#standByUntil = Infinity;
    this.#freeAt = Infinity;
  }

  /** A node keeps the key for this process. */
  called(node: number): void {
    this.#calledBy ??= new Set();
    this.#calledBy.add(node);
    this.#calledInWithdrawal?.delete(node);
  }

  /** A try is being withdrawn. The calls of nodes that granted it are answered: these nodes kept the key for it. */
  withdrawing(refused: Refused): void {
    for (const node of votedBy(refused, 'granted')) this.#calledBy?.delete(node);
    if (this.#calledBy) this.#unanswered = new Set(this.#calledBy);
  }

  /** Calls may have been missed. */
  missed(): void {
    this.#missed = true;
  }

  /**
   * Another process was called, and this one is next.
   * @param ms for how long the key is reserved for the other one
   * @param now on the monotonic clock
   */
  standBy(ms: number, now: number): void {
    this.#standByUntil = now + standByTime(ms);
  }

  /**
   * Learns from a try that has failed.
   * @param now on the monotonic clock
   * @param reservation for how many ms a key is usually reserved
   */
  refused(refused: Refused, now: number, reservation: number): void {
    const denials = denialsIn(refused);
    this.#rank = Math.max(0, ...denials.map(({ rank = 0 }) => rank));
    this.#passedBy = denials.filter(({ permits }) => permits?.hasFree === true).length;
    this.#failed = new Set(votedBy(refused, 'failed'));
    if (!isQuiet(refused, quorumOf(this.#nodes.count)))
      this.#excuse([...votedBy(refused, 'granted'), ...this.#failed]);
    if (this.#rank === 0 && denials.some(isOfReserved)) {
      this.#standByUntil = now + standByTime(reservation);
    }
    this.#freeAt = this.#endOfHolder(refused, now) + this.#rank * reservation;
  }

  /**
   * Whether the nodes have given a reason to ask at once. That they keep the key for the process which has just withdrawn
   * from it is none: the others have not changed.
   */
  get isCalled(): boolean {
    const calls = this.#calledBy?.size ?? 0;
    return this.#missed || calls > (this.#calledInWithdrawal?.size ?? 0);
  }

  /**
   * Whether nodes keep the key for this process since it has withdrawn its try. The others may keep it for another one that
   * has done the same. Then no node calls anybody.
   */
  get isKeptSinceWithdrawal(): boolean {
    return (this.#calledInWithdrawal?.size ?? 0) > 0;
  }

  /** Whether a quorum of nodes keeps the key for this process. */
  get isCalledByQuorum(): boolean {
    const nodes = [...(this.#calledBy ?? [])].filter((node) => !this.#failed.has(node));
    return nodes.length >= quorumOf(this.#nodes.count);
  }

  /**
   * Whether a quorum of nodes may have entered this process in their queues. Otherwise permits are free here and there, and
   * none of them on a quorum: contenders have split them.
   */
  get mayBeQueued(): boolean {
    const { count } = this.#nodes;
    return count - this.#failed.size - this.#passedBy >= quorumOf(count);
  }

  /** When to ask because of what the nodes have told, on the monotonic clock. */
  get at(): number {
    return this.isCalled ? -Infinity : Math.min(this.#standByUntil, this.#freeAt);
  }

  /**
   * The time until the next poll, in ms. While a quorum of nodes can call, polls are only a net, and the more processes
   * stand before this one, the rarer they are.
   */
  pollDelay({ retryDelay }: Request, isHeard: boolean): number {
    if (!isHeard) return retryDelay;
    const most = this.#nodes.hasCluster ? MOST_POLL_DELAYS_ON_CLUSTER : MOST_POLL_DELAYS;
    return retryDelay * Math.min(POLL_DELAYS * (1 + this.#rank), most);
  }

  /**
   * The calls of these nodes in the withdrawal are its own doing.
   * @param nodes that have granted the try, or may have: their votes have failed
   */
  #excuse(nodes: readonly number[]): void {
    for (const node of nodes) {
      if (!this.#calledBy?.has(node) || this.#unanswered.has(node)) continue;
      this.#calledInWithdrawal ??= new Set();
      this.#calledInWithdrawal.add(node);
    }
  }

  /**
   * When a quorum of nodes is free, if nobody extends or releases anything; Infinity: unknown. A reservation ends soon,
   * and is no reason to ask.
   */
  #endOfHolder({ responses }: Refused, now: number): number {
    const times = responses.map(({ vote, detail }) => {
      if (vote === 'granted') return now;
      if (typeof detail !== 'object') return Infinity;
      const held = detail.map(({ value, remaining }) => (isReserved(value) ? Infinity : remaining));
      return now + Math.max(...held);
    });
    return times.toSorted((a, b) => a - b)[quorumOf(this.#nodes.count) - 1] ?? Infinity;
  }
}

/** Whether the key that was denied, or another permit of its semaphore, is reserved for a process that was called. */
function isOfReserved({ value, permits }: Denial): boolean {
  return isReserved(value) || permits?.hasReserved === true;
}

function votedBy({ responses }: Refused, wanted: Vote['vote']): readonly number[] {
  return responses.filter(({ vote }) => vote === wanted).map(({ index }) => index);
}
