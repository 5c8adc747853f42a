import type { AcquireSettings } from '../settings/acquire-settings.js';
import type { Core } from '../lock/core.js';
import { closedError } from '../errors.js';
import type { Hold } from '../lock/lease.js';
import type { LockKeys } from '../protocol/lock-keys.js';
import { Pause } from '../time/pause.js';

/** What a caller wants. */
export interface Request extends AcquireSettings {
  readonly resources: readonly string[];
  readonly lockKeys: LockKeys;
  readonly ttl: number;
  /** The proposal is above this, that of another lock of the same owner. */
  readonly above: number;
  /** Asked for by `using`. */
  readonly forRoutine: boolean;
  /** What the `using` routines around the caller hold, as far as they may be re-entered. */
  readonly owned: readonly Hold[] | undefined;
}

/** @throws when the caller has gone meanwhile, or the Redlock is closed */
export async function pauseFor(ms: number, core: Core, request: Request): Promise<void> {
  await new Pause(ms, core.runtime, [request.signal, core.closed]).over;
  throwIfEnded(core, request);
}

/** Once the caller has gone, or the Redlock is closed, nothing new is begun. */
export function throwIfEnded({ closed }: Core, { resources, signal }: Request): void {
  signal?.throwIfAborted();
  if (closed.aborted) throw closedError(resources);
}
