import { decodeReply, formOf, type BatchEncoder } from '../protocol/batch.js';
import { batchesOf } from '../protocol/batches.js';
import { isErrorReply } from '../protocol/failure.js';
import { NATIVE_GRANT, readNativeError } from '../protocol/native-grant.js';
import type { Connection } from './connection.js';
import type { GuardedNode } from './guarded-node.js';
import { unexpectedReply } from '../protocol/reading.js';
import { SHARED } from '../protocol/word.js';
import type { Written } from './response.js';
import { KnownForms } from './known-forms.js';
import type { Form } from '../protocol/program.js';
import type { Round } from './round.js';
import type { Liveness, ServerLiveness } from './liveness.js';
import type { Tick } from '../time/tick.js';

/** Rounds that share one command to one node, which was written and is not answered yet. */
export interface Batch extends Written {
  readonly rounds: readonly Round[];
  readonly form: Form;
  /** Resolves when the command is answered or given up. Never rejects. */
  readonly sent: Promise<true>;
  /** The liveness of the server to which the command went. */
  readonly server: ServerLiveness;
  /** How often {@link CommandQueue.stragglers} has found the batch in flight. */
  age: number;
}

/** The age at which a batch is a straggler. */
const STRAGGLER_AGE = 2;

/**
 * Up to this many commands in flight, send at once. One: a sequential caller's previous command may still be pending on
 * a slow node.
 */
const LONE = 1;

/** Submits operations to a command queue, and learns what became of each. */
export interface QueueOwner {
  /** Called when a round is about to be written. False: the round is not to be written. */
  admit(round: Round): boolean;
  /**
   * Called when a command has been written.
   * @returns the time, on the monotonic clock
   */
  written(): number;
  /** The server has answered a batch. Called before `replied` and `failed` tell what it answered. */
  answered(batch: Batch): void;
  replied(round: Round, reply: unknown, batch: Batch): void;
  /**
   * @param answered true: the server has answered with an error. False: nobody answered, and the server may still
   * execute the operation, however late
   */
  failed(round: Round, error: unknown, answered: boolean, batch: Batch): void;
  /**
   * The server has executed nothing of the batch, for a reason that is not this round's.
   * @returns whether to write the round again
   */
  readmit(round: Round, batch: Batch): boolean;
}

/**
 * Sends the operations that one node is asked, many of them in one command, in the order in which they were submitted.
 *
 * Perf: commands per second. Most of what an operation costs, in the client and in the server alike, is its command. So
 * all operations of a tick share one (docs/decisions/batched-commands.md). A lone caller waits for nobody; if more
 * commands are in flight, the queue leaves when the event loop has read its sockets.
 */
export class CommandQueue {
  readonly #node: GuardedNode;
  readonly #connection: Connection;
  readonly #tick: Tick;
  readonly #encoder: BatchEncoder;
  readonly #liveness: Liveness;
  readonly #owner: QueueOwner;
  #queue: Round[] = [];
  /** Batches that were made from the queue and are not written yet. They leave one after another. */
  readonly #batches: (readonly Round[])[] = [];
  /** Batches in flight, the oldest first. */
  readonly #inFlight: Batch[] = [];
  readonly #known: KnownForms;

  constructor(
    node: GuardedNode,
    connection: Connection,
    { tick, encoder }: { readonly tick: Tick; readonly encoder: BatchEncoder },
    liveness: Liveness,
    owner: QueueOwner,
  ) {
    this.#node = node;
    this.#connection = connection;
    this.#tick = tick;
    this.#encoder = encoder;
    this.#liveness = liveness;
    this.#owner = owner;
    this.#known = new KnownForms(node, connection);
  }

  /** Batches that were in flight the last time, too. Each batch is returned once. */
  stragglers(): readonly Batch[] {
    return this.#inFlight.filter((batch) => ++batch.age === STRAGGLER_AGE);
  }

