import type { PermitOptions, TryPermitOptions } from '../semaphore.js';
import {
  parseAcquireOptions,
  parseTryAcquireOptions,
  type AcquireSettings,
} from './acquire-settings.js';

/** Settings of one acquire of a permit. Defaults of the Redlock do not make permits reentrant. */
export function parsePermitOptions(
  options: PermitOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  refuseReentry(options);
  return { ...parseAcquireOptions(options, defaults), reentrant: false };
}

/** The same, for a call that tries once. */
export function parseTryPermitOptions(
  options: TryPermitOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  refuseReentry(options);
  return { ...parseTryAcquireOptions(options, defaults), reentrant: false };
}

function refuseReentry(options: unknown): void {
  if (typeof options === 'object' && options !== null && 'reentrant' in options) {
    throw new TypeError(
      'A semaphore has no option "reentrant": each call takes a permit of its own; pass the lock on instead',
    );
  }
}
