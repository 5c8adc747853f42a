import type { PermitOptions, TryPermitOptions } from '../semaphore.js';
import {
  parseAcquireOptions,
  parseTryAcquireOptions,
  type AcquireSettings,
} from './acquire-settings.js';

/** Settings of one acquire of a permit. Defaults of the Redlock make permits neither reentrant nor shared. */
export function parsePermitOptions(
  options: PermitOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  refuse(options);
  return { ...parseAcquireOptions(options, defaults), ...OF_PERMITS };
}

/** The same, for a call that tries once. */
export function parseTryPermitOptions(
  options: TryPermitOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  refuse(options);
  return { ...parseTryAcquireOptions(options, defaults), ...OF_PERMITS };
}

const OF_PERMITS = { reentrant: false, mode: 'exclusive' } as const;

/** Why a semaphore does not have an option, and what to do instead. */
const REFUSED: Readonly<Record<keyof typeof OF_PERMITS, string>> = {
  reentrant: 'each call takes a permit of its own; pass the lock on instead',
  mode: 'a permit has one holder; use more permits instead',
};

function refuse(options: unknown): void {
  if (typeof options !== 'object' || options === null) return;
  for (const [name, why] of Object.entries(REFUSED)) {
    if (name in options) throw new TypeError(`A semaphore has no option "${name}": ${why}`);
  }
}
