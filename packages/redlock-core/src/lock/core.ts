import type { Emitter } from './emitter.js';
import type { Hold } from './lease.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import type { Settings } from '../settings/settings.js';
import type { Announcements } from '../waiting/announcements.js';
import type { WaitingLines } from '../waiting/waiting-lines.js';
import type { Watch } from './watchdog.js';

/** What the parts of one Redlock share. */
export interface Core {
  readonly quorum: Quorum;
  readonly settings: Settings;
  readonly events: Emitter;
  readonly runtime: Runtime;
  readonly announcements: Announcements;
  readonly lines: WaitingLines;
  readonly watch: Watch<Hold>;
  /** Aborted by close(). */
  readonly closed: AbortSignal;
}
