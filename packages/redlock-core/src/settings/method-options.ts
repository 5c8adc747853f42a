import type { CampaignOptions } from '../election.js';
import type { AcquireOptions, CloseOptions, ConnectOptions, ReleaseOptions } from '../options.js';
import {
  isPositive,
  POSITIVE,
  requireBoolean,
  requireKnown,
  requireNumber,
  requireObject,
} from './argument.js';

const OF_RELEASE: ReadonlySet<string> = new Set(['keepFor']);

/**
 * @returns `keepFor`, or 0
 * @internal
 */
export function parseReleaseOptions(options: ReleaseOptions): number {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const keepFor = typeof options === 'number' ? String(options) : 'ms';
    throw new TypeError(`The options of release must be an object; write { keepFor: ${keepFor} }`);
  }
  requireKnown(options, OF_RELEASE);
  const { keepFor } = options;
  if (keepFor === undefined) return 0;
  requireNumber('keepFor', keepFor, POSITIVE, isPositive);
  return keepFor;
}

const OF_CONNECT: ReadonlySet<string> = new Set(['wait']);

/**
 * @returns how long to wait, in ms
 * @internal
 */
export function parseConnectOptions(options: ConnectOptions = {}): number {
  requireObject(options);
  requireKnown(options, OF_CONNECT);
  const { wait = 5000 } = options;
  requireNumber('wait', wait, 'at least 0', (n) => n >= 0);
  return wait;
}

const OF_CLOSE: ReadonlySet<string> = new Set(['release']);

/**
 * @returns whether to release everything that is held
 * @internal
 */
export function parseCloseOptions(options: CloseOptions = {}): boolean {
  requireObject(options);
  requireKnown(options, OF_CLOSE);
  const { release = false } = options;
  requireBoolean('release', release);
  return release;
}

const OF_CAMPAIGN: ReadonlySet<string> = new Set(['wait', 'signal', 'pollInterval', 'maxHold']);
const OF_SIGNAL: ReadonlySet<string> = new Set(['signal']);

/**
 * The options with which leadership is acquired. The check of `acquire` covers those in common.
 * Whatever the defaults of the Redlock are, leadership is extended, has a term, and is never shared.
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

/** A denied try reads the keys of all permits, and a script must not block its server for long. */
const MOST_PERMITS = 1000;

/** @throws TypeError, RangeError for a bad name or number of permits */
export function requireSemaphoreTerms(name: string, permits: number): void {
  if (typeof name !== 'string') throw new TypeError('The name of a semaphore must be a string');
  if (name === '') throw new RangeError('The name of a semaphore must not be an empty string');
  if (!name.isWellFormed()) {
    throw new RangeError(
      'The name of a semaphore must be well-formed Unicode, without lone surrogates',
    );
  }
  requireNumber('permits', permits, `a whole number from 1 to ${MOST_PERMITS}`, isCount);
}

function isCount(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= MOST_PERMITS;
}

/** @throws TypeError, RangeError if it is not the number of a permit */
export function requirePermit(permit: number, permits: number): void {
  const fits = (n: number): boolean => Number.isInteger(n) && n >= 0 && n < permits;
  requireNumber('permit', permit, `a whole number from 0 to ${permits - 1}`, fits);
}
