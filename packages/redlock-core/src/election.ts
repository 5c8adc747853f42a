import type { Lock, Routine } from './lock.js';
import type { AcquireOptions } from './options.js';

/** The present leader of an election. Its token is not shown; `inspect` of the Redlock shows it. */
export interface Leader {
  /** The label of the leader, as the `owner` option of its Redlock gives it. null: it has none. */
  readonly owner: string | null;
  /** The ms until its leadership ends if it is not extended. null: it does not end by itself. */
  readonly expiresIn: number | null;
}

/** How to campaign: as for `acquire`, but `wait` is Infinity by default. Leadership is always extended automatically. */
export type CampaignOptions = Pick<AcquireOptions, 'wait' | 'signal' | 'pollInterval' | 'maxHold'>;

/** How to lead. */
export interface LeadOptions {
  /** Ends the leading: no further campaign begins, and the signal of a routine that runs aborts with the same reason. */
  signal: AbortSignal;
}

/** How to observe. */
export interface ObserveOptions {
  /** Ends the observation. */
  signal: AbortSignal;
}

/**
 * An election: one candidate of a name at a time is the leader. Leadership is the lock on the resource
 * of that name. So a candidate is the leader for as long as it holds the lock, and `fencingToken` is its term: a number
 * that grows with every leader.
 * @example
 * ```ts
 * const redlock = new Redlock(nodes, { owner: hostname() });
 * const election = redlock.election('scheduler', 10_000);
 *
 * // A candidate, until the process gets SIGTERM:
 * await election.lead(async (signal, { fencingToken }) => schedule(fencingToken, signal), { signal });
 *
 * // An observer:
 * for await (const leader of election.observe({ signal })) console.log(leader?.owner ?? 'no leader');
 * ```
 */
export interface Election {
  /**
   * Waits until this caller is the leader. It stays the leader until it resigns with `release()`, or until `signal` of
   * the lock aborts. Candidates are elected in the order of their calls.
   * @returns the leadership. Its `fencingToken` is the term.
   * @throws ResourceLockedError if others lead until `wait` has passed; QuorumError if too many nodes failed; the
   * reason of `signal` if that aborts; RedlockClosedError; TypeError, RangeError for bad options
   * @example
   * ```ts
   * await using leadership = await election.campaign();
   * await work(leadership.fencingToken, leadership.signal);
   * ```
   */
  campaign(options?: CampaignOptions): Promise<Lock>;
  /**
   * Campaigns, runs `routine` as the leader, resigns, and campaigns again, also when leadership was lost. Resolves when
   * the signal of the options has aborted and this caller has resigned.
   *
   * `routine` gets a signal that aborts when leadership is lost and when the signal of the options aborts. It should end
   * then: the next campaign, and the end of `lead`, wait for it. An error with which it gives up because of that signal,
   * such as its reason, an AbortError or a LockLostError, is no failure.
   * @throws every other error of `routine`, when it has resigned; RedlockClosedError; TypeError for bad arguments
   * @example
   * ```ts
   * const stop = new AbortController();
   * process.once('SIGTERM', () => stop.abort());
   * await election.lead(async (signal, lock) => {
   *   while (!signal.aborted) await runDueJobs(lock.fencingToken, signal);
   * }, { signal: stop.signal });
   * ```
   */
  lead(routine: Routine<unknown>, options: LeadOptions): Promise<void>;
  /**
   * The leader at present.
   * @returns null if a quorum of nodes names none
   * @throws QuorumError if fewer than a quorum of nodes answered; RedlockClosedError
   * @example console.log((await election.leader())?.owner ?? 'no leader')
   */
  leader(): Promise<Leader | null>;
  /**
   * Yields the present leader, and then each change once. A leader that is elected again is a change too. Ends when the
   * signal aborts, or with the loop that consumes it. Yields nothing while fewer than a quorum of nodes answer, or while
   * they disagree.
   *
   * It asks the nodes ten times a ttl, at least every second and at most every 100 ms, and when the ttl of the leader
   * ends. So a change is reported at most that much later, and a leadership that is shorter may be missed. Its timers do
   * not keep the process alive.
   * @throws TypeError for bad options; the iteration throws RedlockClosedError
   * @example
   * ```ts
   * for await (const leader of election.observe({ signal })) {
   *   console.log(leader ? `${leader.owner} leads` : 'no leader');
   * }
   * ```
   */
  observe(options: ObserveOptions): AsyncIterable<Leader | null>;
}
