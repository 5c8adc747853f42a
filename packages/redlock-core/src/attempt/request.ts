import type { LockKeys } from '../protocol/lock-keys.js';
import type { AcquireSettings } from '../settings/acquire-settings.js';

/** What a caller asks for, parsed. */
export interface Request extends AcquireSettings {
  readonly resources: readonly string[];
  readonly lockKeys: LockKeys;
  readonly ttl: number;
  /** Propose a fencing token above this one: the owner holds it already. */
  readonly above: number;
}
