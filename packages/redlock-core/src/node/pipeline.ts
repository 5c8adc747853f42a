import { describeError, isErrorReply } from '../protocol/errors.js';
import { repliesIn, unexpectedReply } from '../protocol/replies.js';
import type { Failure, Reading } from '../protocol/replies.js';
import { SMALL_ACQUIRE_SCRIPT, type Script } from '../protocol/script/index.js';
import { Pause } from '../time/pause.js';
import { LONGEST_TIMER, type Runtime, type Timer } from '../time/runtime.js';
import type { GuardedNode } from './guarded-node.js';
import type { Identity } from './identity.js';
import { failure, NOT_SENT, notConnected, RECONNECTED } from './failures.js';
import { readCounted } from './counting.js';
import type { Asked, Request } from './request.js';
import type { ServerLiveness } from './server-liveness.js';
import type { NodeTimeout } from './timeouts.js';

/** What one node said to the operations of a request. */
export interface Answer {
  /** null: each was done, and that counts. Otherwise one for each, in the order of the request. */
  readonly readings: readonly Reading[] | null;
  /** The connection on which the command was written; -1: it was not written. */
  readonly connection: number;
  /** When it was written, and when it was answered or failed, on the monotonic clock. */
  readonly sentAt: number;
  readonly at: number;
}

/** How a command ended. */
export interface Outcome {
  /** null: each operation was done, and that counts. */
  readonly readings: readonly Reading[] | null;
  /** Whether the server has answered, perhaps with an error, as opposed to a client that gave the command up. */
  readonly wasAnswered: boolean;
  /** Groups of operations to send again, because the server has executed nothing for a reason that is none of theirs. */
  readonly again: readonly (readonly Asked[])[] | null;
}

/** Perf: nearly every command ends like this. */
const DONE: Outcome = { readings: null, wasAnswered: true, again: null };

/** A command that was written. */
export interface Flight {
  readonly request: Request;
  readonly connection: number;
  readonly sentAt: number;
  readonly deadline: number;
  readonly server: ServerLiveness;
  /** Resolves at the deadline at the latest. */
  readonly answer: Promise<Answer>;
  readonly resolve: (answer: Answer) => void;
  /** Resolves when the client has resolved or rejected the command, however late. Set when it is written. */
  outcome: Promise<Outcome> | null;
  isEnded: boolean;
  /** Whether its reply is there, and waits until it is known whether it counts. */
  isAnswered: boolean;
  /** Whether its deadline has passed: it has failed, although its reply may still come. */
  isLate: boolean;
}

/**
 * The commands in flight to one node: writes them, reads the replies, and has one timer for all their deadlines.
 *
 * Perf: time per command. An array with a head is never rebuilt, as a set would be, and a timer that fires early is cheaper
 * than one that is cleared with each reply.
 */
export class Pipeline {
  readonly #node: GuardedNode;
  readonly #runtime: Runtime;
  readonly #timeout: NodeTimeout;
  readonly #identity: Identity | null;
  readonly #onLate: (flight: Flight, failure: Failure) => void;
  /** The oldest first. Those before `#head` have ended. */
  readonly #flights: Flight[] = [];
  #head = 0;
  /** Scripts that the server of the present connection has run. */
  readonly #known = new Set<Script>();
  #connection = 0;
  #timer: Timer | null = null;
  #timerAt = Infinity;

  /** @param onLate is called with each flight whose deadline has passed, before its answer fails */
  constructor(
    node: GuardedNode,
    runtime: Runtime,
    timeout: NodeTimeout,
    identity: Identity | null,
    onLate: (flight: Flight, failure: Failure) => void,
  ) {
    this.#node = node;
    this.#runtime = runtime;
    this.#timeout = timeout;
    this.#identity = identity;
    this.#onLate = onLate;
  }

  get isEmpty(): boolean {
    return this.#head === this.#flights.length;
  }

