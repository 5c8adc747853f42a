import type { GuardedNode } from '../../../src/node/guarded-node.js';
import { Claim, type Leaving, type Ticketed } from '../../../src/protocol/operations.js';
import { LockKeys, SemaphoreKeys } from '../../../src/protocol/keys.js';
import type { Denial, Reading } from '../../../src/protocol/replies.js';
import type { AttemptResult, FailedAttempt, FailedVerdict } from '../../../src/quorum/attempt.js';
import { Validity } from '../../../src/time/validity.js';
import type { WaitTerms } from '../../../src/waiting/waiter.js';
import { Waiting } from '../../../src/waiting/waiting.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { settle } from '../../support/settle.js';

/** What a node's clock shows when the monotonic clock shows 0, in µs. */
export const EPOCH = 1_700_000_000_000_000;
export const ROUND_TRIP = 2;
/** What follows from the round trip, in ms. */
export const WINDOW = 10;
export const NODE_TIMEOUT = 50;
export const TTL = 10_000;

/** How nodes deny. */
export interface Denying {
  /** How many of the nodes deny; by default all. */
  nodes?: number;
  /** What the others say; by default they have not voted yet. */
  others?: 'granted' | 'failed';
  verdict?: FailedVerdict;
  /** The positions of the keys that deny; by default the first. */
  keys?: readonly number[];
  /** null: another waiter is ahead. */
  value?: string | null;
  remaining?: number;
  rank?: number;
  free?: readonly number[];
  room?: boolean;
  /** What single nodes say otherwise, by their position. */
  each?: readonly Partial<Denial>[];
  /** By how much the clocks of the nodes are wrong, in µs. */
  ahead?: number;
}

/** Makes a failed attempt. Nodes agree with `clock`, their clock in µs. */
function failure(startedAt: number, clock: number, denying: Denying = {}): FailedAttempt {
  const { nodes = 3, others, keys = [0], value = 'another', remaining = Infinity } = denying;
  const { rank = 0, free = [], room = false, verdict = 'locked', each = [] } = denying;
  const denialsOf = (node: number): Denial[] =>
    keys.map((resource) => {
      return { resource, value, remaining, rank, free, room, tokens: [], ...each[node] };
    });
  const error = { name: 'Error', code: 'TIMEOUT', message: 'no reply' };
  const readings: Reading[] = Array.from({ length: nodes }, (_, node) => ({
    vote: 'denied',
    detail: { time: clock, denials: denialsOf(node) },
  }));
  const another: Reading =
    others === 'failed' ? { vote: others, error } : { vote: 'granted', detail: undefined };
  if (others) readings.push(...Array.from({ length: 3 - nodes }, () => another));
  const responses = readings.map((reading, index) => {
    return { index, node: `n${index}`, reading, duration: 0, connection: 1, sentAt: startedAt };
  });
  return { granted: false, verdict, responses, startedAt };
}

/** One attempt that a waiter makes; the test answers it. */
export class Request {
  constructor(
    readonly name: string,
    readonly at: number,
    readonly keys: LockKeys,
    readonly queue: Ticketed | null,
    readonly runtime: ManualRuntime,
    readonly answer: (result: AttemptResult) => void,
  ) {}

  async deny(denying?: Denying): Promise<void> {
    const now = this.runtime.now();
    this.answer(failure(now, EPOCH + now * 1000 + (denying?.ahead ?? 0), denying));
    await settle();
  }

  async grant(): Promise<Claim> {
    const claim = new Claim(this.keys, this.runtime.token());
    claim.ticket = this.queue?.ticket ?? null;
    claim.ttl = TTL;
    const { runtime } = this;
    const validity = Validity.since({ mono: runtime.now(), wall: runtime.wallNow() }, TTL);
    this.answer({ granted: true, claim, validity });
    await settle();
    return claim;
  }
}

/** A node as the channel sees it. */
class Subscribable {
  listener: ((message?: string) => void) | null = null;
  lost: () => void = () => {};

  constructor(
    readonly subscribes: boolean,
    readonly confirmsAtOnce: boolean,
  ) {}

  subscribe(_: string, listener: (message?: string) => void, lost: () => void): () => void {
    this.listener = listener;
    this.lost = lost;
    if (this.confirmsAtOnce) listener();
    return () => (this.listener = null);
  }
}

