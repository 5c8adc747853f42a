import { encodedIn, isQueueTry } from '../commands/operations.js';
import type { Call, Contention, Oracle } from './oracle.js';
import type { Scene } from '../run/scene.js';

/**
 * So many tries of a waiter may ask for a ticket. One is the rule; but nodes that do not answer give none, and two waiters
 * may have come at the same moment.
 */
const MOST = 6;

/** The tries of one waiter that ask for a ticket. */
interface Asked {
  times: number;
  /** How often its process had been denied these keys by all nodes that voted when it asked for the first time. */
  readonly denials: number;
}

/**
 * A waiter asks the nodes for a ticket until they have given it one, and not at each try: otherwise each node would have
 * an order of its own.
 */
export class Tickets implements Oracle {
  readonly #scene: Scene;
  /** By process and keys. */
  readonly #denials = new Map<string, number>();
  readonly #tokens = new Set<string>();
  /** By process and the moment at which the waiter came, in microseconds on its monotonic clock. */
  readonly #asked = new Map<string, Asked>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  contended({ process, resources, isSplit }: Contention): void {
    // The nodes that denied it may have granted it before, and not have confirmed it. Then they have given no ticket.
    if (isSplit) return;
    const name = nameOf(process, resources);
    this.#denials.set(name, this.#denialsOf(name) + 1);
  }

  called({ process, command, at }: Call): void {
    // A node that has another permit gives no ticket: nobody needs to wait for this one.
    if ((this.#scene.plan.semaphore?.permits ?? 1) > 1) return;
    for (const operation of encodedIn(command)) {
      const { token, entries, keys } = operation;
      const ticket = parseInt((entries[0] ?? '').replace('*', ''), 10);
      if (!isQueueTry(operation) || ticket > 0 || this.#tokens.has(token)) continue;
      this.#tokens.add(token);
      this.#ask(nameOf(process.name, keys), Math.round(at * 1000 + ticket));
    }
  }

  /** @param name of the process, and of the keys that the waiter wants */
  #ask(name: string, arrival: number): void {
    const denials = this.#denialsOf(name);
    // The waiter has rounded what it has waited.
    const keys = [arrival, arrival - 1, arrival + 1].map((each) => `${name} ${each}`);
    const known = keys.map((key) => this.#asked.get(key)).find((each) => each !== undefined);
    const asked = known ?? { times: 0, denials };
    if (!known) this.#asked.set(keys[0] ?? '', asked);
    asked.times++;
    if (asked.times <= MOST || denials - asked.denials < MOST) return;
    this.#scene.fail(
      'tickets',
      `a waiter of ${name} asks for a ticket for the ${asked.times}th time`,
    );
  }

  #denialsOf(name: string): number {
    return this.#denials.get(name) ?? 0;
  }
}

function nameOf(process: string, keys: readonly string[]): string {
  return `${process} ${keys.join(' ')}`;
}
