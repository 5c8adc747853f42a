import type { Lock } from '../core.js';

/** A lock as stories name it. */
export function tellLock({ resources, token, fencingToken }: Lock): string {
  return `${resources.join('+')} as ${token}` + (fencingToken > 0 ? `, #${fencingToken}` : '');
}
