import { Lane } from './lane.js';
import type { Path } from './path.js';
import type { Random } from 'test-kit/random';
import type { World } from '../world/world.js';

/** The ways between one client and one node. */
export interface Route {
  readonly up: Path;
  readonly down: Path;
  /** The way back on the connection for subscriptions. */
  readonly calls: Path;
}

/** One TCP connection. What was sent before it broke may still arrive, later than what its successor carries. */
export class Stream {
  /** The client has not noticed that it is broken. */
  open = true;
  broken = false;
  readonly up: Lane;
  readonly down: Lane;

  constructor(world: World, { up, down }: Pick<Route, 'up' | 'down'>) {
    this.up = new Lane(world, up);
    this.down = new Lane(world, down);
  }

  /** Nothing more is sent; part of what is under way to the node arrives. */
  break(random: Random): void {
    this.broken = true;
    this.up.loseAllBut(random.chance(0.5) ? random.integer(0, this.up.underWay) : Infinity);
    this.down.loseAllBut(0);
  }
}
