import { requireObject } from './argument.js';
import type { CloseOptions } from '../options.js';
import { requireKnown } from './known-options.js';

const KNOWN: ReadonlySet<string> = new Set(['release']);

/**
 * @returns whether to release everything that is held
 * @internal
 */
export function parseCloseOptions(options: CloseOptions = {}): boolean {
  requireObject(options);
  requireKnown(options, KNOWN);
  const { release = false } = options;
  if (typeof release !== 'boolean') throw new TypeError('release must be a boolean');
  return release;
}
