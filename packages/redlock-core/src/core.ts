import type { Events } from './events.js';
import type { Settings } from './options.js';
import type { Quorum } from './quorum.js';
import type { Runtime } from './runtime.js';

/** What the parts of one Redlock share. */
export interface Core {
  readonly quorum: Quorum;
  readonly settings: Settings;
  readonly events: Events;
  readonly runtime: Runtime;
  /** Aborted by close(). */
  readonly closed: AbortSignal;
}
