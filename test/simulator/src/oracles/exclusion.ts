import type { Holding } from '../run/holding.js';
import type { Oracle } from '../run/events.js';
import type { Scene } from '../run/scene.js';

/**
 * Never do two believe that they hold one resource, each by its own clocks, unless both share it. Between two events beliefs
 * only end, so it is enough to look when one begins or grows.
 */
export class Exclusion implements Oracle {
  constructor(private readonly scene: Scene) {}

  acquired(holding: Holding): void {
    this.looked(holding);
  }

  looked(holding: Holding): void {
    if (holding.adopted || !holding.believed) return;
    for (const other of this.scene.holdings.live) {
      if (other.owner === holding.owner || other.adopted || !other.believed) continue;
      if (!other.excludes(holding)) continue;
      const names = [other, holding].map(({ process, token }) => `${process.name} (${token})`);
      this.scene.fail(
        'exclusion',
        `${names.join(' and ')} both hold ${holding.lock.resources.join('+')}`,
      );
    }
  }
}
