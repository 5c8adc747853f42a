import type { Identity } from './identity.js';
import { isDistrust, type Outcome } from './outcome.js';
import type { ErrorData } from './vote.js';

/** Who is told when a node stops being usable, and when it is again. */
export interface UsabilityEvents {
  failed(node: string, error: ErrorData): void;
  recovered(node: string): void;
}

/** Whether one node can be used, by how it has voted last. Each change is told once. */
export class Usability {
  readonly #node: string;
  readonly #identity: Identity | null;
  readonly #events: UsabilityEvents;
  #usable = true;

  constructor(node: string, identity: Identity | null, events: UsabilityEvents) {
    this.#node = node;
    this.#identity = identity;
    this.#events = events;
  }

  voted(outcome: Outcome<unknown>): void {
    const failed = outcome.vote === 'failed' && !isDistrust(outcome);
    if (failed !== this.#usable) return;
    // Whatever else it answers, its grants do not count until that is mended.
    if (!failed && this.#identity?.fault) return;
    this.#usable = !failed;
    if (failed) this.#events.failed(this.#node, outcome.error);
    else this.#events.recovered(this.#node);
  }
}
