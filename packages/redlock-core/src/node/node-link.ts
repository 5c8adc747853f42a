import { NOT_AWAITED } from '../protocol/outcome.js';
import { Admission } from './admission.js';
import { CleanUp } from './cleanup/clean-up.js';
import { CommandQueue } from './command-queue.js';
import { Connection } from './connection.js';
import { ConnectionProbe } from './connection-probe.js';
import { NodeTimeout } from './deadlines/node-timeout.js';
import { Drain } from './drain.js';
import type { GuardedNode } from './guarded-node.js';
import type { LinkContext } from './link-context.js';
import { Liveness } from './liveness.js';
import { Replies } from './replies.js';
import type { Response, Written } from './response.js';
import type { Round } from './round.js';
import { Voter } from './voter.js';

/** The core's side of one node: asks the node, and counts its votes. The parts that decide how are wired up here. */
export class NodeLink {
  readonly index: number;
  readonly #node: GuardedNode;
  readonly #connection: Connection;
  readonly #liveness: Liveness;
  readonly #cleanUp: CleanUp;
  readonly #drain: Drain;
  readonly #probe: ConnectionProbe;
  readonly #voter: Voter;
  readonly #admission: Admission;
  readonly #queue: CommandQueue;

  constructor(
    index: number,
    node: GuardedNode,
    nodeTimeout: number | undefined,
    context: LinkContext,
  ) {
    const { runtime, stragglers } = context;
    const timeout = new NodeTimeout(runtime, node.timeout ?? nodeTimeout);
    const connection = new Connection(node, context, () => this.#connected());
    const liveness = new Liveness(node, runtime);
    const cleanUp = new CleanUp(index, node, runtime, {
      ask: (round) => this.ask(round),
      forgiven: () => drain.check(),
    });
    const drain = new Drain(node, connection, cleanUp, timeout);
    const voter = new Voter(index, node.name, context, connection, timeout);
    const admission = new Admission(node, connection, liveness, cleanUp, timeout, drain, voter);
    const replies = new Replies(runtime, connection, timeout, cleanUp, drain, voter);
    this.index = index;
    this.#node = node;
    this.#connection = connection;
    this.#liveness = liveness;
    this.#cleanUp = cleanUp;
    this.#drain = drain;
    this.#probe = new ConnectionProbe(index, node, connection, drain);
    this.#voter = voter;
    this.#admission = admission;
    this.#queue = new CommandQueue(node, connection, context, liveness, {
      admit: (round) => admission.admit(round),
      readmit: (round, batch) => admission.readmit(round, batch),
      written: () => {
        stragglers.expect();
        return runtime.now();
      },
      answered: (batch) => replies.answered(batch),
      replied: (round, reply, batch) => replies.replied(round, reply, batch),
      failed: (round, error, answered, batch) => replies.failed(round, error, answered, batch),
    });
    stragglers.add(() => replies.watchStragglers(this.#queue));
    connection.open();
  }

  /** Whether an operation could be written now; on a Cluster, to some of the masters. */
  get isWithinReach(): boolean {
    return this.#node.ready && (this.#node.cluster || !this.#liveness.isBlocked);
  }

  /** Resolves when the node is connected and its identity is known and beyond doubt, or when the link is closed. */
  connected(): Promise<void> {
    return this.#probe.connected();
  }

  /**
   * Whether the node is connected, as a vote. `granted`: the node's votes would count.
   * @param ms for how long the caller has waited for that
   */
  connection(ms: number): Response<void> {
    return this.#probe.response(ms);
  }

  /** Sends a round's operation and counts the node's vote as soon as it is known. */
  ask(round: Round): void {
    if (round.operation.kind === 'release') this.#cleanUp.expect(round.operation);
    this.#queue.submit(round);
  }

  /** Ends the wait for the node's vote in a round. The reply may still come, and is then late. */
  giveUp(round: Round): void {
    this.#voter.vote(round, NOT_AWAITED);
  }

  /** Whether a command could be written to the node's connection now. */
  get isReady(): boolean {
    return this.#node.ready;
  }

  /** See {@link Admission.stopWaiting}. */
  stopWaiting(round: Round, now: boolean): void {
    this.#admission.stopWaiting(round, now);
  }

  /** Whether a grant still counts when its attempt is decided. */
  stands(written: Written): boolean {
    return this.#voter.stands(written);
  }

  /**
   * Ends timers and waits, and closes a client that the adapter made. Through a client that stays open, releases that
   * are owed still follow.
   */
  async close(): Promise<void> {
    this.#connection.identity?.close();
    this.#drain.begin();
    if (!this.#liveness.isSilent) await this.#drain.released();
    this.#liveness.close();
    this.#probe.wake();
    this.#admission.close();
    await this.#connection.close();
  }

  #connected(): void {
    this.#liveness.end();
    this.#cleanUp.reconnected();
    this.#probe.wake();
    for (const round of this.#admission.connected()) this.#queue.submit(round);
  }
}
