import type { Path } from './path.js';
import type { World } from './simulation.js';
import { Wire, type Message } from './wire.js';

/** What sessions of one client and one server have in common. */
export interface Route {
  readonly world: World;
  readonly path: Path;
  readonly traffic: Set<Message>;
}

/** One TCP connection. */
export class Session {
  readonly up: Wire;
  readonly down: Wire;
  /** Whether a reply was lost on it, so that it cannot be used any longer. */
  hasLost = false;

  /**
   * @param losesReplies whether the server's replies get lost now
   * @param onReset called at the client, when the server has ended the connection
   */
  constructor(
    { world, path, traffic }: Route,
    losesReplies: () => boolean,
    readonly onReset: () => void,
  ) {
    this.up = new Wire({ world, path, traffic, direction: 'up', isLossy: () => false });
    const isLossy = (): boolean => {
      this.hasLost ||= losesReplies();
      return losesReplies();
    };
    this.down = new Wire({ world, path, traffic, direction: 'down', isLossy });
  }

  close(): void {
    this.up.close();
    this.down.close();
  }
}