  /** Whether a batch in flight may still become a straggler. */
  get hasYoung(): boolean {
    const latest = this.#inFlight.at(-1);
    return latest !== undefined && latest.age < STRAGGLER_AGE;
  }

  submit(round: Round): void {
    if (this.#queue.push(round) > 1) return;
    if (this.#inFlight.length <= LONE) this.#tick.now(this.#flush);
    else this.#tick.afterSockets(this.#flush);
  }

  /**
   * Perf: latency over N nodes. Writes one batch and gives way to the other nodes, so that all of them begin while the
   * next batch is made, once for all of them.
   */
  readonly #flush = (): void => {
    const queue = this.#queue;
    this.#queue = [];
    // Perf: latency, alone. A single operation is a batch as it is.
    const isBatch = queue.length === 1 && this.#batches.length === 0;
    if (!isBatch) this.#batches.push(...batchesOf(queue, this.#node.cluster));
    const batch = (isBatch ? queue : this.#batches.shift()) ?? [];
    const rounds = batch.filter(this.#admit);
    if (rounds.length > 0) this.#write(rounds);
    if (this.#batches.length > 0) this.#tick.now(this.#flush);
  };

  readonly #admit = (round: Round): boolean => this.#owner.admit(round);

  #write(rounds: readonly Round[], mayBeNative = this.#known.mayBeNative): void {
    const form = formOf(rounds, mayBeNative);
    const whole = this.#known.get(form) !== true;
    // Before the command is written: the process may stand still in between, and a grant is never younger than its write.
    const sentAt = this.#owner.written();
    const sent = this.#node.call(this.#encoder.commandFor(rounds, form, whole)).then(
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
    const connection = this.#connection.number;
    const batch: Batch = { rounds, form, sent, connection, sentAt, server, age: 0 };
    this.#inFlight.push(batch);
  }

  #end(batch: Batch): void {
    const position = this.#inFlight.indexOf(batch);
    if (position === 0) this.#inFlight.shift();
    else this.#inFlight.splice(position, 1);
  }

  #replied(batch: Batch, reply: unknown): void {
    if (!this.#known.get(batch.form)) this.#known.set(batch.form, true, batch.connection);
    this.#owner.answered(batch);
    // The native form of a grant does not tell who shares the key, and whether anybody is left.
    if (batch.form === NATIVE_GRANT && reply === SHARED) {
      this.#writeAgain(batch.rounds, batch, false);
      return;
    }
    this.#tell(batch, decodeReply(reply, batch.rounds, batch.form));
  }

  /** @param replies one for each round; null: the server has answered something else */
  #tell(batch: Batch, replies: readonly unknown[] | null): void {
    let position = 0;
    for (const round of batch.rounds) {
      if (replies) this.#owner.replied(round, replies[position++], batch);
      else this.#owner.failed(round, unexpectedReply(), true, batch);
    }
  }

  #failed(batch: Batch, error: unknown, whole: boolean): void {
    const { rounds, form, connection } = batch;
    const answered = isErrorReply(error);
    if (answered) this.#owner.answered(batch);
    const replies = answered && form === NATIVE_GRANT ? readNativeError(error.message) : null;
    const isUnknown =
      replies === 'unknown' || (answered && !whole && error.message.startsWith('NOSCRIPT'));
    if (isUnknown) {
      this.#known.set(form, false, connection);
      this.#writeAgain(rounds, batch);
    } else if (replies) {
      this.#tell(batch, replies);
    } else if (answered && rounds.length > 1 && error.message.startsWith('NOPERM')) {
      // The server refuses a whole command because of one key that the user may not touch. Sent alone, the other
      // operations succeed.
      for (const round of rounds) this.#writeAgain([round], batch);
    } else {
      for (const round of rounds) this.#owner.failed(round, error, answered, batch);
    }
  }

  #writeAgain(rounds: readonly Round[], batch: Batch, mayBeNative?: boolean): void {
    const wanted = rounds.filter((round) => this.#owner.readmit(round, batch));
    if (wanted.length > 0) this.#write(wanted, mayBeNative);
  }
}
