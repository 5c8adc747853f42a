import { requireNumber, requireObject } from './argument.js';
import { requireKnown } from './known-options.js';

/** How to connect. */
export interface ConnectOptions {
  /** How long to wait for a quorum of nodes, in ms. Default 5000; 0 only looks; Infinity is allowed. */
  wait?: number | undefined;
}

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
