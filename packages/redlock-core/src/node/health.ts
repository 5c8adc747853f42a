import type { Identity } from './identity.js';
import { isUncounted } from './replies.js';
import type { Verb } from '../protocol/operations.js';
import type { Reading } from '../protocol/replies.js';
import type { ErrorData } from '../vote.js';

/** Called when a node stops being usable, and when it is usable again. */
export interface NodeHealthEvents {
  failed(node: string, error: ErrorData): void;
  recovered(node: string): void;
}

/**
 * Operations that make a lock or keep one. Releases and inspections do neither: a server that refuses every write
 * answers them well if there is nothing to delete.
 */
const VOTES: ReadonlySet<Verb> = new Set(['acquire', 'extend']);

/**
 * Whether one node is usable, that is, whether it can make and keep locks. Each change is told once.
 *
 * A node fails when it does not answer, or when it refuses a vote with an error. It recovers when a vote shows that its
 * server writes, and when it does again what it has refused.
 */
export class NodeHealth {
  readonly #node: string;
  readonly #identity: Identity | null;
  readonly #events: NodeHealthEvents;
  #usable = true;
  /** The votes that the server has refused since it failed, with the code of the latest error. */
  readonly #refused = new Map<Verb, string>();

  constructor(node: string, identity: Identity | null, events: NodeHealthEvents) {
    this.#node = node;
    this.#identity = identity;
    this.#events = events;
  }

  /**
   * Learns from a vote.
   * @param answered whether the server has answered, possibly with an error
   */
  voted(verb: Verb, reading: Reading, answered: boolean): void {
    if (reading.vote === 'failed' && !isUncounted(reading)) this.#failed(verb, reading, answered);
    else if (!this.#usable) this.#succeeded(verb, reading.vote !== 'denied');
  }

  /** The node did what was asked. */
  wrote(verb: Verb): void {
    if (!this.#usable) this.#succeeded(verb, true);
  }

  #succeeded(verb: Verb, done: boolean): void {
    if (!this.#hasRecovered(verb, done)) return;
    this.#usable = true;
    this.#refused.clear();
    this.#events.recovered(this.#node);
  }

  #failed(verb: Verb, { error }: { readonly error: ErrorData }, answered: boolean): void {
    if (answered && !VOTES.has(verb)) return;
    if (answered) this.#refused.set(verb, error.code);
    if (!this.#usable) return;
    this.#usable = false;
    this.#events.failed(this.#node, error);
  }

  /** @param done whether the server did what was asked, even if that does not count because the node is in quarantine */
  #hasRecovered(verb: Verb, done: boolean): boolean {
    // Until a fault is mended, the server's grants do not count, whatever it answers.
    if (this.#identity?.fault || !VOTES.has(verb)) return false;
    // To deny a grant, the server has tried to write. Every other denial comes from reading alone.
    if (!done && verb !== 'acquire') return false;
    return [...this.#refused].every(
      ([refused, code]) => refused === verb || isOverWith(verb, code),
    );
  }
}

/** Whether a vote of one kind shows that a server does not refuse others any more. */
function isOverWith(verb: Verb, code: string): boolean {
  // A server whose memory is full still extends. A user's rights differ from command to command.
  return verb !== 'extend' && code !== 'NOPERM';
}
