import { describeError, isErrorReply } from '../protocol/errors.js';
import type { Claim } from '../protocol/claim.js';
import { granted, repliesIn, unexpectedReply } from '../protocol/replies.js';
import type { Failure, GrantDetail, Reading } from '../protocol/replies.js';
import { ACQUIRE_SCRIPT, type Script } from '../protocol/script/index.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import { ConnectionWaits } from './connection-waits.js';
import { Flights, type Flight } from './flights.js';
import type { GuardedNode } from './guarded-node.js';
import { NodeHealth, type NodeHealthEvents } from './health.js';
import { Identity } from './identity.js';
import type { RunIds } from './known-servers.js';
import { CleanUp, lateRelease } from './cleanup.js';
import { Quarantine, type QuarantineEvents, type QuarantineTerms } from './quarantine.js';
import {
  DISCONNECTED,
  failure,
  NOT_READY,
  NOT_SENT,
  notConnected,
  readCounted,
  UNRESPONSIVE,
} from './replies.js';
import { Request, type Asked } from './request.js';
import { Liveness, type ServerLiveness } from './server-liveness.js';
import { MAX_DEFAULT, NodeTimeout } from './timeouts.js';

/** What one node said to the operations of a request. */
export interface Answer {
  /** null: each was done, and that counts. Otherwise one for each, in the order of the request. */
  readonly readings: readonly Reading[] | null;
  /** The connection on which the command was written; -1: it was not written, or its reply does not count. */
  readonly connection: number;
  /** When it was written, and when it was answered or failed, on the monotonic clock. */
  readonly sentAt: number;
  readonly at: number;
}

/** Everything that the links of one Redlock share. */
export interface LinkContext {
  readonly runtime: Runtime;
  /** null: every node is trusted to keep all writes. */
  readonly quarantine: QuarantineTerms | null;
  readonly runIds: RunIds;
  readonly events: LinkEvents;
  readonly counterGrace: () => number;
}

export interface LinkEvents extends NodeHealthEvents, QuarantineEvents {
  /** A server has told its time. */
  clock(node: number, microseconds: number, at: number): void;
}

/** If a client has given up all commands to an unresponsive node, more are sent while fewer releases are pending. */
const MAX_PENDING = 64;

/**
 * The core's side of one node: writes requests, reads the replies, and sees to it that nothing that was written outlives
 * its claim.
 *
 * Invariants: acquires and extensions are written only while the node is ready, and only while their outcome is open. Of a
 * claim that is over, each command that the node may still execute, or has executed, is followed by a release.
 */
export class NodeLink {
  readonly index: number;
  readonly node: GuardedNode;
  readonly timeout: NodeTimeout;
  readonly #context: LinkContext;
  readonly #identity: Identity | null;
  readonly #liveness: Liveness;
  readonly #health: NodeHealth;
  readonly #cleanUp: CleanUp;
  readonly #flights: Flights;
  readonly #waits: ConnectionWaits;
  /** Scripts that the server of the present connection has run. */
  readonly #known = new Set<Script>();
  #connection = 0;
  #stopListening: (() => void) | null = null;
  #isClosed = false;

  constructor(
    index: number,
    node: GuardedNode,
    nodeTimeout: number | undefined,
    context: LinkContext,
  ) {
    const { runtime, quarantine, runIds, events } = context;
    this.index = index;
    this.node = node;
    this.timeout = new NodeTimeout(node.timeout ?? nodeTimeout);
    this.#context = context;
    this.#identity =
      quarantine &&
      new Identity(
        node,
        runIds,
        new Quarantine(node.name, node.client, runtime, quarantine, events),
        runtime,
        (microseconds, at) => events.clock(index, microseconds, at),
      );
    this.#liveness = new Liveness(node, runtime);
    this.#health = new NodeHealth(node.name, this.#identity, events);
    this.#cleanUp = new CleanUp(index, node.cluster, runtime, () => this.#sendPending());
    this.#flights = new Flights(runtime, (late, now) => this.#failLate(late, now));
    this.#waits = new ConnectionWaits(node, runtime);
    // The earlier a server is seen, the fewer restarts go unnoticed.
    this.#identity?.require();
    this.#listen();
  }

