import type { Holding } from '../run/holding.js';
import type { Oracle } from '../run/events.js';
import type { Scene } from '../run/scene.js';

/** Fencing tokens are unique and grow in the order in which the resource was held. */
export class TokenOrder implements Oracle {
  /** Of each resource, the highest so far. */
  readonly #highest = new Map<string, Holding>();
  readonly #tokens = new Map<Holding, number>();

  constructor(private readonly scene: Scene) {}

  acquired(holding: Holding): void {
    this.#raised(holding);
  }

  /** A holder that still lives when its lock is adopted has what it had. */
  looked(holding: Holding): void {
    if (holding.adopted) return;
    if (holding.fencingToken !== this.#tokens.get(holding)) this.#raised(holding);
  }

  #raised(holding: Holding): void {
    const { fencingToken, lock } = holding;
    this.#tokens.set(holding, fencingToken);
    // A shared handle may show the token of an exclusive lock that it shares besides.
    if (fencingToken === 0 || holding.mode === 'shared') return;
    if (!Number.isSafeInteger(fencingToken)) {
      this.scene.fail('token order', `${holding.token} has the fencing token ${fencingToken}`);
    }
    for (const resource of lock.resources) {
      const highest = this.#highest.get(resource);
      if (highest && highest.owner !== holding.owner && highest.fencingToken >= fencingToken) {
        this.scene.fail(
          'token order',
          `${holding.token} holds ${resource} with #${fencingToken}, but before it ` +
            `${highest.token} had #${highest.fencingToken}`,
        );
      }
      if (!highest || highest.fencingToken < fencingToken) this.#highest.set(resource, holding);
    }
  }
}
