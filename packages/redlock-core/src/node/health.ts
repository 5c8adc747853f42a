import type { Identity } from './identity.js';
import { isUncounted } from './failures.js';
import type { Operation } from '../protocol/operations.js';
import type { Reading } from '../protocol/replies.js';
import type { ErrorData } from '../vote.js';

/** Called when a node stops being usable, and when it is usable again. */
export interface NodeHealthEvents {
  failed(node: string, error: ErrorData): void;
  recovered(node: string): void;
}

/** What an operation shows of a server. */
type Kind = Operation['verb'] | 'repair';

/**
 * Operations that make a lock or keep one. Releases and inspections do neither: a server that refuses every write
 * answers them well if there is nothing to delete.
 */
const VOTES: ReadonlySet<Kind> = new Set(['acquire', 'extend', 'repair']);

/**
 * Whether one node is usable, that is, whether it can make and keep locks. Each change is reported once.
 *
 * A node fails when it does not answer, or when it refuses a vote with an error. It recovers when a vote shows that its
 * server writes, and when it does again what it has refused.
 */
export class NodeHealth {
  readonly #node: string;
  readonly #identity: Identity | null;
  readonly #events: NodeHealthEvents;
  /** Whether the node can make and keep locks, as far as is known. Perf: read with each reply, and set here alone. */
  isUsable = true;
  /** The votes that the server has refused since it failed, with the code of the latest error. */
  readonly #refused = new Map<Kind, string>();

  constructor(node: string, identity: Identity | null, events: NodeHealthEvents) {
    this.#node = node;
    this.#identity = identity;
    this.#events = events;
  }

  /**
   * Learns from a vote.
   * @param answered whether the server has answered, possibly with an error
   */
  voted(operation: Operation, reading: Reading, answered: boolean): void {
    const kind = kindOf(operation);
    if (reading.vote === 'failed' && !isUncounted(reading)) this.#failed(kind, reading, answered);
    else if (!this.isUsable) this.#succeeded(kind, reading.vote !== 'denied');
  }

  /** A node that was not usable did what was requested. */
  wrote(operation: Operation): void {
    this.#succeeded(kindOf(operation), true);
  }

  #succeeded(kind: Kind, done: boolean): void {
    if (!this.#hasRecovered(kind, done)) return;
    this.isUsable = true;
    this.#refused.clear();
    this.#events.recovered(this.#node);
  }

  #failed(kind: Kind, { error }: { readonly error: ErrorData }, answered: boolean): void {
    if (answered && !VOTES.has(kind)) return;
    if (answered) this.#refused.set(kind, error.code);
    if (!this.isUsable) return;
    this.isUsable = false;
    this.#events.failed(this.#node, error);
  }

  /** @param done whether the server did what was requested, even if that does not count because the node is in quarantine */
  #hasRecovered(kind: Kind, done: boolean): boolean {
    // Until a fault is mended, the server's grants do not count, whatever it answers.
    if (this.#identity?.fault || !VOTES.has(kind)) return false;
    // To deny a grant, the server has tried to write. Every other denial comes from reading alone.
    if (!done && kind !== 'acquire') return false;
    return [...this.#refused].every(
      ([refused, code]) => refused === kind || isOverWith(kind, code),
    );
  }
}

/** Whether a vote of one kind shows that a server does not refuse others any more. */
function isOverWith(kind: Kind, code: string): boolean {
  // A server whose memory is full still extends. A user's rights differ from command to command.
  return kind !== 'extend' && code !== 'NOPERM';
}

function kindOf({ verb, repairs }: Operation): Kind {
  return repairs ? 'repair' : verb;
}