  /** Counts the connections. */
  get connection(): number {
    return this.#connection;
  }

  /** Whether an operation could be written now; on a Cluster, to some of the masters. */
  get isReachable(): boolean {
    return this.node.ready && (this.node.cluster || !this.#liveness.isBlocked);
  }

  /** Whether grants that came on a connection still count. */
  stillCounts(connection: number): boolean {
    return this.#identity === null || connection === this.#connection;
  }

  /** Asks the node. Never rejects. */
  send(request: Request): Promise<Answer> {
    const server = this.#liveness.of(request);
    const isOpen = !server.isUnresponsive && this.#listen() && this.node.ready;
    if (isOpen && !this.#identity?.refuse()) return this.#write(request, server).answer;
    return this.#sendWhenPossible(request, server);
  }

  /** Why no vote of the node would count now; `undefined` if votes count. A quarantine is no reason, because it passes. */
  get fault(): Failure | undefined {
    if (!this.node.ready) return notConnected(this.node.lastError);
    return this.#identity?.doubtConnection();
  }

  /** Resolves when the node is connected and its identity is known and beyond doubt, or when the link is closed. */
  async connected(): Promise<void> {
    while (!this.#isClosed) {
      if (!this.node.ready) this.node.connect();
      else {
        this.#identity?.require();
        await this.#identity?.answer;
      }
      if (this.fault === undefined) return;
      await this.#waits.next();
    }
  }

  /**
   * Ends timers and waits, and closes a client that the adapter made. Waits for releases under way, at most a node timeout.
   * Through a client that stays open, pending releases still follow.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#identity?.close();
    for (const { request, connection } of this.#flights.unsettled) {
      this.#cleanUp.giveUp(request, connection);
    }
    this.#sendPending();
    this.#waits.close();
    if (!this.#liveness.isUnresponsive) {
      const releases = this.#flights.unsettled.filter(({ request }) =>
        request.asked.some(isRelease),
      );
      await Promise.all(releases.map(({ answer }) => answer));
    }
    this.#liveness.close();
    if (this.node.isOwned) this.#cleanUp.close();
    await this.node.close();
    this.#stopListeningIfDone();
  }

  #listen(): boolean {
    this.#stopListening ??= this.node.onReady(this.#connected);
    return this.#stopListening !== null;
  }

  readonly #connected = (): void => {
    this.#connection++;
    this.#known.clear();
    this.#identity?.reconnected(this.#connection);
    this.#liveness.end();
    this.#cleanUp.reconnected(this.#flights.unsettled);
    this.#waits.end();
    this.#sendPending();
  };

  /** Whether the connection was closed together with the Redlock, so that it never comes back. */
  get #isGone(): boolean {
    return this.#isClosed && this.node.isOwned && !this.node.ready;
  }

  /** Sends what can be sent now, and the rest once there is a connection; what cannot be sent has failed. */
  async #sendWhenPossible(request: Request, server: ServerLiveness): Promise<Answer> {
    const { runtime } = this.#context;
    const { start } = request.terms;
    const known = new Map<Asked, Reading>();
    for (const asked of request.asked) {
      const refusal = this.#refuse(asked, server);
      if (refusal) known.set(asked, refusal);
    }
    let left = request.asked.filter((asked) => !known.has(asked));
    const isWaiting = left.length > 0 && !this.#isUsable(server);
    if (isWaiting) {
      const reason = await this.#awaitConnection(request);
      for (const asked of left) {
        const refusal = reason ?? (asked.isDecided ? NOT_SENT : undefined);
        if (refusal) known.set(asked, refusal);
      }
      left = left.filter((asked) => !known.has(asked));
    }
    for (const [{ operation }, reading] of known) this.#note(operation.verb, reading, false);
    if (left.length === 0) {
      const at = runtime.now();
      return { readings: readingsOf(request, known), connection: -1, sentAt: start, at };
    }
    const part = left.length === request.asked.length ? request : new Request(left, request.terms);
    const answer = await this.#write(part, server, isWaiting).answer;
    if (part === request) return answer;
    for (const [asked, reading] of readEach(part, answer)) known.set(asked, reading);
    return { ...answer, readings: readingsOf(request, known) };
  }

