import type { Events } from './events.js';
import type { Hold } from './hold.js';
import type { Quorum } from './quorum.js';
import type { Runtime } from './runtime.js';
import type { Settings } from './settings.js';
import type { Announcements } from './waiting/announcements.js';
import type { WaitingLines } from './waiting/waiting-lines.js';
import type { Watch } from './watch.js';

/** What the parts of one Redlock share. */
export interface Core {
  readonly quorum: Quorum;
  readonly settings: Settings;
  readonly events: Events;
  readonly runtime: Runtime;
  readonly announcements: Announcements;
  readonly lines: WaitingLines;
  readonly watch: Watch<Hold>;
  /** Aborted by close(). */
  readonly closed: AbortSignal;
}
