import { failure, type Failure } from '../../protocol/outcome.js';
import type { QuarantineTime } from './quarantine-time.js';
import { LONGEST_TIMER, type Runtime, type Timer } from '../../time/runtime.js';
import type { ServerInfo } from '../../protocol/server-info.js';
import { readClocks, type Instant } from '../../time/validity.js';

/** On what terms all nodes of a Redlock are put in quarantine. */
export interface QuarantineTerms {
  /** Servers are distrusted at first sight. */
  readonly strict: boolean;
  readonly time: QuarantineTime;
  /** How long an attempt of any client of the nodes may be under way, in ms. */
  readonly longestAttempt: number;
  /** When the Redlock was made. */
  readonly born: Instant;
}

/** Who is told of a quarantine. */
export interface QuarantineEvents {
  /** @param ms how long it lasts, by what is known so far */
  begun(ms: number): void;
  over(): void;
}

/** An uptime in whole seconds is so much off, in ms. */
const UPTIME_ERROR = 1000;

/**
 * The time during which the grants of one node do not count, because its servers may have forgotten
 * who holds a lock.
 */
export class Quarantine {
  readonly #runtime: Runtime;
  readonly #terms: QuarantineTerms;
  readonly #events: QuarantineEvents;
  /** The run ids last seen; null before the first sight. */
  #seen: ReadonlySet<string> | null = null;
  /** When it began, on the monotonic clock: where that stood still, the quarantine is longer. */
  #since = -Infinity;
  /** Until it is over. */
  #timer: Timer | null = null;

  constructor(runtime: Runtime, terms: QuarantineTerms, events: QuarantineEvents) {
    this.#runtime = runtime;
    this.#terms = terms;
    this.#events = events;
  }

  /** These are the node's servers now. */
  see(servers: readonly ServerInfo[]): void {
    const since = this.#forgottenSince(servers);
    this.#seen = new Set(servers.map(({ runId }) => runId));
    if (since === undefined) return;
    this.#since = since;
    const left = this.#left(this.#runtime.now());
    if (left <= 0) return;
    this.#events.begun(left);
    this.#await(left);
  }

  /** Nobody is told any more. */
  close(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** @param start of an attempt, on the monotonic clock */
  isOver(start: number): boolean {
    return start - this.#since >= this.#terms.time.ms;
  }

  /** No attempt is under way any more that its servers granted before they forgot. */
  mayAcknowledge(): boolean {
    return this.#runtime.now() - this.#since >= this.#doubtLasts;
  }

  get #doubtLasts(): number {
    const { longestAttempt, time } = this.#terms;
    return Math.min(longestAttempt, time.ms);
  }

  /** Why a grant of an attempt does not count, if it does not. */
  doubtGrant(start: number): Failure | undefined {
    if (this.isOver(start)) return undefined;
    return quarantined('grants count', this.#left(start));
  }

  /** Why an acknowledgement does not count, if it does not. */
  doubtAcknowledgement(): Failure | undefined {
    if (this.mayAcknowledge()) return undefined;
    const left = this.#since + this.#doubtLasts - this.#runtime.now();
    return quarantined('acknowledgements of locks that it was told of count', left);
  }

  /** From when on to count, if they may have forgotten something that was known when they were last seen. */
  #forgottenSince(servers: readonly ServerInfo[]): number | undefined {
    const now = readClocks(this.#runtime);
    const seen = this.#seen;
    if (seen) return servers.every(({ runId }) => seen.has(runId)) ? undefined : now.mono;
    const { strict, born } = this.#terms;
    const uptime = Math.min(...servers.map((server) => server.uptime));
    // Either clock's error then makes it longer, and errs on the side of distrust.
    const life = Math.max(now.mono - born.mono, now.wall - born.wall);
    if (uptime + UPTIME_ERROR <= life) return now.mono;
    return strict ? now.mono - Math.max(uptime - UPTIME_ERROR, 0) : undefined;
  }

  #await(ms: number): void {
    this.close();
    const end = (): void => {
      const left = this.#left(this.#runtime.now());
      // Meanwhile a longer ttl may have been used.
      if (left > 0) this.#await(left);
      else this.#events.over();
    };
    this.#timer = this.#runtime.setTimeout(end, Math.min(Math.ceil(ms), LONGEST_TIMER));
    this.#timer.unref();
  }

  #left(now: number): number {
    return this.#since + this.#terms.time.ms - now;
  }
}

function quarantined(what: string, left: number): Failure {
  const quarantinedFor = Math.ceil(left);
  const message = `its ${what} again in ${quarantinedFor} ms: it was restarted or replaced and may have forgotten locks`;
  return { ...failure('QUARANTINED', message), quarantinedFor };
}