  /** Those that the client has neither resolved nor rejected. */
  get unended(): readonly Flight[] {
    return this.#flights.slice(this.#head).filter(({ isEnded }) => !isEnded);
  }

  /** Commands are written on another connection from now on. */
  connected(connection: number): void {
    this.#connection = connection;
    this.#known.clear();
  }

  /**
   * Writes a request.
   * @param sentAt now, on the monotonic clock
   * @param deadline when it is late, on the same clock
   */
  write(request: Request, server: ServerLiveness, sentAt: number, deadline: number): Flight {
    let resolve!: (answer: Answer) => void;
    const flight: Flight = {
      request,
      connection: this.#connection,
      sentAt,
      deadline,
      server,
      answer: new Promise((settle) => (resolve = settle)),
      resolve,
      outcome: null,
      isEnded: false,
      isAnswered: false,
      isLate: false,
    };
    this.#flights.push(flight);
    if (deadline < this.#timerAt) this.#arm(deadline);
    server.written();
    flight.outcome = this.#call(flight, request.command(this.#node.cluster));
    return flight;
  }

  /** Lets no timer run any more. */
  close(): void {
    this.#disarm();
  }

  #call(
    flight: Flight,
    { script, words }: { readonly script: Script; readonly words: readonly string[] },
  ): Promise<Outcome> {
    const isKnown = this.#known.has(script);
    const command = isKnown ? words : ['eval', script.source, ...words.slice(2)];
    return this.#node.call(command).then(
      (reply) => this.#replied(flight, script, reply),
      (error: unknown) => this.#failed(flight, script, isKnown, error),
    );
  }

  #replied(flight: Flight, script: Script, reply: unknown): Outcome | Promise<Outcome> {
    const { request, connection } = flight;
    const isCurrent = connection === this.#connection;
    if (isCurrent) this.#known.add(script);
    const now = this.#answered(flight);
    if (script === SMALL_ACQUIRE_SCRIPT && reply !== null && Number(reply) === 0) {
      return this.#callLarge(flight, isCurrent, now);
    }
    const replies = repliesIn(reply, request.asked.length);
    const isDone = replies === 1;
    // Perf: this is nearly always so, and then nothing is made for a single operation.
    const isCounted = this.#identity?.isCounted(connection, request.terms.start) ?? true;
    if (isDone && isCounted) return this.#end(flight, null, now);
    if (replies !== null) {
      return this.#read(flight, isDone ? request.asked.map(() => 1) : replies, now);
    }
    const error: Failure = { vote: 'failed', error: describeError(unexpectedReply()) };
    return this.#end(flight, allOf(request, error), now);
  }

  /** There are waiters for the key, or sharers. The large script follows, unless its answer is not wanted any more. */
  #callLarge(flight: Flight, isCurrent: boolean, now: number): Outcome | Promise<Outcome> {
    const { request, isLate } = flight;
    const { cluster, ready, lastError } = this.#node;
    if (isLate || !request.asked.some(isOpen)) return this.#end(flight, [NOT_SENT], now);
    if (!isCurrent) return this.#end(flight, [RECONNECTED], now);
    if (!ready) return this.#end(flight, [notConnected(lastError)], now, false);
    return this.#call(flight, request.largeCommand(cluster));
  }

  /** Reads the replies once it is known whether they count. */
  #read(flight: Flight, replies: readonly unknown[], now: number): Outcome | Promise<Outcome> {
    const { request, connection, deadline } = flight;
    const identity = this.#identity;
    const read = (at: number): Outcome => {
      const { start } = request.terms;
      const readings = request.asked.map(({ operation }, position) =>
        readCounted(operation, replies[position], identity, connection, start),
      );
      return this.#end(flight, readings, at);
    };
    if (identity?.isPending(connection) !== true) return read(now);
    flight.isAnswered = true;
    // Its question was written before the command, so its answer is late only if the client has asked again.
    const limit = new Pause(Math.max(deadline - now, 0), this.#runtime, []);
    limit.unref();
    return Promise.race([identity.answer, limit.over]).then(() => {
      limit.end();
      return read(this.#runtime.now());
    });
  }

  #failed(flight: Flight, script: Script, wasKnown: boolean, error: unknown): Outcome {
    const { request, server, sentAt } = flight;
    const reading: Failure = { vote: 'failed', error: describeError(error) };
    if (!isErrorReply(error)) {
      const now = this.#runtime.now();
      server.overdue(sentAt, now);
      return this.#end(flight, allOf(request, reading), now, false);
    }
    const now = this.#answered(flight);
    if (wasKnown && error.message.startsWith('NOSCRIPT')) {
      this.#known.delete(script);
      return this.#end(flight, null, now, true, [request.asked]);
    }
    if (request.asked.length > 1 && error.message.startsWith('NOPERM')) {
      // The server refuses a whole command because of one key that the user may not touch.
      const apart = request.asked.map((asked) => [asked]);
      return this.#end(flight, null, now, true, apart);
    }
    return this.#end(flight, allOf(request, reading), now);
  }

  #answered({ server, sentAt }: Flight): number {
    const now = this.#runtime.now();
    this.#timeout.measured(now - sentAt);
    server.answered(sentAt);
    return now;
  }

  #end(
    flight: Flight,
    readings: readonly Reading[] | null,
    at: number,
    wasAnswered = true,
    again: Outcome['again'] = null,
  ): Outcome {
    const { connection, sentAt } = flight;
    flight.isEnded = true;
    flight.server.settled();
    while (this.#flights[this.#head]?.isEnded) this.#head++;
    if (this.isEmpty) {
      this.#flights.length = 0;
      this.#head = 0;
    } else if (this.#head > 256) {
      this.#flights.splice(0, this.#head);
      this.#head = 0;
    }
    if (again === null && !flight.isLate) flight.resolve({ readings, connection, sentAt, at });
    return readings === null && again === null ? DONE : { readings, wasAnswered, again };
  }

  #arm(deadline: number): void {
    this.#disarm();
    this.#timerAt = deadline;
    const ms = Math.min(Math.max(Math.ceil(deadline - this.#runtime.now()), 0), LONGEST_TIMER);
    this.#timer = this.#runtime.setTimeout(this.#onTimer, ms);
    this.#timer.unref();
  }

  #disarm(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    this.#timerAt = Infinity;
    // A reply that has arrived may still be unread, so the sockets are read once more before anything is late.
    if (this.#earliest() <= this.#runtime.now()) this.#runtime.afterSockets(this.#judge);
    else this.#rearm();
  };

  readonly #judge = (): void => {
    const now = this.#runtime.now();
    for (const flight of this.unended) {
      if (isAwaited(flight) && flight.deadline <= now) this.#fail(flight, now);
    }
    this.#rearm();
  };

  #fail(flight: Flight, at: number): void {
    const { request, connection, sentAt, deadline } = flight;
    flight.isLate = true;
    const ms = Math.ceil(deadline - request.terms.start);
    const reading = failure('TIMEOUT', `no reply within ${ms} ms`, 'TimeoutError');
    this.#onLate(flight, reading);
    flight.resolve({ readings: allOf(request, reading), connection, sentAt, at });
  }

  #rearm(): void {
    const earliest = this.#earliest();
    if (earliest < Infinity) this.#arm(earliest);
  }

  #earliest(): number {
    let earliest = Infinity;
    for (const flight of this.unended) {
      if (isAwaited(flight) && flight.deadline < earliest) earliest = flight.deadline;
    }
    return earliest;
  }
}

function isAwaited({ isLate, isAnswered }: Flight): boolean {
  return !isLate && !isAnswered;
}

/** Whether an operation is worth sending, although time has passed. */
export function isOpen({ isDecided, claim }: Asked): boolean {
  return !isDecided && claim?.over !== true;
}

function allOf({ asked }: Request, reading: Reading): readonly Reading[] {
  return asked.map(() => reading);
}
