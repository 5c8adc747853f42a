import type { LockKeys } from '../protocol/lock-keys.js';
import type { AcquireSettings } from '../settings/acquire-settings.js';

/** A caller's request, parsed. */
export interface Request extends AcquireSettings {
  readonly resources: readonly string[];
  readonly lockKeys: LockKeys;
  readonly ttl: number;
  /** Propose a fencing token above this one, which the owner holds already. */
  readonly above: number;
}
