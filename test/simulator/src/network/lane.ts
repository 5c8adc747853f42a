import type { Path } from './path.js';
import type { World } from '../world/world.js';

interface Message {
  readonly due: number;
  readonly deliver: () => void;
}

/** One direction of one connection: what is sent arrives in order, while the path is open. */
export class Lane {
  #messages: Message[] = [];
  #latest = 0;
  #broken = false;

  constructor(
    private readonly world: World,
    private readonly path: Path,
  ) {}

  send(deliver: () => void): void {
    if (this.#broken) return;
    this.#latest = Math.max(this.#latest, this.world.now + this.path.delay());
    if (this.#messages.push({ due: this.#latest, deliver }) === 1) this.#await(this.#latest);
  }

  /** The connection is broken: of what is under way only the first `count` arrive. */
  loseAllBut(count: number): void {
    this.#broken = true;
    this.#messages.length = Math.min(this.#messages.length, count);
  }

  get underWay(): number {
    return this.#messages.length;
  }

  #await(time: number): void {
    this.world.at(time, () => this.#arrive());
  }

  #arrive(): void {
    const [first] = this.#messages;
    if (!first) return;
    const blockedFor = this.path.blockedFor;
    if (blockedFor > 0) {
      this.#await(this.world.now + blockedFor + this.path.delay());
      return;
    }
    this.#messages.shift();
    const next = this.#messages[0];
    if (next) this.#await(next.due);
    first.deliver();
  }
}
