import type { Failure } from '../protocol/replies.js';
import { failure } from './failures.js';
import { knownServersOf, type KnownServers, type ProcessKnowledge } from './known-servers.js';
import { LONGEST_TIMER, type Runtime, type Timer } from '../time/runtime.js';
import type { ServerInfo } from '../protocol/server-info.js';
import { readClocks, type Instant } from '../time/validity.js';

/** The terms on which nodes of a Redlock are put in quarantine. */
export interface QuarantineTerms {
  /** Whether servers are distrusted at first sight. */
  readonly strict: boolean;
  readonly time: QuarantineTime;
  readonly process: ProcessKnowledge;
  /** How long an attempt of any client of the nodes may take, in ms. */
  readonly longestAttempt: number;
  /** The moment at which the Redlock was made. */
  readonly born: Instant;
}

/** Called when a quarantine begins and when it is over. */
export interface QuarantineEvents {
  /**
   * The grants of a node do not count from now on.
   * @param ms for how long, as far as is known
   */
  quarantined(node: string, ms: number): void;
  /** The quarantine has ended. */
  trusted(node: string): void;
}

/** How far an uptime in whole seconds may be off, in ms. */
const UPTIME_ERROR = 1000;

/**
 * The time during which the grants of one node do not count, because its servers may have lost locks
 * (docs/decisions.md#quarantine-of-grants). All Redlocks over one client share what they know of its servers.
 */
export class Quarantine {
  readonly #node: string;
  readonly #runtime: Runtime;
  readonly #terms: QuarantineTerms;
  readonly #events: QuarantineEvents;
  readonly #known: KnownServers;
  /** When this Redlock first saw the servers, if it is strict, less their uptime; on the monotonic clock. */
  #startedAt = -Infinity;
  /** The beginning of the quarantine that was reported last, on the monotonic clock. */
  #reported = -Infinity;
  /** Runs until the quarantine has ended. */
  #timer: Timer | null = null;
  #closed = false;

  /** @param client the object that identifies the connection */
  constructor(
    node: string,
    client: object,
    runtime: Runtime,
    terms: QuarantineTerms,
    events: QuarantineEvents,
  ) {
    this.#node = node;
    this.#runtime = runtime;
    this.#terms = terms;
    this.#events = events;
    const known = knownServersOf(client, terms.process);
    if (terms.time.coversTtl) known.coversTtl = true;
    else known.quarantineTime = Math.max(known.quarantineTime, terms.time.ms);
    this.#known = known;
  }

  /** Learns which servers the node has now, and begins a quarantine if they may have lost locks. */
  see(servers: readonly ServerInfo[]): void {
    const known = this.#known;
    if (this.#haveLostData(servers)) {
      known.restartedAt = this.#runtime.now();
      known.wereReplaced = known.seen !== null;
    }
    known.seen = new Set(servers.map(({ runId }) => runId));
    const left = this.#left(this.#runtime.now());
    if (left <= 0 || this.#closed || this.#since === this.#reported) return;
    this.#reported = this.#since;
    this.#events.quarantined(this.#node, Math.ceil(left));
    this.#await(left);
  }

  /** Reports nothing any more, also when a server answers that was asked before. */
  close(): void {
    this.#closed = true;
    this.#endTimer();
  }

  /**
   * Whether a grant that was requested at `start` counts.
   * @param start on the monotonic clock
   */
  isOver(start: number): boolean {
    return start - this.#since >= this.#ms;
  }

  /**
   * Whether an acknowledgement counts: no attempt can be under way any more that the servers granted before they
   * forgot.
   */
  mayAcknowledge(): boolean {
    return this.#runtime.now() - this.#since >= this.#doubtLasts;
  }

  /** When the quarantine began, on the monotonic clock. If that clock has stopped since, the quarantine is longer. */
  get #since(): number {
    return Math.max(this.#known.restartedAt, this.#startedAt);
  }

  /** How long it lasts, in ms: the longest that any Redlock over the client uses. */
  get #ms(): number {
    const { quarantineTime, coversTtl } = this.#known;
    return Math.max(quarantineTime, coversTtl ? this.#terms.process.longestTtl : 0);
  }

  get #doubtLasts(): number {
    return Math.min(this.#terms.longestAttempt, this.#ms);
  }

  /**
   * Why a grant does not count; `undefined` if it counts.
   * @param start when the grant was requested, on the monotonic clock
   */
  doubtGrant(start: number): Failure | undefined {
    if (this.isOver(start)) return undefined;
    return this.#quarantined('grants count', this.#left(start));
  }

  /** Why an acknowledgement does not count; `undefined` if it counts. */
  doubtAcknowledgement(): Failure | undefined {
    if (this.mayAcknowledge()) return undefined;
    const left = this.#since + this.#doubtLasts - this.#runtime.now();
    return this.#quarantined('acknowledgements of locks that it was told of count', left);
  }

  /** Whether the servers may have lost what they knew when this process last saw them, or when it began. */
  #haveLostData(servers: readonly ServerInfo[]): boolean {
    const now = readClocks(this.#runtime);
    const { strict, born } = this.#terms;
    const uptime = Math.min(...servers.map((server) => server.uptime));
    if (strict && this.#startedAt === -Infinity) {
      this.#startedAt = now.mono - Math.max(uptime - UPTIME_ERROR, 0);
    }
    const { seen } = this.#known;
    if (seen) return !servers.every(({ runId }) => seen.has(runId));
    // The larger time counts, so an error of one of the clocks can only lead to more distrust.
    const life = Math.max(now.mono - born.mono, now.wall - born.wall);
    return uptime + UPTIME_ERROR <= life;
  }

  #endTimer(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #await(ms: number): void {
    this.#endTimer();
    const end = (): void => {
      const left = this.#left(this.#runtime.now());
      // A longer ttl may have been used meanwhile, which makes the quarantine longer.
      if (left > 0) this.#await(left);
      else this.#events.trusted(this.#node);
    };
    this.#timer = this.#runtime.setTimeout(end, Math.min(Math.ceil(ms), LONGEST_TIMER));
    this.#timer.unref();
  }

