import { granted, type Failure, type Reading } from '../protocol/replies.js';
import type { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import { PendingReleases, lateRelease } from './pending-releases.js';
import { ConnectionWaits } from './connection-waits.js';
import type { GuardedNode } from './guarded-node.js';
import { NodeHealth, type NodeHealthEvents } from './health.js';
import { Identity } from './identity.js';
import type { RunIds } from './known-servers.js';
import { isOpen, Pipeline, type Answer, type Flight, type Outcome } from './pipeline.js';
import { Quarantine, type QuarantineEvents, type QuarantineTerms } from './quarantine.js';
import { DISCONNECTED, NOT_READY, NOT_SENT, notConnected, UNRESPONSIVE } from './failures.js';
import { Request, type Asked, type RequestTerms } from './request.js';
import { Liveness, type ServerLiveness } from './server-liveness.js';
import { MAX_DEFAULT, NodeTimeout } from './timeouts.js';

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
  /** A server has reported its time. */
  clock(node: number, microseconds: number, at: number): void;
}

/** If a client has given up all commands to an unresponsive node, more are sent while fewer releases are pending. */
const MAX_PENDING = 64;

/**
 * The core's side of one node: writes requests, reads the replies, and ensures that nothing that was written outlives
 * its claim. Its parts: the pipeline writes commands and has their deadlines, the identity knows the server and its
 * quarantine, the liveness replaces a connection that is silent, pending releases follow what may be executed late.
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
  readonly #pending: PendingReleases;
  readonly #pipeline: Pipeline;
  readonly #waits: ConnectionWaits;
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
    this.#pending = new PendingReleases(index, node.cluster, runtime, () => {
      this.#sendPending();
      this.#stopListeningIfDone();
    });
    this.#pipeline = new Pipeline(node, runtime, this.timeout, this.#identity, this.#late);
    this.#waits = new ConnectionWaits(node, runtime);
    // The earlier a server is seen, the fewer restarts go unnoticed.
    this.#identity?.askIfUnknown();
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

  /**
   * Splits a request into parts that end at different times: without a connection, releases are pending at once, and
   * acquires wait for the connection. Perf: nearly all requests need no split, and then this is not called.
   */
  partsOf<A extends Asked>(request: Request<A>): readonly Request<A>[] {
    const releases = request.asked.filter(isRelease);
    if (releases.length === 0 || releases.length === request.asked.length) return [request];
    const others = request.asked.filter((asked) => !isRelease(asked));
    return [releases, others].map((part) => new Request(part, request.terms));
  }

  /** Asks the node. Never rejects. */
  send(request: Request): Promise<Answer> {
    const server = this.#liveness.of(request);
    const canWrite = !server.isUnresponsive && this.#listen() && this.node.ready;
    if (canWrite && !this.#identity?.refuse()) {
      return this.#write(request, server, request.terms.start);
    }
    return this.#sendWhenPossible(request, server);
  }

  /** Why no vote of the node would count now; `undefined` if votes count. A quarantine is no reason, because it passes. */
  get fault(): Failure | undefined {
    if (!this.node.ready) return notConnected(this.node.lastError);
    return this.#identity?.doubtConnection();
  }

  /**
   * Resolves when the node is connected and its identity is known and beyond doubt, when the limit has passed, or when the
   * link is closed.
   */
  async connected(limit: Pause): Promise<void> {
    while (!this.#isClosed && !limit.isOver) {
      if (!this.node.ready) this.node.connect();
      else {
        this.#identity?.askIfUnknown();
        await Promise.race([this.#identity?.answer, limit.over]);
      }
      if (this.fault === undefined) return;
      await this.#waits.next(limit);
    }
  }

  /** Lets no request wait for a connection any more. */
  stopConnecting(): void {
    this.#waits.close();
  }

  /**
   * Ends timers and waits, and closes a client that the adapter made. Waits for releases under way, at most a node timeout.
   * Through a client that stays open, pending releases still follow.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#identity?.close();
    for (const { request, connection } of this.#pipeline.unended) {
      this.#pending.giveUp(request, connection);
    }
    this.#sendPending();
    this.#waits.close();
    if (!this.#liveness.isUnresponsive) {
      const releases = this.#pipeline.unended.filter(({ request }) =>
        request.asked.some(isRelease),
      );
      await Promise.all(releases.map(({ answer }) => answer));
    }
    this.#liveness.close();
    if (this.node.isOwned) this.#pending.close();
    await this.node.close();
    this.#stopListeningIfDone();
  }

  #listen(): boolean {
    this.#stopListening ??= this.node.onReady(this.#connected);
    return this.#stopListening !== null;
  }

  readonly #connected = (): void => {
    this.#connection++;
    this.#pipeline.connected(this.#connection);
    this.#identity?.reconnected(this.#connection);
    this.#liveness.end();
    this.#pending.reconnected(this.#pipeline.unended);
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
    // Asked once: a release must be sent or be pending, whatever an adapter says the next time.
    const isUsable = this.#isUsable(server);
    const known = new Map<Asked, Reading>();
    for (const asked of request.asked) {
      const refusal = this.#refuse(asked, server, isUsable);
      if (refusal) known.set(asked, refusal);
    }
    let left = request.asked.filter((asked) => !known.has(asked));
    const isWaiting = left.length > 0 && !isUsable;
    if (isWaiting) {
      const reason = await this.#awaitConnection(request);
      for (const asked of left) {
        const refusal = reason ?? (isWanted(asked) ? undefined : NOT_SENT);
        if (refusal) known.set(asked, refusal);
      }
      left = left.filter((asked) => !known.has(asked));
    }
    for (const [asked, reading] of known) this.#note(asked, reading, false);
    if (left.length === 0) {
      this.#stopListeningIfDone();
      const at = runtime.now();
      return { readings: readingsOf(request, known), connection: -1, sentAt: start, at };
    }
    const part = left.length === request.asked.length ? request : new Request(left, request.terms);
    const answer = await this.#write(part, server, runtime.now(), isWaiting);
    if (part === request) return answer;
    for (const [asked, reading] of readEach(part, answer)) known.set(asked, reading);
    return { ...answer, readings: readingsOf(request, known) };
  }

  /** Why an operation is not sent, if that is known already. A release that cannot be sent now is pending. */
  #refuse(asked: Asked, server: ServerLiveness, isUsable: boolean): Failure | undefined {
    const { operation, claim } = asked;
    if (operation.verb === 'release' && claim) {
      if (!claim.wasWrittenTo(this.index)) return NOT_SENT;
      if (this.#isGone) return DISCONNECTED;
      if (isUsable) return undefined;
      this.#pending.retry(claim);
      return this.node.ready ? UNRESPONSIVE : NOT_READY;
    }
    if (!isWanted(asked)) return NOT_SENT;
    const refusal = this.#identity?.refuse();
    if (refusal) return refusal;
    return server.isUnresponsive && !this.#mayProbe(server) ? UNRESPONSIVE : undefined;
  }

  #isUsable(server: ServerLiveness): boolean {
    return (!server.isUnresponsive || this.#mayProbe(server)) && this.#listen() && this.node.ready;
  }

  /** A command in flight shows when the server answers again. If the client has given up all of them, another one does. */
  #mayProbe(server: ServerLiveness): boolean {
    return server.isIdle && this.#pending.size < MAX_PENDING;
  }

  async #awaitConnection({ terms }: Request): Promise<Failure | undefined> {
    const failed = await this.#waits.wait(terms, this.timeout.of(terms));
    if (failed) return this.#isClosed ? NOT_SENT : failed;
    // An adapter that reports no connections may not be queried.
    return this.#listen() ? undefined : notConnected(this.node.lastError);
  }

  /**
   * @param sentAt now, on the monotonic clock. Perf: all nodes of a batch share one reading of the clock.
   * @param afterWait whether the request has waited for the connection: its timeout starts again, and includes the rest of
   * the time for the connection
   */
  #write(
    request: Request,
    server: ServerLiveness,
    sentAt: number,
    afterWait = false,
  ): Promise<Answer> {
    const { terms } = request;
    this.#identity?.askIfUnknown();
    terms.written[this.index] = this.#connection;
    for (const asked of request.asked) this.#noteWritten(asked, terms);
    const timeout = this.timeout.of(terms);
    const { start, allowance } = terms;
    const deadline = afterWait ? Math.max(start + allowance, sentAt + timeout) : start + timeout;
    const flight = this.#pipeline.write(request, server, sentAt, deadline);
    void flight.outcome?.then((outcome) => this.#settle(flight, outcome));
    return flight.answer;
  }

  #noteWritten({ operation: { verb }, claim }: Asked, { written }: RequestTerms): void {
    // A release that is not for all nodes, or is sent late, is no part of the record of its batch.
    if (verb === 'release' && claim && claim.releaseWrittenOn !== written) {
      this.#pending.sent(claim, this.#connection);
    }
    if (verb !== 'extend' || !claim || claim.acquireWrittenOn[this.index] !== undefined) return;
    claim.extendedOn ??= new Set();
    claim.extendedOn.add(this.index);
  }

  /** A command was answered, or given up by the client. */
  #settle(flight: Flight, { readings, wasAnswered, again }: Outcome): void {
    const { request, connection } = flight;
    if (again) this.#sendAgain(flight, again);
    else {
      const isCertain = wasAnswered && connection === this.#connection;
      let position = 0;
      for (const asked of request.asked) {
        const reading = readings?.[position++];
        if (reading === undefined) {
          if (!this.#health.isUsable) this.#health.wrote(asked.operation);
        } else if (!flight.isLate || wasAnswered) this.#note(asked, reading, wasAnswered);
        this.#pending.settle(asked, reading, isCertain, connection);
      }
    }
    this.#sendPending();
    if (this.#isClosed) this.#stopListeningIfDone();
  }

  /**
   * A release may have overtaken an acquire meanwhile; written again, that acquire would stay for its ttl. So of acquires
   * and extensions, only those whose outcome is open are sent again.
   */
  #sendAgain(flight: Flight, groups: readonly (readonly Asked[])[]): void {
    const { request, server, connection, sentAt } = flight;
    const parts = groups
      .map((group) => group.filter((asked) => isRelease(asked) || isOpen(asked)))
      .filter((group) => group.length > 0)
      .map((group) => new Request(group, request.terms));
    const answers = parts.map(async (part) => {
      const answer = this.#isUsable(server)
        ? this.#write(part, server, this.#context.runtime.now())
        : this.send(part);
      return readEach(part, await answer);
    });
    void Promise.all(answers).then((readings) => {
      const known = new Map(readings.flat());
      const at = this.#context.runtime.now();
      flight.resolve({ readings: readingsOf(request, known), connection, sentAt, at });
    });
  }

  readonly #late = ({ request, server, sentAt, connection }: Flight, reading: Failure): void => {
    server.overdue(sentAt, this.#context.runtime.now());
    for (const asked of request.asked) this.#note(asked, reading, false);
    this.#pending.giveUp(request, connection);
    this.#sendPending();
  };

  /** Sends pending releases if that is possible now. */
  #sendPending(): void {
    if (this.#pending.size === 0 || !this.node.ready || !this.#listen()) return;
    const { runtime, counterGrace } = this.#context;
    const now = runtime.now();
    const claims = this.#pending.take();
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
      if (server.isUnresponsive && !server.isIdle) this.#pending.putBack(group);
      else void this.#write(request, server, now);
    }
  }

  #stopListeningIfDone(): void {
    if (!this.#isClosed) return;
    if (!this.node.isOwned && (this.#pending.size > 0 || !this.#pipeline.isEmpty)) return;
    this.#stopListening?.();
    this.#stopListening = null;
    this.#pending.close();
    this.#pipeline.close();
  }

  #note({ operation }: Asked, reading: Reading, wasAnswered: boolean): void {
    if (reading !== NOT_SENT) this.#health.voted(operation, reading, wasAnswered);
  }
}

/** A decided acquire is still written while its claim is held: the lock is welcome on one node more. */
function isWanted({ claim, isDecided }: Asked): boolean {
  return claim ? !claim.over : !isDecided;
}

function isRelease({ operation }: Asked): boolean {
  return operation.verb === 'release';
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
