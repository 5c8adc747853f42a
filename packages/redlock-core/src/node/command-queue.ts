import { batchesOf, decodeReply, type BatchEncoder } from '../protocol/batch.js';
import { isErrorReply } from '../protocol/failure.js';
import type { GuardedNode } from './guarded-node.js';
import { unexpectedReply } from '../protocol/operation.js';
import type { Round } from './round.js';
import type { Liveness, ServerLiveness } from './liveness.js';
import type { Tick } from '../time/tick.js';

/** Rounds in one command, under way to one node. */
export interface Batch {
  readonly rounds: readonly Round[];
  /** Resolves, and never rejects, when it is answered or given up. */
  readonly sent: Promise<true>;
  /** The one it was written on; see {@link CommandQueue.connection}. */
  readonly connection: number;
  /** When it was written, on the monotonic clock. */
  readonly sentAt: number;
  /** The liveness of the server that it went to. */
  readonly server: ServerLiveness;
  /** How often {@link CommandQueue.stragglers} has found it in flight. */
  age: number;
}

const STRAGGLER_AGE = 2;

/**
 * So many commands a lone caller has in flight when it goes on: the one before, to a node that is slower
 * than the quorum.
 */
const LONE = 1;

/** Who asks, and is told what became of it. */
export interface QueueOwner {
  /** Called as a round is about to be written. False: it is not wanted any more. */
  admit(round: Round): boolean;
  /** @returns when that was, on the monotonic clock */
  written(): number;
  /** The server has answered, before anybody is told what. */
  answered(batch: Batch): void;
  replied(round: Round, reply: unknown, batch: Batch): void;
  /** @param answered by the server, with an error; otherwise it may still act, however late */
  failed(round: Round, error: unknown, answered: boolean, batch: Batch): void;
  /** The server has done nothing of it for a reason of the batch. Whether to send it again. */
  readmit(round: Round, batch: Batch): boolean;
}

/**
 * Sends what one node is asked, many operations in one command: most of what an operation costs, in
 * client and server alike, is the command . A lone caller waits for nobody; where more
 * is in flight, all that comes until the event loop has read its sockets leaves together. Operations are
 * executed in the order in which they were submitted.
 */
export class CommandQueue {
  readonly #node: GuardedNode;
  readonly #tick: Tick;
  readonly #encoder: BatchEncoder;
  readonly #liveness: Liveness;
  readonly #committer: QueueOwner;
  #queue: Round[] = [];
  /** Of what was in the queue: written one after another, in this tick. */
  readonly #batches: (readonly Round[])[] = [];
  /** Oldest first. */
  readonly #inFlight: Batch[] = [];
  #connection = 0;
  /** The server has run the script. Before that it is sent whole: asking costs a round trip. */
  #known = false;

  constructor(
    node: GuardedNode,
    tick: Tick,
    encoder: BatchEncoder,
    liveness: Liveness,
    committer: QueueOwner,
  ) {
    this.#node = node;
    this.#tick = tick;
    this.#encoder = encoder;
    this.#liveness = liveness;
    this.#committer = committer;
  }

  /**
   * Counts connections. What was not answered on the one it was written on may be executed again, or
   * later.
   */
  get connection(): number {
    return this.#connection;
  }

  /** What is in flight and was so the last time, too; each batch once. */
  stragglers(): readonly Batch[] {
    return this.#inFlight.filter((batch) => ++batch.age === STRAGGLER_AGE);
  }

  /** Something in flight may become a straggler. */
  get hasYoung(): boolean {
    const latest = this.#inFlight.at(-1);
    return latest !== undefined && latest.age < STRAGGLER_AGE;
  }

  submit(round: Round): void {
    if (this.#queue.push(round) > 1) return;
    if (this.#inFlight.length <= LONE) this.#tick.now(this.#flush);
    else this.#tick.afterSockets(this.#flush);
  }

  /** Behind a new connection there may be another server. */
  reconnected(): void {
    this.#connection++;
    this.#known = false;
  }

  /** One batch at a time, in turn with the other nodes: they begin while the next is made, for all of them. */
  readonly #flush = (): void => {
    const queue = this.#queue;
    if (queue.length > 0) {
      this.#queue = [];
      this.#batches.push(...batchesOf(queue, this.#node.cluster));
    }
    const batch = this.#batches.shift() ?? [];
    const rounds = batch.filter((round) => this.#committer.admit(round));
    if (rounds.length > 0) this.#write(rounds);
    if (this.#batches.length > 0) this.#tick.now(this.#flush);
  };

  #write(rounds: readonly Round[]): void {
    const whole = !this.#known;
    const sent = this.#node.call(this.#encoder.commandFor(rounds, whole)).then(
      (reply) => {
        this.#end(batch);
        this.#replied(batch, reply);
        return true as const;
      },
      (error: unknown) => {
        this.#end(batch);
        this.#failed(batch, error, whole);
        return true as const;
      },
    );
    const server = this.#liveness.of(rounds[0]);
    const sentAt = this.#committer.written();
    const batch: Batch = { rounds, sent, connection: this.#connection, sentAt, server, age: 0 };
    this.#inFlight.push(batch);
  }

  #end(batch: Batch): void {
    const position = this.#inFlight.indexOf(batch);
    if (position === 0) this.#inFlight.shift();
    else this.#inFlight.splice(position, 1);
  }

  #replied(batch: Batch, reply: unknown): void {
    this.#known = true;
    this.#committer.answered(batch);
    const replies = decodeReply(reply, batch.rounds);
    let position = 0;
    for (const round of batch.rounds) {
      if (replies) this.#committer.replied(round, replies[position++], batch);
      else this.#committer.failed(round, unexpectedReply(), true, batch);
    }
  }

  #failed(batch: Batch, error: unknown, whole: boolean): void {
    const { rounds } = batch;
    const answered = isErrorReply(error);
    if (answered) this.#committer.answered(batch);
    if (answered && !whole && error.message.startsWith('NOSCRIPT')) {
      this.#known = false;
      this.#writeAgain(rounds, batch);
    } else if (answered && rounds.length > 1 && error.message.startsWith('NOPERM')) {
      // One key that the user may not touch shall not fail its neighbours.
      for (const round of rounds) this.#writeAgain([round], batch);
    } else {
      for (const round of rounds) this.#committer.failed(round, error, answered, batch);
    }
  }

  #writeAgain(rounds: readonly Round[], batch: Batch): void {
    const wanted = rounds.filter((round) => this.#committer.readmit(round, batch));
    if (wanted.length > 0) this.#write(wanted);
  }
}
