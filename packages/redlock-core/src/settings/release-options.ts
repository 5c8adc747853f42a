import { isPositive, POSITIVE, requireNumber } from './argument.js';
import type { ReleaseOptions } from '../options.js';
import { requireKnown } from './known-options.js';

const KNOWN: ReadonlySet<string> = new Set(['keepFor']);

/**
 * @returns `keepFor`, or 0
 * @internal
 */
export function parseReleaseOptions(options: ReleaseOptions | undefined): number {
  if (options === undefined) return 0;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const keepFor = typeof options === 'number' ? String(options) : 'ms';
    throw new TypeError(`The options of release must be an object; write { keepFor: ${keepFor} }`);
  }
  requireKnown(options, KNOWN);
  const { keepFor } = options;
  if (keepFor === undefined) return 0;
  requireNumber('keepFor', keepFor, POSITIVE, isPositive);
  return keepFor;
}