  /** Why an operation is not sent, if that is known already. A release that cannot be sent now is pending. */
  #refuse({ operation, claim, isDecided }: Asked, server: ServerLiveness): Failure | undefined {
    if (operation.verb === 'release' && claim) {
      if (!claim.wasWrittenTo(this.index)) return NOT_SENT;
      if (this.#isGone) return DISCONNECTED;
      if (this.#isUsable(server)) return undefined;
      this.#cleanUp.retry(claim);
      return this.node.ready ? UNRESPONSIVE : NOT_READY;
    }
    if (isDecided || claim?.over) return NOT_SENT;
    const refusal = this.#identity?.refuse();
    if (refusal) return refusal;
    return server.isUnresponsive && !this.#mayProbe(server) ? UNRESPONSIVE : undefined;
  }

  #isUsable(server: ServerLiveness): boolean {
    return (!server.isUnresponsive || this.#mayProbe(server)) && this.#listen() && this.node.ready;
  }

  /** A command in flight shows when the server answers again. If the client has given up all of them, another one does. */
  #mayProbe(server: ServerLiveness): boolean {
    return server.isIdle && this.#cleanUp.size < MAX_PENDING;
  }

  async #awaitConnection({ terms }: Request): Promise<Failure | undefined> {
    const failed = await this.#waits.wait(terms, this.timeout.of(terms));
    if (failed) return this.#isClosed ? NOT_SENT : failed;
    // An adapter that tells of no connections may not be asked anything.
    return this.#listen() ? undefined : notConnected(this.node.lastError);
  }

  /** @param afterWait whether the request has waited for the connection, so that its time begins anew */
  #write(request: Request, server: ServerLiveness, afterWait = false): Flight {
    const { runtime } = this.#context;
    const { terms } = request;
    const sentAt = runtime.now();
    const timeout = this.timeout.of(terms);
    const begins = afterWait ? sentAt : terms.start;
    let resolve!: (answer: Answer) => void;
    const answer = new Promise<Answer>((settle) => (resolve = settle));
    const flight: Flight = {
      request,
      connection: this.#connection,
      sentAt,
      deadline: begins + timeout,
      server,
      resolve,
      answer,
      isSettled: false,
      isLate: false,
    };
    this.#identity?.require();
    terms.written[this.index] = this.#connection;
    for (const asked of request.asked) this.#noteWritten(asked);
    this.#flights.add(flight);
    server.written();
    this.#call(flight, request.command(this.node.cluster));
    return flight;
  }

  #noteWritten({ operation: { verb }, claim }: Asked): void {
    if (verb !== 'extend' || !claim || claim.acquired[this.index] !== undefined) return;
    claim.extendedOn ??= new Set();
    claim.extendedOn.add(this.index);
  }

  #call(
    flight: Flight,
    { script, words }: { readonly script: Script; readonly words: readonly string[] },
  ): void {
    const isKnown = this.#known.has(script);
    const command = isKnown ? words : ['eval', script.source, ...words.slice(2)];
    this.node.call(command).then(
      (reply) => this.#replied(flight, script, reply),
      (error: unknown) => this.#failed(flight, script, isKnown, error),
    );
  }

  #replied(flight: Flight, script: Script, reply: unknown): void {
    const { request, server, sentAt } = flight;
    const isCurrent = flight.connection === this.#connection;
    if (isCurrent) this.#known.add(script);
    const now = this.#context.runtime.now();
    this.#answered(server, sentAt, now);
    if (script === ACQUIRE_SCRIPT && Number(reply) === 0 && reply !== null) {
      // Somebody waits for the key, or shares it. The large script follows, unless nobody wants its answer any more.
      const isWanted = isCurrent && !flight.isLate && request.asked.some(isOpen) && this.node.ready;
      if (isWanted) this.#call(flight, request.largeCommand(this.node.cluster));
      else this.#settle(flight, [NOT_SENT], now);
      return;
    }
    const replies = repliesIn(reply, request.asked.length);
    if (replies === 1) this.#done(flight, now);
    else if (replies === null) {
      const error: Failure = { vote: 'failed', error: describeError(unexpectedReply()) };
      this.#settle(
        flight,
        request.asked.map(() => error),
        now,
      );
    } else this.#read(flight, replies, now);
  }

  /** Each operation was done. Perf: this is nearly always so, and then nothing is made for a single operation. */
  #done(flight: Flight, now: number): void {
    const { request, connection } = flight;
    const identity = this.#identity;
    if (identity === null || identity.isCounted(connection, request.terms.start)) {
      this.#settle(flight, null, now);
    } else
      this.#read(
        flight,
        request.asked.map(() => 1),
        now,
      );
  }

  /** Reads the replies once it is known whether they count. */
  #read(flight: Flight, replies: readonly unknown[], now: number): void {
    const { request, connection, deadline } = flight;
    const identity = this.#identity;
    const read = (): void => {
      const { start } = request.terms;
      const readings = request.asked.map(({ operation }, position) =>
        readCounted(operation, replies[position], identity, connection, start),
      );
      this.#settle(flight, readings, now);
    };
    if (identity?.isPending(connection) !== true) return read();
    // Its question was written before the command, so its answer is late only if the client has asked again.
    const limit = new Pause(Math.max(deadline - now, 0), this.#context.runtime, []);
    limit.unref();
    void Promise.race([identity.answer, limit.over]).then(() => {
      limit.end();
      read();
    });
  }

  #failed(flight: Flight, script: Script, wasKnown: boolean, error: unknown): void {
    const { request, server, sentAt } = flight;
    const now = this.#context.runtime.now();
    const reading: Failure = { vote: 'failed', error: describeError(error) };
    if (!isErrorReply(error)) {
      server.overdue(sentAt, now);
      this.#settle(
        flight,
        request.asked.map(() => reading),
        now,
        false,
      );
      return;
    }
    this.#answered(server, sentAt, now);
    if (wasKnown && error.message.startsWith('NOSCRIPT')) {
      this.#known.delete(script);
      this.#sendAgain(flight, [request.asked], now);
    } else if (request.asked.length > 1 && error.message.startsWith('NOPERM')) {
      // The server refuses a whole command because of one key that the user may not touch.
      this.#sendAgain(
        flight,
        request.asked.map((asked) => [asked]),
        now,
      );
    } else
      this.#settle(
        flight,
        request.asked.map(() => reading),
        now,
      );
  }

  /**
   * The server has executed nothing, for a reason that has nothing to do with each operation. A release may have overtaken
   * an acquire meanwhile; written again, that acquire would stay for its ttl. So of acquires and extensions, only those
   * whose outcome is open are sent again.
   */
  #sendAgain(flight: Flight, groups: readonly (readonly Asked[])[], now: number): void {
    const { request, server } = flight;
    this.#land(flight);
    const parts = groups
      .map((group) => group.filter((asked) => asked.operation.verb === 'release' || isOpen(asked)))
      .filter((group) => group.length > 0)
      .map((group) => new Request(group, request.terms));
    const answers = parts.map(async (part) => {
      const isUsable = this.#isUsable(server);
      const answer = isUsable ? this.#write(part, server).answer : this.send(part);
      return readEach(part, await answer);
    });
    void Promise.all(answers).then((readings) => {
      const known = new Map(readings.flat());
      flight.resolve({
        readings: readingsOf(request, known),
        connection: flight.connection,
        sentAt: flight.sentAt,
        at: parts.length === 0 ? now : this.#context.runtime.now(),
      });
    });
  }

  #answered(server: ServerLiveness, sentAt: number, now: number): void {
    this.timeout.measured(now - sentAt);
    server.answered(sentAt);
  }

  #land(flight: Flight): void {
    if (flight.isSettled) return;
    this.#flights.settle(flight);
    flight.server.settled();
  }

  /**
   * A command was answered, or given up by the client.
   * @param readings null: each operation was done, and that counts
   * @param wasAnswered whether the server has answered, perhaps with an error
   */
  #settle(
    flight: Flight,
    readings: readonly Reading[] | null,
    now: number,
    wasAnswered = true,
  ): void {
    const { request, connection, sentAt } = flight;
    this.#land(flight);
    const isCertain = wasAnswered && connection === this.#connection;
    let position = 0;
    for (const asked of request.asked) {
      const reading = readings?.[position++];
      if (reading === undefined) this.#health.wrote(asked.operation.verb);
      else if (!flight.isLate || wasAnswered)
        this.#note(asked.operation.verb, reading, wasAnswered);
      this.#cleanUp.settle(asked, reading, isCertain, connection);
    }
    if (!flight.isLate) flight.resolve({ readings, connection, sentAt, at: now });
    this.#sendPending();
    this.#stopListeningIfDone();
  }

  /** Sends pending releases if that is possible now. */
  #sendPending(): void {
    if (this.#cleanUp.size === 0 || !this.node.ready || !this.#listen()) return;
    const { runtime, counterGrace } = this.#context;
    const now = runtime.now();
    const claims = this.#cleanUp.take();
    if (claims.length === 0) return;
    for (const group of this.node.cluster ? claims.map((claim) => [claim]) : [claims]) {
      const asked = group.map((claim) => {
        const operation = lateRelease(claim, this.index, now);
        return { operation, claim, isDecided: true };
      });
      const terms = {
        start: now,
        base: MAX_DEFAULT,
        most: MAX_DEFAULT,
        allowance: 0,
        isShort: false,
        counterGrace: counterGrace(),
        written: [],
      };
      const request = new Request(asked, terms);
      const server = this.#liveness.of(request);
      if (server.isUnresponsive && !server.isIdle) {
        this.#cleanUp.putBack(group);
      } else {
        for (const claim of group) this.#cleanUp.sent(claim, this.#connection);
        this.#write(request, server);
      }
    }
  }

  #stopListeningIfDone(): void {
    if (!this.#isClosed) return;
    if (!this.node.isOwned && (this.#cleanUp.size > 0 || !this.#flights.isEmpty)) return;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#cleanUp.close();
    this.#flights.close();
  }

  #note(verb: Asked['operation']['verb'], reading: Reading, answered: boolean): void {
    if (reading !== NOT_SENT) this.#health.voted(verb, reading, answered);
  }

  #failLate(late: readonly Flight[], now: number): void {
    for (const flight of late) {
      const { request, server, sentAt, connection, deadline } = flight;
      flight.isLate = true;
      server.overdue(sentAt, now);
      const ms = Math.ceil(deadline - request.terms.start);
      const reading = failure('TIMEOUT', `no reply within ${ms} ms`, 'TimeoutError');
      for (const { operation } of request.asked) this.#note(operation.verb, reading, false);
      this.#cleanUp.giveUp(request, connection);
      flight.resolve({ readings: request.asked.map(() => reading), connection, sentAt, at: now });
    }
    this.#sendPending();
  }
}

function isRelease({ operation }: Asked): boolean {
  return operation.verb === 'release';
}

function isOpen({ isDecided, claim }: Asked): boolean {
  return !isDecided && claim?.over !== true;
}

/** What a node said to each operation of a request. */
function readEach(request: Request, { readings }: Answer): [Asked, Reading][] {
  return request.asked.map((asked, position) => [
    asked,
    readings?.[position] ?? granted(asked.operation),
  ]);
}

function readingsOf(request: Request, known: ReadonlyMap<Asked, Reading>): readonly Reading[] {
  return request.asked.map((asked) => known.get(asked) ?? NOT_SENT);
}
