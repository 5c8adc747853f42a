import type { Server } from '../server/server.js';

/** Since when the key of a lock is free on all nodes, as far as commands have changed it. */
export class Vacancy {
  /** Since when no node has anybody's token, because commands have deleted them, in true time. Infinity: some node has. */
  since: number;
  /** Some node was told to call nobody, since it was thought that somebody holds the lock. */
  isQuiet = false;
  /** Whether somebody holds the key on each node. */
  readonly #held = new Map<Server, boolean>();

  /** @param isFree whether the key counts as free before anybody has taken it */
  constructor(isFree: boolean) {
    this.since = isFree ? 0 : Infinity;
  }

  /**
   * A command was executed on a node.
   * @param now in true time
   */
  note(server: Server, isHeld: boolean, isReleasedQuietly: boolean, now: number): void {
    this.#held.set(server, isHeld);
    if (isReleasedQuietly) this.isQuiet = true;
    if (![...this.#held.values()].includes(true)) this.since = now;
  }

  /** Somebody has got the key. */
  end(): void {
    this.since = Infinity;
    this.isQuiet = false;
  }
}
