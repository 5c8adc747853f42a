import type { Holding } from './holding.js';
import type { Change } from './server.js';

/** Watches a run, and says when a promise does not hold. */
export interface Oracle {
  acquired?(holding: Holding): void;
  /** The process of a holding has run. */
  looked?(holding: Holding): void;
  /** @param asked when its extension was asked for, which went well */
  extended?(holding: Holding, asked: number): void;
  lost?(holding: Holding): void;
  /** @param confirmed what `release` resolved to */
  released?(holding: Holding, confirmed: boolean): void;
  /** The key of a resource is another on one node. */
  changed?(change: Change): void;
  /** The fencing counter of a resource is another on one node. Told after the key's own change, if there is one. */
  counted?(change: Change): void;
}
