import type { Lock } from '../core.js';

/** A lock as stories name it. */
export function tellLock({ resources, token, fencingToken, mode }: Lock): string {
  return (
    `${resources.join('+')} as ${token}` +
    (mode === 'shared' ? ', shared' : '') +
    (fencingToken > 0 ? `, #${fencingToken}` : '')
  );
}