  #left(now: number): number {
    return this.#since + this.#ms - now;
  }

  #quarantined(what: string, left: number): Failure {
    const quarantinedFor = Math.ceil(left);
    const { wereReplaced, restartedAt } = this.#known;
    const why = wereReplaced
      ? 'was restarted or replaced'
      : restartedAt > this.#startedAt
        ? 'was started after this Redlock'
        : 'has not run for long, and quarantine is strict';
    const message = `its ${what} again in ${quarantinedFor} ms: it ${why}, so it may have lost locks`;
    return { ...failure('QUARANTINED', message), quarantinedFor };
  }
}

/**
 * A fencing counter outlives its lock by this and the longest ttl, at most by the second, in ms. Counters that are lost are
 * replaced by the nodes' clocks, so the order of fencing tokens then rests on clocks within this, less 2 s.
 */
const CLOCK_SKEW = 60_000;
const MAX_COUNTER_GRACE = 15 * 60_000;

/**
 * How long the grants of a node that may have lost locks do not count: until every lock that it may have lost has
 * expired. Unless a time is given, that is the longest time for which any Redlock of the process has asked
 * nodes to keep anything.
 */
export class QuarantineTime {
  readonly #given: number | undefined;
  readonly #process: ProcessKnowledge;
  readonly #onExceeded: (ttl: number) => void;
  /** The longest ttl that was reported as exceeding the given time, or that time. */
  #reported: number;

  /**
   * @param given the quarantine time that the user chose, in ms
   * @param process what the process knows, the longest ttl among it
   * @param onExceeded is called with each ttl that is longer than the given time and than every ttl before it, in ms
   */
  constructor(
    given: number | undefined,
    process: ProcessKnowledge,
    onExceeded: (ttl: number) => void,
  ) {
    this.#given = given;
    this.#process = process;
    this.#onExceeded = onExceeded;
    this.#reported = given ?? Infinity;
  }

  /** Whether no time was given. */
  get coversTtl(): boolean {
    return this.#given === undefined;
  }

  /** The length of a quarantine in ms, as far as is known by now. */
  get ms(): number {
    return this.#given ?? this.#process.longestTtl;
  }

  /**
   * How long a fencing counter outlives the lock that raised it, in ms: a repair that arrives very late must still find it,
   * so it lives for the longest ttl of any client. A longer time would only use memory of the servers.
   */
  get counterGrace(): number {
    return Math.min(CLOCK_SKEW + this.#process.longestTtl, MAX_COUNTER_GRACE);
  }

  /** Takes note of a time for which nodes keep something, in ms. */
  note(ms: number): void {
    if (ms > this.#process.longestTtl) this.#process.longestTtl = ms;
    if (ms <= this.#reported) return;
    this.#reported = ms;
    this.#onExceeded(ms);
  }
}
