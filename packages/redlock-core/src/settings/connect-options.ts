import { requireNumber, requireObject } from './argument.js';
import type { ConnectOptions } from '../options.js';
import { requireKnown } from './known-options.js';

const KNOWN: ReadonlySet<string> = new Set(['wait']);

/**
 * @returns how long to wait, in ms
 * @internal
 */
export function parseConnectOptions(options: ConnectOptions = {}): number {
  requireObject(options);
  requireKnown(options, KNOWN);
  const { wait = 5000 } = options;
  requireNumber('wait', wait, 'at least 0', (n) => n >= 0);
  return wait;
}
