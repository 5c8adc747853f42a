import type { Holding } from '../run/holding.js';
import type { Oracle } from '../run/events.js';
import type { Scene } from '../run/scene.js';

/** Both clocks are looked at once a second; a timer may be a little late. In ms. */
const LATEST = 1010;

/** Whose lock is lost is told: its signal aborts in time, and `lost` is emitted once. */
export class LockLostMessage implements Oracle {
  constructor(private readonly scene: Scene) {}

  lost(holding: Holding): void {
    const { token, lock, losses, released, signal } = holding;
    if (losses > 1) this.scene.fail('loss', `${token} was lost twice`);
    if (released?.believed) this.scene.fail('loss', `${token} was lost after its release`);
    if (!(signal ?? lock.signal).aborted) {
      this.scene.fail('loss', `${token} is lost and its signal not aborted`);
    }
  }

  looked(holding: Holding): void {
    const { process, signal, token, ends, first } = holding;
    if (process.paused || !first || !ends || holding.believed || signal?.aborted) {
      holding.endedSince = null;
      return;
    }
    const now = process.mono.read();
    holding.endedSince ??= now;
    if (now - Math.max(holding.endedSince, process.wokeAt) > LATEST) {
      this.scene.fail('loss', `${token} is over, and its signal was not aborted for a second`);
    }
  }
}
