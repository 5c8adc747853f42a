import type { AcquireOptions } from '../options.js';
import type { CampaignOptions } from '../election.js';
import { requireObject } from './argument.js';
import { requireKnown } from './known-options.js';

const OF_CAMPAIGN: ReadonlySet<string> = new Set([
  'wait',
  'signal',
  'retryDelay',
  'retryJitter',
  'maxHold',
]);
const OF_SIGNAL: ReadonlySet<string> = new Set(['signal']);

/**
 * The options with which leadership is acquired. What they have in common with those of `acquire` is checked there.
 * Whatever the defaults of the Redlock are, leadership is extended, has a term, and is shared with nobody.
 */
export function parseCampaignOptions(options: CampaignOptions = {}): AcquireOptions {
  requireObject(options);
  requireKnown(options, OF_CAMPAIGN);
  const { wait = Infinity, ...others } = options;
  return { ...others, wait, autoExtend: true, fencing: true, reentrant: false, mode: 'exclusive' };
}

/**
 * @returns the signal of options that have nothing else
 * @throws TypeError
 */
export function parseSignal(options: { readonly signal: AbortSignal }): AbortSignal {
  requireObject(options);
  requireKnown(options, OF_SIGNAL);
  const { signal } = options;
  if (!(signal instanceof AbortSignal)) throw new TypeError('signal must be an AbortSignal');
  return signal;
}