export interface Options {
  /** How many of three nodes can subscribe. */
  subscribers?: number;
  /** Whether they confirm subscriptions at once, or when the test says so. */
  confirms?: boolean;
}

type Terms = Partial<Omit<WaitTerms, 'attempt' | 'keys'>> & { keys?: LockKeys };

/** What became of a waiter. */
export type Outcome = AttemptResult | { readonly error: unknown };

export const keysOf = (...keys: string[]): LockKeys => new LockKeys(keys, true);
export const sharedKeys = (...keys: string[]): LockKeys => new LockKeys(keys, true, 'shared');
export const permitsOf = (permits: number): LockKeys => {
  const semaphore = new SemaphoreKeys('seats', '', permits);
  return new LockKeys([semaphore.keyOf(0)], true, 'exclusive', true, semaphore);
};

/** The waiters of one process over three nodes. The test answers their attempts and sends notifications. */
export function process({ subscribers = 3, confirms = true }: Options = {}) {
  const runtime = new ManualRuntime();
  const closed = new AbortController();
  const nodes = [0, 1, 2].map((index) => new Subscribable(index < subscribers, confirms));
  /** The attempts, in the order in which they were made. */
  const requests: Request[] = [];
  /** The leaves that were sent to the nodes. */
  const left: Leaving[] = [];
  const quorum = {
    size: 2,
    count: 3,
    roundTrip: ROUND_TRIP,
    nodeTimeout: () => NODE_TIMEOUT,
    leave: (_: LockKeys, leaving: Leaving) => void left.push(leaving),
  };
  const waiting = new Waiting({
    runtime,
    quorum,
    nodes: nodes as unknown as GuardedNode[],
    closed: closed.signal,
  });
  const outcomes = new Map<string, Outcome>();
  const termsOf = (name: string, terms: Terms): WaitTerms => ({
    keys: keysOf('r'),
    resources: ['r'],
    ttl: TTL,
    pollInterval: 200,
    wait: Infinity,
    start: runtime.now(),
    ticket: null,
    signal: undefined,
    ...terms,
    attempt: (keys, queue) =>
      new Promise((resolve) => {
        requests.push(new Request(name, runtime.now(), keys, queue, runtime, resolve));
      }),
  });
  /** A caller waits whose first attempt was denied; null: it has made none. */
  const join = async (
    name: string,
    terms: Terms = {},
    first: Denying | null = {},
  ): Promise<void> => {
    const now = runtime.now();
    const failed = first && failure(now, EPOCH + now * 1000, first);
    void waiting.wait(termsOf(name, terms), failed).then(
      (result) => outcomes.set(name, result),
      (error: unknown) => outcomes.set(name, { error }),
    );
    await settle();
  };
  const latest = (): Request => {
    const request = requests.at(-1);
    if (!request) throw new Error('nothing was requested');
    return request;
  };
  /** A caller waits that has been entered, and was denied. */
  const enter = async (
    name: string,
    terms: Terms = {},
    denying: Denying = {},
  ): Promise<Request> => {
    await join(name, terms);
    const request = latest();
    await request.deny(denying);
    return request;
  };
  const notify = async (
    node: number,
    ticket: number | undefined,
    permit?: number,
  ): Promise<void> => {
    nodes[node]?.listener?.(permit === undefined ? String(ticket) : `${ticket} ${permit}`);
    await settle();
  };
  const confirm = async (node: number): Promise<void> => {
    nodes[node]?.listener?.();
    await settle();
  };
  /** When requests are made from now on, in ms. */
  const timesOf = async (ms: number, deny: Denying = {}): Promise<number[]> => {
    const start = runtime.now();
    const times: number[] = [];
    const end = start + ms;
    let seen = requests.length;
    while (runtime.now() < end) {
      await runtime.advance(1);
      for (; seen < requests.length; seen++) {
        times.push(runtime.now() - start);
        await requests[seen]?.deny(deny);
      }
    }
    return times;
  };
  return {
    runtime,
    waiting,
    nodes,
    requests,
    left,
    closed,
    outcomes,
    join,
    enter,
    latest,
    notify,
    confirm,
    timesOf,
  };
}
