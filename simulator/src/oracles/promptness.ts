import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import type { ClientProcess } from '../world/process.js';

/** So many splits in a row are followed by pauses. */
const SPLITS_WITHOUT_PAUSE = 1;
/**
 * Votes for a permit are split more often, also without any grant, which cannot be told from other denials. So many tries
 * in a row may be denied before one of them may be followed by a pause.
 */
const DENIALS_WITHOUT_PAUSE = 2;

/** Whether processes that are called ask for the lock at once, as far as they themselves and their ways are concerned. */
export class Promptness {
  readonly #scene: Scene;
  readonly #deployment: Pick<Deployment, 'routes'>;
  /** When each process last found out that it has lost a lock, in true time. */
  readonly #lostAt = new Map<ClientProcess, number>();
  /** The split votes in a row of each process; of a semaphore, the denials, where a split counts as too many of them. */
  readonly #splits = new Map<string, number>();

  constructor(scene: Scene, deployment: Pick<Deployment, 'routes'>) {
    this.#scene = scene;
    this.#deployment = deployment;
  }

  granted(process: ClientProcess): void {
    this.#splits.delete(process.name);
  }

  lost(process: ClientProcess): void {
    this.#lostAt.set(process, this.#scene.world.now);
  }

  contended(process: string, isSplit: boolean): void {
    const more = (this.#splits.get(process) ?? 0) + 1;
    if (this.#scene.plan.semaphore) this.#splits.set(process, isSplit ? Infinity : more);
    else this.#splits.set(process, isSplit ? more : 0);
  }

  /** Whether a process may answer a call late, or not at all, because of what was so at a moment or since. */
  mayBeLate(client: Client, time: number): boolean {
    if (this.mayPause(client) || this.awareSince(client) > time) return true;
    return this.#deployment
      .routes(client)
      .some(({ up, calls }) => Math.max(up.disturbedUntil, calls.disturbedUntil) > time);
  }

  /** Whether a process may make a pause, because its latest votes were split. */
  mayPause({ process }: Client): boolean {
    const most = this.#scene.plan.semaphore ? DENIALS_WITHOUT_PAUSE : SPLITS_WITHOUT_PAUSE;
    return (this.#splits.get(process.name) ?? 0) > most;
  }

  /**
   * Since when a process does not take itself for the holder of a lock that it has lost or that another one has adopted, in
   * true time; Infinity: it does. Until then no caller of it asks for the lock, and calls for a permit that it believes to
   * have go unanswered.
   */
  awareSince({ process }: Client): number {
    const adopted = this.#scene.holdings.all.filter(
      (holding) => holding.process === process && holding.adopted,
    );
    const ends = adopted.map(({ believed, released }) =>
      believed ? Infinity : (released?.at ?? 0),
    );
    return Math.max(this.#lostAt.get(process) ?? 0, ...ends);
  }
}
